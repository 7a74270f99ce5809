package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"oshirase/templates"
)

// missingFrom returns the names that a page does not show as code, each in
// its own backquotes or followed there by arguments.
func missingFrom(page string, names []string) []string {
	var out []string
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") && !strings.Contains(page, "`"+name+" ") {
			out = append(out, name)
		}
	}
	return out
}

// commandNames walks the program's commands: "import", "user add" and so on.
func commandNames(t *testing.T) []string {
	t.Helper()
	w, err := readWords(templates.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	p := &program{words: w, env: func(string) (string, bool) { return "", false }}
	var names []string
	var walk func(c *cobra.Command, before string)
	walk = func(c *cobra.Command, before string) {
		for _, sub := range c.Commands() {
			if sub.Name() == "help" || sub.Name() == "completion" {
				continue // cobra's own
			}
			name := strings.TrimSpace(before + " " + sub.Name())
			if sub.Runnable() {
				names = append(names, name)
			}
			walk(sub, name)
		}
	}
	walk(p.root(), "")
	if len(names) < 19 {
		t.Fatalf("only %d commands found: %q", len(names), names)
	}
	return names
}

func settingNames() []string {
	var names []string
	var c config
	for _, s := range c.settings() {
		names = append(names, s.key, envName(s.key))
	}
	return names
}

func page(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReadmeNamesEveryCommandAndSetting(t *testing.T) {
	t.Parallel()
	if got := missingFrom(page(t, "README.md"), slices.Concat(commandNames(t), settingNames())); len(got) > 0 {
		t.Errorf("README.md does not name %q", got)
	}
	if got := missingFrom(page(t, "README.ja.md"), commandNames(t)); len(got) > 0 {
		t.Errorf("README.ja.md does not name %q", got)
	}
}

func TestMissingFromFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	const text = "`import MONTH` reads; `user add NAME`; workshop; `mail.host`"
	got := missingFrom(text, []string{"import", "user add", "user", "work", "mail.host", "mail.port"})
	if want := []string{"work", "mail.port"}; !slices.Equal(got, want) {
		t.Errorf("missing %q, want %q", got, want)
	}
}
