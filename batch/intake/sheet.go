package intake

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// The largest sheet of SpreadsheetML.
const maxRow, maxColumn = 1 << 20, 1 << 14

// sheetSource streams the rows of one worksheet.
type sheetSource struct {
	book          *workbook
	body          io.ReadCloser
	d             *xml.Decoder
	no            int
	hiddenColumns []int
	rec           record
	used          int  // columns written in the row
	whole         bool // the end of the sheet was seen
}

func (w *workbook) openSheet(ref sheetRef) (*sheetSource, error) {
	body, err := w.open(ref.part)
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, fileFault(codeWorkbookDamaged)
	}
	return &sheetSource{book: w, body: body, d: xml.NewDecoder(bufio.NewReaderSize(body, chunk))}, nil
}

func (s *sheetSource) close() { s.body.Close() }

// next returns the next row that is written in the file; rows that are not
// written are empty.
func (s *sheetSource) next() (*record, error) {
	for {
		t, err := nextToken(s.d)
		if errors.Is(err, io.EOF) && !s.whole {
			return nil, fileFault(codeWorkbookDamaged)
		}
		if err != nil {
			return nil, err
		}
		if end, ok := t.(xml.EndElement); ok && end.Name.Local == "worksheet" {
			s.whole = true
		}
		start, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "col":
			s.column(start)
		case start.Name.Local == "row":
			return s.row(start)
		}
	}
}

func (s *sheetSource) column(e xml.StartElement) {
	if !truth(attr(e, "hidden")) {
		return
	}
	from, to := number(attr(e, "min"), 1), number(attr(e, "max"), 0)
	for c := max(from, 1); c <= to && c <= s.book.limits.Columns; c++ {
		s.hiddenColumns = append(s.hiddenColumns, c-1)
	}
}

func (s *sheetSource) row(e xml.StartElement) (*record, error) {
	no := number(attr(e, "r"), s.no+1)
	if no <= s.no {
		return nil, fileFault(codeWorkbookDamaged)
	}
	if no > maxRow {
		return nil, fileFault(codeWorkbookLimits)
	}
	s.no, s.used = no, 0
	s.rec = record{no: no, cells: s.rec.cells[:0], hidden: truth(attr(e, "hidden"))}
	for {
		t, err := nextToken(s.d)
		if err != nil {
			return nil, fileFault(codeWorkbookDamaged)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "c" {
				if err := s.cell(t); err != nil {
					return nil, err
				}
			}
		case xml.EndElement:
			if t.Name.Local == "row" {
				return &s.rec, nil
			}
		}
	}
}

// cell reads one cell and puts it into its column.
func (s *sheetSource) cell(e xml.StartElement) error {
	var kind, ref string
	style := 0
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "t":
			kind = a.Value
		case "r":
			ref = a.Value
		case "s":
			style = number(a.Value, 0)
		}
	}
	column := s.used
	if ref != "" {
		column = refColumn(ref)
	}
	raw, err := s.content()
	if err != nil {
		return err
	}
	if column < s.used || column >= maxColumn {
		return fileFault(codeWorkbookDamaged)
	}
	c, err := s.value(raw, kind, style)
	if err != nil {
		return err
	}
	return s.put(column, c)
}

func (s *sheetSource) put(column int, c cell) error {
	s.used = column + 1
	if c == (cell{}) {
		return nil
	}
	if column >= s.book.limits.Columns {
		return fileFault(codeWorkbookLimits)
	}
	for len(s.rec.cells) <= column {
		s.rec.cells = append(s.rec.cells, cell{})
	}
	s.rec.cells[column] = c
	return nil
}

// content is what stands in a cell element.
type content struct {
	value   string // <v>
	inline  string // <is>
	formula bool
	stored  bool // <v> or <is> is there
}

func (s *sheetSource) content() (content, error) {
	var c content
	inValue := false
	for {
		t, err := nextToken(s.d)
		if err != nil {
			return c, fileFault(codeWorkbookDamaged)
		}
		switch t := t.(type) {
		case xml.StartElement:
			inValue = t.Name.Local == "v"
			switch t.Name.Local {
			case "v":
				c.stored = true
			case "f":
				c.formula = true
			case "is":
				c.stored = true
				if c.inline, err = richText(s.d, "is", s.book.limits.Line); err != nil {
					return c, err
				}
			}
		case xml.CharData:
			if inValue {
				c.value += string(t)
			}
			if len(c.value) > s.book.limits.Line {
				return c, fileFault(codeWorkbookLimits)
			}
		case xml.EndElement:
			inValue = false
			if t.Name.Local == "c" {
				return c, nil
			}
		}
	}
}

