package templates

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

var (
	quoted = regexp.MustCompile("[\"'`]([A-Za-z0-9_.-]+)[\"'`]")
	field  = regexp.MustCompile(`\.([a-z0-9_]+)\b`)
	tagged = regexp.MustCompile(`json:"([a-z0-9_]+)`)
)

// codes are the words by which a text asks for a sentence: what stands quoted
// in it, and the fields of its values.
func codes(text string, into map[string]bool) {
	for _, form := range []*regexp.Regexp{quoted, field, tagged} {
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			into[m[1]] = true
		}
	}
}

// program reads the code and the templates of pages and reports.
func program(t *testing.T) map[string]bool {
	t.Helper()
	used := make(map[string]bool)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(path)
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/") ||
			!slices.Contains([]string{".go", ".html", ".txt", ".js"}, filepath.Ext(name)) {
			return err
		}
		text, err := os.ReadFile(path)
		codes(string(text), used)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

// leaves are the keys of a file of words; of a sentence with reason and advice
// it is the name of both.
func leaves(table map[string]any) (keys []string) {
	for key, value := range table {
		sub, more := value.(map[string]any)
		if _, sentence := sub["reason"]; !more || sentence {
			keys = append(keys, key)
			continue
		}
		keys = append(keys, leaves(sub)...)
	}
	return keys
}

// unused names the keys that nothing asks for, whole or as a group and a code
// (state_posted of "state" and "posted"; a code may be empty).
func unused(keys []string, used map[string]bool) (out []string) {
	for _, key := range keys {
		found := used[key] || key == "" || strings.HasSuffix(key, "_")
		for i, r := range key {
			found = found || r == '_' && used[key[i+1:]]
		}
		if !found {
			out = append(out, key)
		}
	}
	return out
}

// TestEveryWordIsUsed: a sentence that nothing says is either left over or,
// worse, the one that somebody should have been told.
func TestEveryWordIsUsed(t *testing.T) {
	t.Parallel()
	used := program(t)
	for _, name := range []string{"words.toml", "cli/words.toml", "desk/words.toml", "desk/calls.toml",
		"problems/check.toml", "problems/outcome.toml", "problems/wording.toml"} {
		b, err := fs.ReadFile(Shipped(), name)
		if err != nil {
			t.Fatal(err)
		}
		var table map[string]any
		if err := toml.Unmarshal(b, &table); err != nil {
			t.Fatal(err)
		}
		keys := leaves(table)
		if len(keys) < 5 {
			t.Errorf("%s: only %d words found", name, len(keys))
		}
		for _, key := range unused(keys, used) {
			t.Errorf("%s: nothing says %s", name, key)
		}
	}
}

func TestUnusedWordsAreFound(t *testing.T) {
	t.Parallel()
	used := make(map[string]bool)
	codes(`w.get("state", letters.Posted); const Posted = "posted"; {{.Sentence.closed}} json:"rows,omitempty"`, used)
	table := map[string]any{"label": map[string]any{"state_posted": "a", "state_lost": "b", "closed": "c", "rows": "d"},
		"problem": map[string]any{"never_said": map[string]any{"reason": "e", "advice": "f"}}}
	got := unused(leaves(table), used)
	slices.Sort(got)
	if want := []string{"never_said", "state_lost"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
