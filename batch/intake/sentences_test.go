package intake

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"oshirase/letters"
)

// codesInSource reads codes.go: the constants of problems and of notes.
func codesInSource(t testing.TB) (problems, notes []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(spec.Names[0].Name, "code") {
			problems = append(problems, value)
		} else {
			notes = append(notes, value)
		}
		return true
	})
	slices.Sort(problems)
	slices.Sort(notes)
	return problems, notes
}

// TestEveryCodeHasItsSentence, and every sentence its code.
func TestEveryCodeHasItsSentence(t *testing.T) {
	t.Parallel()
	say := testSentences(t)
	problems, notes := codesInSource(t)
	sameStrings(t, "problems", slices.Sorted(maps.Keys(say.Problems)), problems)
	var got []string
	for n := range say.Notes {
		got = append(got, string(n))
	}
	slices.Sort(got)
	sameStrings(t, "notes", got, notes)
	if len(problems) < 60 {
		t.Errorf("only %d codes were found in the source", len(problems))
	}
}

func TestTextFillsInOnePass(t *testing.T) {
	t.Parallel()
	s := Sentences{Problems: map[string]Sentence{"x": {Reason: "{1}と{2}", Advice: "{2}"}}}
	reason, advice := s.Text(letters.Problem{Code: "x", Args: []string{"{2}", "b"}})
	if reason != "{2}とb" || advice != "b" {
		t.Errorf("got %q, %q", reason, advice)
	}
	if reason, _ := s.Text(letters.Problem{Code: "unknown_one"}); reason != "unknown_one" {
		t.Errorf("an unknown code gives %q", reason)
	}
}

// TestDataFilesAreChecked: mistakes in templates are found when they are read.
func TestDataFilesAreChecked(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"unknown key":    "[problem.x]\nreason='a'\nadvice='b'\nhint='c'",
		"empty sentence": "[problem.x]\nreason='a'",
		"no book":        "",
	} {
		if _, err := ReadSentences(fstest.MapFS{"import.toml": {Data: []byte(text)}}); !errors.Is(err, ErrSentences) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	list := "[[column]]\nfield='supply_point'\nheading='a'\n"
	for name, text := range map[string]string{
		"missing fields": list, "unknown field": strings.Replace(list, "supply_point", "x", 1), "doubled heading": list + list,
	} {
		if _, err := ReadHeadings(fstest.MapFS{"list.toml": {Data: []byte(text)}}); !errors.Is(err, ErrHeadings) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	w := testHeadings(t).Words
	w.Supply = map[letters.Supply][]string{"middle": {"中圧"}}
	if _, err := compileWords(w); !errors.Is(err, ErrHeadings) {
		t.Errorf("unknown meaning: err = %v", err)
	}
	w = testHeadings(t).Words
	w.No = append(slices.Clone(w.No), "１")
	if _, err := compileWords(w); !errors.Is(err, ErrHeadings) {
		t.Errorf("word with two meanings: err = %v", err)
	}
}
