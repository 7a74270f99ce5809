package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"oshirase/letters"
)

// Sentences are the Japanese sentences of problems and notes
// (templates/problems/import.toml).
type Sentences struct {
	Problems map[string]Sentence       `toml:"problem"`
	Notes    map[letters.Reason]string `toml:"note"`
	Book     BookWords                 `toml:"book"`
}

// Sentence says what is wrong and what to do. {1}, {2} … stand for the
// problem's arguments.
type Sentence struct {
	Reason string `toml:"reason"`
	Advice string `toml:"advice"`
}

// BookWords are the words of the problem workbook.
type BookWords struct {
	RowsSheet string `toml:"rows_sheet"`
	FileSheet string `toml:"file_sheet"`
	Title     string `toml:"title"`
	RowNumber string `toml:"row_number"`
	Column    string `toml:"column"`
	Reason    string `toml:"reason"`
	Advice    string `toml:"advice"`
	Place     string `toml:"place"` // {1} heading, before the reason of a cell
	Left      string `toml:"left"`  // {1} problems that are not shown
}

// ErrSentences says that templates/problems/import.toml is not usable.
var ErrSentences = errors.New("sentences are not usable")

// ReadSentences reads import.toml. Unknown keys and empty sentences give
// ErrSentences.
func ReadSentences(files fs.FS) (Sentences, error) {
	var s Sentences
	if err := readTOML(files, "import.toml", &s); err != nil {
		return s, fmt.Errorf("%w: %w", ErrSentences, err)
	}
	for code, text := range s.Problems {
		if text.Reason == "" || text.Advice == "" {
			return s, fmt.Errorf("problem %s is empty: %w", code, ErrSentences)
		}
	}
	b := s.Book
	for _, word := range []string{b.RowsSheet, b.FileSheet, b.Title, b.RowNumber, b.Column, b.Reason, b.Advice, b.Place, b.Left} {
		if word == "" {
			return s, fmt.Errorf("a word of the book is empty: %w", ErrSentences)
		}
	}
	return s, nil
}

// Text returns the sentences of a problem, its arguments filled in. A code
// without an entry gives the code itself, so that nothing is ever hidden.
func (s Sentences) Text(p letters.Problem) (reason, advice string) {
	text, ok := s.Problems[p.Code]
	if !ok {
		return p.Code, ""
	}
	return fill(text.Reason, p.Args...), fill(text.Advice, p.Args...)
}

// Note returns the sentence of a note, or its code.
func (s Sentences) Note(r letters.Reason) string {
	if text, ok := s.Notes[r]; ok {
		return text
	}
	return string(r)
}

// fill replaces {1}, {2} … in one pass: braces in an argument stay as they are.
func fill(text string, args ...string) string {
	var pairs []string
	for i, arg := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", arg)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