// value turns a stored cell into ours by its type (ST_CellType).
func (s *sheetSource) value(raw content, kind string, style int) (cell, error) {
	if raw.formula {
		if !raw.stored || raw.value == "" && kind != "str" && kind != "inlineStr" {
			return cell{kind: formulaCell}, nil
		}
		s.book.formulas++
	}
	switch kind {
	case "s":
		return s.sharedString(raw)
	case "inlineStr":
		return cell{text: raw.inline}, nil
	case "str":
		return cell{text: unescape(raw.value)}, nil
	case "b":
		return cell{text: strings.ToUpper(strconv.FormatBool(truth(raw.value)))}, nil
	case "e":
		return cell{text: raw.value, kind: errorCell}, nil
	case "d":
		date, _, _ := strings.Cut(raw.value, "T")
		return cell{text: date, kind: dateCell}, nil
	}
	if raw.value == "" {
		return cell{text: raw.inline}, nil
	}
	return s.numeric(raw.value, style), nil
}

func (s *sheetSource) sharedString(raw content) (cell, error) {
	if raw.value == "" {
		return cell{}, nil
	}
	text, ok := s.book.shared.get(number(strings.TrimSpace(raw.value), -1))
	if !ok {
		return cell{}, fileFault(codeWorkbookDamaged)
	}
	return cell{text: text}, nil
}

func (s *sheetSource) numeric(text string, style int) cell {
	if style >= 0 && style < len(s.book.dateXF) && s.book.dateXF[style] {
		serial, err := strconv.ParseFloat(text, 64)
		if date, ok := serialDate(serial, s.book.since); err == nil && ok {
			return cell{text: string(date), kind: dateCell}
		}
	}
	return cell{text: text, kind: numberCell}
}

// refColumn returns the column of a reference such as AB12, from 0.
func refColumn(ref string) int {
	n := 0
	for i := 0; i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n - 1
}

// refRow returns the row of a reference such as AB12, 0 when there is none.
func refRow(ref string) int {
	return number(strings.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ$"), 0)
}

// area is a merged range.
type area struct {
	ref         string
	top, bottom int
	left, right int
}

// mergedAreas reads the merged ranges, which stand behind the rows. The rows
// are passed over as bytes: a "<" never stands in a text of XML, so the first
// "mergeCells" behind one is the element.
func (w *workbook) mergedAreas(ref sheetRef) ([]area, error) {
	body, err := w.open(ref.part)
	if err != nil || body == nil {
		return nil, err
	}
	defer body.Close()
	r := bufio.NewReaderSize(body, chunk)
	if found, err := seek(r, []byte("<mergeCells"), []byte(":mergeCells")); !found {
		return nil, err
	}
	d := xml.NewDecoder(io.MultiReader(strings.NewReader("<mergeCells"), r))
	var out []area
	for {
		t, err := nextToken(d)
		if errors.Is(err, io.EOF) || len(out) > 1<<16 {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "mergeCell" {
				out = append(out, parseArea(attr(t, "ref")))
			}
		case xml.EndElement:
			if t.Name.Local == "mergeCells" {
				return out, nil
			}
		}
	}
}

func parseArea(ref string) area {
	from, to, two := strings.Cut(ref, ":")
	if !two {
		to = from
	}
	return area{ref, refRow(from), refRow(to), refColumn(from), refColumn(to)}
}

// seek reads until one of two marks of equal length has passed.
func seek(r *bufio.Reader, one, other []byte) (bool, error) {
	for {
		if b, err := r.Peek(len(one)); len(b) < len(one) {
			if errors.Is(err, io.EOF) {
				return false, nil
			}
			return false, fileFault(codeWorkbookDamaged)
		}
		b, _ := r.Peek(r.Buffered()) // what is buffered can always be peeked
		for _, mark := range [][]byte{one, other} {
			if i := bytes.Index(b, mark); i >= 0 {
				_, err := r.Discard(i + len(mark))
				return true, err
			}
		}
		if _, err := r.Discard(len(b) - len(one) + 1); err != nil {
			return false, err
		}
	}
}
