package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"

	"oshirase/letters"
)

// words are the sentences of the command line, from templates/cli.
type words struct {
	Commands map[string]helpText `toml:"command"`
	Flags    map[string]string   `toml:"flag"`
	Status   map[string]string   `toml:"status"`
	Errors   map[string]string   `toml:"error"`
	Prompts  map[string]string   `toml:"prompt"`
	Labels   map[string]string   `toml:"label"`
	usage    string
	reports  *template.Template
}

// helpText is a command's help. Exit lists the statuses it can end with, each
// with its own meaning.
type helpText struct {
	Short string            `toml:"short"`
	Long  string            `toml:"long"`
	Exit  map[string]string `toml:"exit"`
	head  string
}

func (h helpText) text() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(h.Short + "\n\n" + strings.TrimSpace(h.Long)))
	if len(h.Exit) == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, "\n\n%s\n", h.head)
	for _, code := range []string{"0", "1", "2", "3", "4", "5"} {
		if what, ok := h.Exit[code]; ok {
			fmt.Fprintf(&b, "  %s  %s\n", code, what)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// readWords reads templates/cli: words.toml, usage.txt and one report a command.
func readWords(files fs.FS) (*words, error) {
	w := &words{}
	b, err := fs.ReadFile(files, "cli/words.toml")
	if err != nil {
		return nil, err
	}
	md, err := toml.Decode(string(b), w)
	if err != nil {
		return nil, fmt.Errorf("cli/words.toml: %w", err)
	}
	if extra := md.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("cli/words.toml: unknown key %s", extra[0])
	}
	usage, err := fs.ReadFile(files, "cli/usage.tmpl")
	if err != nil {
		return nil, err
	}
	w.usage = string(usage)
	w.reports, err = template.New("").Option("missingkey=error").Funcs(w.funcs()).ParseFS(files, "cli/*.txt")
	return w, err
}

func (w *words) funcs() template.FuncMap {
	return template.FuncMap{
		"word": func(kind, code any) string {
			if key := fmt.Sprint(kind) + "_" + fmt.Sprint(code); w.label(key) != key {
				return w.label(key)
			}
			return fmt.Sprint(code) // a code of another system stands for itself
		},
		"next": func(code string, m letters.Month) string {
			return strings.ReplaceAll(w.Labels["next_"+code], "{1}", string(m))
		},
		"postcode": func(s string) string {
			if len(s) != 7 {
				return s
			}
			return s[:3] + "-" + s[3:]
		},
		"num":   func(n int) string { return thousands(n) },
		"more":  func(ids []letters.ID, shown int) int { return len(ids) - shown },
		"num64": func(n int64) string { return thousands(int(n)) },
		"right": func(width int, s any) string { return pad(fmt.Sprint(s), width, true) },
		"left":  func(width int, s any) string { return pad(fmt.Sprint(s), width, false) },
		"id":    func(id letters.ID) string { return id.Groups() },
		"when":  func(us int64) string { return instant(us) },
	}
}

func (w *words) label(key string) string {
	if s, ok := w.Labels[key]; ok {
		return s
	}
	return key
}

func (w *words) help(use string) helpText {
	name, _, _ := strings.Cut(use, " ")
	h := w.Commands[name]
	h.head = w.Labels["exit_status"]
	return h
}

// usageOf is how a command is called, with our words for what it is given.
func (w *words) usageOf(use string) string {
	name, given, more := strings.Cut(use, " ")
	if !more {
		return use
	}
	ours := strings.NewReplacer("MONTH", w.label("given_month"), "LIST", w.label("given_list"), "FILE", w.label("given_file"),
		"DIR", w.label("given_folder"), "ID", w.label("given_id"), "NAME", w.label("given_name"), "CODE", w.label("given_code"))
	return name + " " + ours.Replace(given)
}

func (w *words) flag(name string) string { return w.Flags[name] }

// sentence fills {1}, {2} … of an error's or prompt's sentence.
func (w *words) sentence(key string, args ...string) string {
	s, ok := w.Errors[key]
	if !ok {
		if s, ok = w.Prompts[key]; !ok {
			s = key
		}
	}
	for i, a := range args {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%d}", i+1), a)
	}
	return s
}

// report prints a command's result: as one JSON object, or in words through
// templates/cli/NAME.txt.
func (p *program) report(name string, v any) error {
	p.reported = true
	if p.asJSON {
		enc := json.NewEncoder(p.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	var b bytes.Buffer
	if err := p.words.reports.ExecuteTemplate(&b, name+".txt", v); err != nil {
		return fmt.Errorf("report %s: %w", name, err)
	}
	_, err := b.WriteTo(p.out)
	return err
}
