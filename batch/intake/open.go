package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"oshirase/letters"
)

// open finds out what the file is and opens its table.
func (s *scan) open() (*opened, error) {
	if s.in.size == 0 {
		return nil, fileFault(codeFileEmpty)
	}
	if s.in.size > s.limits.Size {
		return nil, fileFault(codeFileTooLarge, s.limits.Size>>20)
	}
	facts, err := examine(s.in, s.jis)
	if err != nil {
		return nil, err
	}
	s.report.SHA256 = facts.sha256
	switch {
	case bytes.HasPrefix(facts.head, []byte("PK\x03\x04")), bytes.HasPrefix(facts.head, []byte("PK\x05\x06")):
		s.report.Format = "xlsx"
		return s.openBook()
	case bytes.HasPrefix(facts.head, []byte("\xd0\xcf\x11\xe0")):
		return nil, fileFault(codeFormatOldExcel)
	case bytes.HasPrefix(facts.head, []byte("%PDF")):
		return nil, fileFault(codeFormatUnknown)
	}
	return s.openText(facts)
}

func (s *scan) openText(facts *survey) (*opened, error) {
	g, err := guessText(s.in, facts, s.table, s.limits)
	s.report.Format, s.report.Encoding, s.report.Separator = "csv", g.enc.name, string(rune(g.sep))
	if g.sep == '\t' {
		s.report.Format = "tsv"
	}
	if err != nil {
		return nil, err
	}
	src := s.textSource(g.enc, g.sep)
	o := &opened{src: src, finish: func() { s.finishText(src) }}
	o.first, o.at, err = s.head(src)
	return o, err
}

func (s *scan) textSource(enc encoding, sep byte) *textSource {
	return &textSource{lines: newLines(s.in, enc, s.jis, s.limits.Line), sep: sep, columns: s.limits.Columns}
}

func (s *scan) finishText(src *textSource) {
	s.report.Newline = newline(src.lines.endings)
	s.report.Duplicates = src.lines.twins
}

// newline names the line ending: the one that nearly all lines have.
func newline(endings map[string]int) string {
	names := map[string]string{"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
	total := 0
	for ending := range names {
		total += endings[ending]
	}
	if total == 0 {
		return "none"
	}
	for ending, name := range names {
		if endings[ending]*10 >= total*9 {
			return name
		}
	}
	return "mixed"
}

// openBook opens the first visible sheet that has the headings.
func (s *scan) openBook() (*opened, error) {
	w, err := openWorkbook(s.in, s.limits)
	if err != nil {
		return nil, err
	}
	chosen, err := s.chooseSheet(w)
	if err != nil {
		return nil, err
	}
	s.report.Sheet = chosen.name
	areas, err := w.mergedAreas(chosen)
	if err != nil {
		return nil, err
	}
	s.merged = byRow(areas)
	w.formulas = 0
	src, err := w.openSheet(chosen)
	if err != nil {
		return nil, err
	}
	o := &opened{src: src, jagged: true, finish: func() { s.finishSheet(w, src) }}
	if o.first, o.at, err = s.head(src); err != nil {
		return o, err
	}
	for _, c := range src.hiddenColumns {
		s.report.HiddenColumns = append(s.report.HiddenColumns, columnName(c))
	}
	return o, nil
}

func (s *scan) finishSheet(w *workbook, src *sheetSource) {
	s.report.Formulas = w.formulas
	src.close()
}

// chooseSheet looks into every sheet. Two visible sheets with the headings
// and rows below them are a problem: which is the list would be a guess.
func (s *scan) chooseSheet(w *workbook) (sheetRef, error) {
	var chosen sheetRef
	var names []string
	for _, ref := range w.sheets {
		kind, err := s.sheetKind(w, ref)
		if err != nil {
			return chosen, err
		}
		switch {
		case ref.hidden:
			s.report.HiddenSheets = append(s.report.HiddenSheets, ref.name)
		case kind == sheetOther:
			s.report.OtherSheets = append(s.report.OtherSheets, ref.name)
		case kind == sheetList:
			names = append(names, ref.name)
			if len(names) == 1 {
				chosen = ref
			}
		case kind == sheetHeadings && chosen.part == "":
			chosen = ref
		}
	}
	if chosen.part == "" {
		return chosen, fileFault(codeHeadingNotFound, headRecords)
	}
	if len(names) > 1 { // its other problems are named too
		s.add(letters.Problem{Code: codeSheetsSeveral, Args: []string{joinNames(names)}})
	}
	return chosen, nil
}

type sheetKind int

const (
	sheetEmpty    sheetKind = iota
	sheetOther              // data without the headings
	sheetHeadings           // headings and nothing below
	sheetList               // headings and data
)

func (s *scan) sheetKind(w *workbook, ref sheetRef) (sheetKind, error) {
	src, err := w.openSheet(ref)
	if err != nil {
		return sheetEmpty, err
	}
	defer src.close()
	first, at, err := s.head(src)
	if err != nil {
		return sheetEmpty, err
	}
	kind := sheetEmpty
	if at.index >= 0 {
		kind = sheetHeadings
	}
	for i := at.index + 1; i < len(first); i++ {
		if !first[i].empty() {
			return kind + 1, nil
		}
	}
	rec, err := src.next()
	if err == nil && !rec.empty() {
		return kind + 1, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return kind, fmt.Errorf("sheet: %w", err)
	}
	return kind, nil
}

// byRow spreads merged ranges over their rows, up to as many as a sheet has.
func byRow(areas []area) map[int][]area {
	out := map[int][]area{}
	left := maxRow
	for _, a := range areas {
		for row := max(a.top, 1); row <= a.bottom && left > 0; row++ {
			out[row] = append(out[row], a)
			left--
		}
	}
	return out
}
