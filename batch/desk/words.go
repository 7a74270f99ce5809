package desk

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"oshirase/templates"
)

// words are templates/desk/words.toml.
type words struct {
	Nav      map[string]string            `toml:"nav"`
	Note     map[string]string            `toml:"note"`
	Sentence map[string]string            `toml:"sentence"`
	Label    map[string]map[string]string `toml:"label"`
}

func readDeskWords(set *templates.Set) (words, error) {
	var w words
	b, err := set.File("desk/words.toml")
	if err != nil {
		return w, err
	}
	meta, err := toml.Decode(string(b), &w)
	if err != nil {
		return w, fmt.Errorf("template desk/words.toml: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return w, fmt.Errorf("template desk/words.toml: unknown key %s", extra[0])
	}
	for _, r := range Routes() {
		if r.Nav != "" && w.Nav[r.Nav] == "" {
			return w, fmt.Errorf("template desk/words.toml: nav.%s is missing", r.Nav)
		}
	}
	return w, nil
}

// sentence fills {1}, {2} … of a sentence. A missing one shows its key, a gap
// that is seen and searched for.
func (w words) sentence(key string, args ...string) string {
	s, ok := w.Sentence[key]
	if !ok {
		return "【sentence." + key + "】"
	}
	for i, a := range args {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%d}", i+1), a)
	}
	return s
}

func (w words) label(group, key string) string {
	if s, ok := w.Label[group][key]; ok {
		return s
	}
	return "【" + group + "." + key + "】"
}
