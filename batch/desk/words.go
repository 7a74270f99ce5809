package desk

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/BurntSushi/toml"

	"oshirase/letters"
	"oshirase/templates"
)

// words are templates/desk/words.toml.
type words struct {
	Nav      map[string]string            `toml:"nav"`
	Note     map[string]string            `toml:"note"`
	Sentence map[string]string            `toml:"sentence"`
	Label    map[string]map[string]string `toml:"label"`
	order    map[string][]string          // a group's keys as they stand in the file
}

func readDeskWords(set *templates.Set) (words, error) {
	w := words{order: map[string][]string{}}
	for _, name := range []string{"desk/words.toml", "desk/calls.toml"} {
		b, err := set.File(name)
		if err != nil {
			return w, err
		}
		meta, err := toml.Decode(string(b), &w)
		if err != nil {
			return w, fmt.Errorf("template %s: %w", name, err)
		}
		if extra := meta.Undecoded(); len(extra) > 0 {
			return w, fmt.Errorf("template %s: unknown key %s", name, extra[0])
		}
		for _, k := range meta.Keys() {
			if len(k) == 3 && k[0] == "label" {
				w.order[k[1]] = append(w.order[k[1]], k[2])
			}
		}
	}
	return w, w.complete()
}

// complete refuses words without which a page would show a gap.
func (w words) complete() error {
	for _, r := range Routes() {
		if r.Nav != "" && w.Nav[r.Nav] == "" {
			return fmt.Errorf("template desk/words.toml: nav.%s is missing", r.Nav)
		}
	}
	for _, a := range letters.Actions() {
		if w.Label["decision"][string(a)] == "" {
			return fmt.Errorf("template desk/words.toml: label.decision.%s is missing", a)
		}
	}
	for _, r := range roles() {
		if w.Label["role_does"][string(r)] == "" {
			return fmt.Errorf("template desk/words.toml: label.role_does.%s is missing", r)
		}
	}
	return nil
}

// sentence fills {1}, {2} … of a sentence. A missing one shows its key, a gap
// that is seen and searched for.
func (w words) sentence(key string, args ...string) string {
	s, ok := w.Sentence[key]
	if !ok {
		return "【sentence." + key + "】"
	}
	return fill(s, args)
}

func fill(s string, args []string) string {
	for i, a := range args {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%d}", i+1), a)
	}
	return s
}

// say is sentence for pages, whose values may be numbers.
func (w words) say(key string, args ...any) string {
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = fmt.Sprint(a)
	}
	return w.sentence(key, texts...)
}

// tell is say for pages whose values are not to be broken at a line's end.
func (w words) tell(key string, args ...string) template.HTML {
	whole := make([]string, len(args))
	for i, a := range args {
		whole[i] = `<span class="keep">` + template.HTMLEscapeString(a) + `</span>`
	}
	return template.HTML(fill(template.HTMLEscapeString(w.sentence(key)), whole))
}

func (w words) label(group, key string) string {
	if s, ok := w.Label[group][key]; ok {
		return s
	}
	return "【" + group + "." + key + "】"
}

// code is label for codes of other programs: an unknown one is shown as it is.
func (w words) code(group, key string) string {
	if s, ok := w.Label[group][key]; ok {
		return s
	}
	return key
}
