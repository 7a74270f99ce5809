package templates

import (
	"fmt"
	"strings"

	"oshirase/letters"
)

// Sentence is what a person reads of a code: why, and what to do. {1}, {2} …
// stand for the problem's arguments.
type Sentence struct {
	Reason string `toml:"reason"`
	Advice string `toml:"advice"`
}

// Problem returns the reason and the advice for a problem's code, filled with
// its arguments. An unknown code gives the code itself, so nothing is hidden.
func (s *Set) Problem(p letters.Problem) (reason, advice string) {
	sentence, ok := s.problems[p.Code]
	if !ok {
		return p.Code + " " + strings.Join(p.Args, " "), ""
	}
	pairs := make([]string, 0, 2*len(p.Args))
	for i, arg := range p.Args {
		pairs = append(pairs, fmt.Sprintf("{%d}", i+1), arg)
	}
	fill := strings.NewReplacer(pairs...)
	return fill.Replace(sentence.Reason), fill.Replace(sentence.Advice)
}

// Reason returns the sentence of an outcome's or a hold's reason.
func (s *Set) Reason(r letters.Reason) (reason, advice string) {
	return s.Problem(letters.Problem{Code: string(r)})
}

// HasProblem reports whether a code has a sentence.
func (s *Set) HasProblem(code string) bool {
	_, ok := s.problems[code]
	return ok
}

// problemDoc is one file of problems/: the sentences of codes, notes without
// advice, and the words of the list that goes back to the investigators.
type problemDoc struct {
	Book    map[string]string   `toml:"book"`
	Note    map[string]string   `toml:"note"`
	Problem map[string]Sentence `toml:"problem"`
}

func (s *Set) readProblems() error {
	s.problems = map[string]Sentence{}
	for _, name := range s.files.in("problems", ".toml") {
		var file problemDoc
		if err := s.files.decode(name, &file); err != nil {
			return err
		}
		for code, note := range file.Note {
			if _, has := s.problems[code]; !has {
				s.problems[code] = Sentence{Reason: note}
			}
		}
		for code, sentence := range file.Problem {
			if _, twice := s.problems[code]; twice {
				return fmt.Errorf("template %s: %s stands in another file too", name, code)
			}
			s.problems[code] = sentence
		}
	}
	return nil
}
