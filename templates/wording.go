package templates

import (
	"fmt"
	"path"
	"strings"
	"text/template"

	"oshirase/letters"
)

// Scope is a family of wording with its own closed list of placeholders.
type Scope string

// The two scopes of placeholders.toml.
const (
	ScopeLetter   Scope = "letter"   // letters/*.md
	ScopeBriefing Scope = "briefing" // briefing/*.md
)

// List is the closed list of a scope: the Japanese names that wording may
// use, each with the name that the program knows it by.
type List struct {
	Inline    map[string]string `toml:"inline"`
	Block     map[string]string `toml:"block"`
	Condition map[string]string `toml:"condition"`
	Date      string            `toml:"date"` // the function that prints a date of the report
}

// Wording is one parsed text. It is executed with marks in the place of every
// value, so a name or an address never passes through the template or the
// Markdown reader and cannot be taken for either.
type Wording struct {
	Name  string
	Scope Scope
	tmpl  *template.Template
	marks marks
	list  List
}

// firstMark begins the private-use plane 15, where no wording has business.
const firstMark = 0xF0000

// marks number the placeholders of a scope.
type marks struct {
	runes map[string]rune // English key to mark
	keys  []string        // by mark - firstMark
	block []bool
}

// Mark tells what a mark in executed wording stands for: the placeholder's
// key, and whether it is a block of its own. ok is false for other runes.
func (w *Wording) Mark(r rune) (key string, block, ok bool) {
	i := int(r) - firstMark
	if i < 0 || i >= len(w.marks.keys) {
		return "", false, false
	}
	return w.marks.keys[i], w.marks.block[i], true
}

// Execute returns the Markdown for the conditions that hold, by their English
// keys; a mark stands for every value.
func (w *Wording) Execute(conditions map[string]bool) (string, error) {
	data := make(map[string]bool, len(w.list.Condition))
	for japanese, key := range w.list.Condition {
		data[japanese] = conditions[key]
	}
	var b strings.Builder
	if err := w.tmpl.Execute(&b, data); err != nil {
		return "", fmt.Errorf("wording %s: %w", w.Name, err)
	}
	return b.String(), nil
}

// Wording returns a parsed text: "letter", or a briefing's base name.
func (s *Set) Wording(name string) (*Wording, error) {
	w, ok := s.wording[name]
	if !ok {
		return nil, fmt.Errorf("no wording %q", name)
	}
	return w, nil
}

// List returns the closed list of a scope.
func (s *Set) List(scope Scope) List { return s.lists[scope] }

func (s *Set) readWording() error {
	if err := s.files.decode("placeholders.toml", &s.lists); err != nil {
		return err
	}
	s.wording = map[string]*Wording{}
	var faults Faults
	faults = append(faults, s.parse(ScopeLetter, "letter", s.files.in("letters", ".md"))...)
	for _, file := range s.files.in("briefing", ".md") {
		name := strings.TrimSuffix(path.Base(file), ".md")
		faults = append(faults, s.parse(ScopeBriefing, name, []string{file})...)
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// parse reads the files of one wording and holds every node against the list.
func (s *Set) parse(scope Scope, name string, paths []string) Faults {
	list := s.lists[scope]
	w := &Wording{Name: name, Scope: scope, list: list, marks: number(list)}
	root := template.New(name).Option("missingkey=error").Funcs(s.functions(w))
	var faults Faults
	for _, file := range paths {
		text := string(s.files[file])
		if strings.ContainsFunc(text, func(r rune) bool { return r >= firstMark }) {
			faults = append(faults, fault("wording_private_use", file))
			continue
		}
		faults = append(faults, unknownNames(file, text, list)...)
	}
	if len(faults) > 0 {
		return faults
	}
	for _, file := range paths {
		base := strings.TrimSuffix(path.Base(file), ".md")
		t := root
		if base != name {
			t = root.New(base + ".md")
		}
		if _, err := t.Parse(string(s.files[file])); err != nil {
			faults = append(faults, fault("wording_syntax", file, err.Error()))
		}
	}
	if len(faults) == 0 {
		w.tmpl = root
		s.wording[name] = w
	}
	return faults
}

// functions are the only ones a wording may call: its placeholders, and 日付
// for a date of the incident report in the house's style.
func (s *Set) functions(w *Wording) template.FuncMap {
	funcs := template.FuncMap{}
	for _, names := range []map[string]string{w.list.Inline, w.list.Block} {
		for japanese, key := range names {
			mark := string(w.marks.runes[key])
			funcs[japanese] = func() string { return mark }
		}
	}
	funcs[w.list.Date] = s.dateText
	return funcs
}

// Faults are all faults of the wording at once.
type Faults []letters.Problem

// Error names the first fault and how many there are.
func (f Faults) Error() string {
	return fmt.Sprintf("wording %s: %s %s (%d faults)", f[0].File, f[0].Code,
		strings.Join(f[0].Args, " "), len(f))
}

func fault(code, file string, args ...string) letters.Problem {
	return letters.Problem{File: file, Code: code, Args: args}
}
