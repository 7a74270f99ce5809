package printing

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"oshirase/letters"
)

// Words are the headings and words that a receipt may use: the content of
// templates/headings/receipt.toml.
type Words struct {
	Columns map[string][]string `toml:"columns"` // letter, state, date, reason, pages
	States  map[string][]string `toml:"states"`  // ReceiptState
	Reasons map[string][]string `toml:"reasons"` // why the post returned it
	Eras    map[string]int      `toml:"eras"`    // era → the year before its first
	Marks   []string            `toml:"marks"`   // year, month and day sign of a written date
}

// ParseWords reads receipt.toml. Unknown keys, missing fields and a word that
// means two things are errors that name the key.
func ParseWords(content []byte) (Words, error) {
	var w Words
	meta, err := toml.Decode(string(content), &w)
	if err != nil {
		return Words{}, fmt.Errorf("receipt words: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return Words{}, fmt.Errorf("receipt words: unknown key %s", extra[0])
	}
	if len(w.Marks) != 3 {
		return Words{}, errors.New("receipt words: marks must be year, month and day")
	}
	return w, errors.Join(
		complete("columns", w.Columns, "letter", "state", "date", "reason", "pages"),
		complete("states", w.States, string(Posted), string(Withdrawn), string(Remade), string(Returned)),
		complete("reasons", w.Reasons))
}

func complete(table string, words map[string][]string, must ...string) error {
	for _, key := range must {
		if len(words[key]) == 0 {
			return fmt.Errorf("receipt words: %s.%s is missing", table, key)
		}
	}
	seen := make(map[string]bool)
	for key, list := range words {
		if len(must) > 0 && !slices.Contains(must, key) {
			return fmt.Errorf("receipt words: %s.%s is unknown", table, key)
		}
		for _, word := range list {
			if seen[fold(word)] {
				return fmt.Errorf("receipt words: a word of %s stands twice", table)
			}
			seen[fold(word)] = true
		}
	}
	return nil
}

// folded returns the words as cells are compared with them.
func (w Words) folded() Words {
	table := func(words map[string][]string) map[string][]string {
		out := make(map[string][]string, len(words))
		for key, list := range words {
			for _, word := range list {
				out[key] = append(out[key], fold(word))
			}
		}
		return out
	}
	w.Columns, w.States, w.Reasons = table(w.Columns), table(w.States), table(w.Reasons)
	return w
}

// find returns the key under which a cell's word stands.
func find(words map[string][]string, cell string) (string, bool) {
	s := fold(cell)
	for key, list := range words {
		if slices.Contains(list, s) {
			return key, true
		}
	}
	return "", false
}

// date reads 2023-02-24, 2023/2/24, 2023.2.24, 20230224 and written dates
// with or without an era (令和5年2月24日, R5.2.24). An empty cell is "".
func (w Words) date(cell string) (letters.Date, bool) {
	s := fold(cell)
	if s == "" {
		return "", true
	}
	for _, mark := range w.Marks[:2] {
		s = strings.Replace(s, mark, "-", 1)
	}
	s = strings.TrimSuffix(s, w.Marks[2])
	base := 0
	for era, before := range w.Eras {
		if rest, ok := strings.CutPrefix(s, era); ok {
			s, base = rest, before
		}
	}
	if len(s) == 8 && base == 0 && strings.IndexFunc(s, notDigit) < 0 {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	return civil(s, base)
}

func civil(s string, base int) (letters.Date, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(parts) != 3 {
		return "", false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || len(p) > 4 {
			return "", false
		}
		n[i] = v
	}
	d, err := letters.ParseDate(fmt.Sprintf("%04d-%02d-%02d", n[0]+base, n[1], n[2]))
	return d, err == nil && n[0]+base >= 2000
}
