package intake

import "strings"

// memo remembers what was made of short texts that come again and again, as
// the words of a list do. It belongs to one reading and never grows beyond
// memoSize.
type memo[V any] map[string]V

const memoSize, memoText = 4096, 200

func (m memo[V]) get(text string, make func(string) V) V {
	if v, ok := m[text]; ok {
		return v
	}
	v := make(text)
	if len(m) < memoSize && len(text) <= memoText {
		m[strings.Clone(text)] = v
	}
	return v
}
