package sample

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"
)

//go:embed data/*.txt data/towns.tsv
var data embed.FS

// Licence is the text under which the towns may be passed on; it asks to go
// with every copy.
func Licence() string {
	text, err := data.ReadFile("data/towns-license.txt")
	if err != nil { // the name is a constant
		return ""
	}
	return string(text)
}

// words are the embedded lists: sections of lines, lines of columns.
type words struct {
	sections map[string][][]string
	spelling int // column of a hard name's spelling: 0 as given, 1 for CP932
}

// readWords reads the lists. cp932 chooses for each hard name the spelling
// that CP932 can write; the draws and so the counts stay the same.
func readWords(cp932 bool) (*words, error) {
	w := &words{sections: map[string][][]string{}}
	if cp932 {
		w.spelling = 1
	}
	for _, name := range []string{"headings.txt", "cells.txt", "names.txt", "towns.tsv"} {
		raw, err := data.ReadFile("data/" + name)
		if err != nil {
			return nil, err
		}
		w.read(name, string(raw))
	}
	if n := len(w.sections["list"]); n != columns {
		return nil, fmt.Errorf("headings.txt has %d columns, the rows have %d", n, columns)
	}
	return w, nil
}

func (w *words) read(section, text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			w.sections[section] = append(w.sections[section], strings.Split(line, "\t"))
		}
	}
}

// one returns the usual spelling of a section.
func (w *words) one(section string) string { return w.sections[section][0][0] }

// at returns the text of a section's nth line.
func (w *words) at(section string, n int) string { return w.sections[section][n][0] }

// all returns the texts of a section.
func (w *words) all(section string) []string {
	texts := make([]string, len(w.sections[section]))
	for i := range texts {
		texts[i] = w.at(section, i)
	}
	return texts
}

// any returns one line of a section.
func (w *words) any(r *rand.Rand, section string) []string {
	lines := w.sections[section]
	return lines[r.IntN(len(lines))]
}
