package text

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainColumns is the longest line of plain text in half-width columns, below
// the 78 that mail programs show unbroken.
const plainColumns = 72

// Marks that carry the structure where there is no type size.
const (
	plainH1     = "■ "
	plainH2     = "● "
	plainIndent = "　"
	plainColon  = "："
	plainSlash  = "／"
)

// Plain prints a document as text of at most 72 half-width columns a line,
// broken by the same rules as the page; tables become lines. Lines end in LF.
func Plain(d Document) []byte {
	w := &plainWriter{}
	w.head(d)
	w.blankLine()
	w.aligned([]Inline{{Text: d.Title}}, Center)
	for _, b := range d.Body {
		w.block(b)
	}
	return append(bytes.TrimRight(w.out.Bytes(), "\n"), '\n')
}

type plainWriter struct {
	out     bytes.Buffer
	breaker Breaker
	items   []Item
}

func (w *plainWriter) head(d Document) {
	lines := append([]string{d.DocumentNo, d.Date}, d.Sender...)
	if d.LetterID != "" {
		lines = append(lines, d.Labels.LetterID+"　"+d.LetterID)
	}
	for _, line := range lines {
		if line != "" {
			w.aligned([]Inline{{Text: line}}, Right)
		}
	}
}

func (w *plainWriter) block(b Block) {
	switch b := b.(type) {
	case Heading:
		w.blankLine()
		if b.Level == 1 {
			w.blankLine()
			w.wrap(plainH1, b.Text)
			return
		}
		w.wrap(plainH2, b.Text)
	case Paragraph:
		w.paragraph(b)
	case List:
		w.blankLine()
		for _, it := range b.Items {
			w.wrap(it.Marker, it.Text)
		}
	case Table:
		w.table(b)
	case Chart:
		w.chart(b)
	case Gap:
		w.blankLine()
	case Break:
		w.blankLine()
		w.line(strings.Repeat("-", plainColumns))
	}
}

func (w *plainWriter) paragraph(p Paragraph) {
	w.blankLine()
	if p.Align == Right || p.Align == Center {
		w.aligned(p.Text, p.Align)
		return
	}
	inset := strings.Repeat(plainIndent, int(p.Inset))
	if p.Indent > 0 {
		w.lines(p.Text, inset+plainIndent, inset)
		return
	}
	w.lines(p.Text, inset, inset)
}

// table prints a table of two columns as "head：value" lines under its
// heading row, one whose cells have several lines as a paragraph a row, and any
// other as cells with strokes between, under the heads that rows share.
func (w *plainWriter) table(t Table) {
	w.blankLine()
	if t.Caption != "" {
		w.wrap("", []Inline{{Text: t.Caption}})
	}
	w.tableHeads(t)
	between := betweenCells(t)
	for n, row := range t.Rows {
		if between == "\n" {
			w.blankLine()
			w.wrap(bullet, joinCells(row, between))
			continue
		}
		if grouped := row[0].Same || rowsOf(t.Rows[n:], 0) > 1; grouped {
			if !row[0].Same {
				w.wrap("", row[0].Text)
			}
			row = row[1:]
		}
		w.wrap(bullet, joinCells(row, between))
	}
}

func (w *plainWriter) tableHeads(t Table) {
	if len(t.Columns) == 0 || t.Columns[0].Head == "" {
		return
	}
	heads := make([]Cell, len(t.Columns))
	for i, c := range t.Columns {
		heads[i].Text = []Inline{{Text: strings.ReplaceAll(c.Head, "\n", plainSlash)}}
	}
	between := plainSlash
	if keyed(t) {
		between = plainColon
	}
	w.wrap("", joinCells(heads, between))
}

// betweenCells is what parts the cells of a row.
func betweenCells(t Table) string {
	if keyed(t) {
		return plainColon
	}
	for _, row := range t.Rows {
		for _, c := range row {
			for _, in := range c.Text {
				if strings.Contains(in.Text, "\n") {
					return "\n"
				}
			}
		}
	}
	return plainSlash
}

func joinCells(row []Cell, between string) []Inline {
	var line []Inline
	for i, c := range row {
		if i > 0 {
			line = append(line, Inline{Text: between})
		}
		line = append(line, c.Text...)
	}
	return line
}

// chart prints the numbers of a chart under its caption and unit.
func (w *plainWriter) chart(c Chart) {
	t := chartTable(c)
	if c.Unit != "" {
		t.Caption += "（" + c.Unit + "）"
	}
	w.table(t)
}

// keyed says that the rows of a table are headed by their first cell.
func keyed(t Table) bool {
	return len(t.Columns) == 2 && len(t.Rows) > 0 && len(t.Rows[0]) == 2 && t.Rows[0][0].Head
}

// wrap writes text behind a marker; the following lines stand under the
// text, not under the marker.
func (w *plainWriter) wrap(marker string, text []Inline) {
	w.lines(text, marker, strings.Repeat(" ", columns(marker)))
}

// lines writes text with one beginning for the first line and another for
// the rest.
func (w *plainWriter) lines(text []Inline, first, rest string) {
	measure := float64(plainColumns - columns(rest))
	indent := float64(columns(first) - columns(rest))
	lines := w.broken(text, measure, indent)
	for k, l := range lines {
		begin := rest
		if k == 0 {
			begin = first
		}
		var b strings.Builder
		b.WriteString(begin)
		for _, it := range w.items[l.First:l.End] {
			b.WriteString(it.Text)
		}
		w.line(strings.TrimRight(b.String(), "\n 　"))
	}
}

func (w *plainWriter) broken(text []Inline, measure, indent float64) []Line {
	w.items = Itemize(w.items[:0], text)
	for i := range w.items {
		it := &w.items[i]
		it.Em, it.Width = 2, float64(columns(it.Text))
	}
	lines, _ := w.breaker.Break(w.items, measure, Options{Grid: true, Indent: indent})
	return lines
}

func (w *plainWriter) aligned(text []Inline, align Align) {
	for _, l := range w.broken(text, plainColumns, 0) {
		pad := plainColumns - int(l.Width)
		if align == Center {
			pad /= 2
		}
		var b strings.Builder
		b.WriteString(strings.Repeat(" ", max(0, pad)))
		for _, it := range w.items[l.First:l.End] {
			b.WriteString(it.Text)
		}
		w.line(strings.TrimRight(b.String(), "\n 　"))
	}
}

func (w *plainWriter) line(s string) {
	w.out.WriteString(s)
	w.out.WriteByte('\n')
}

func (w *plainWriter) blankLine() { w.out.WriteByte('\n') }

// columns is the width of text in half-width columns of a Japanese terminal:
// one for Latin and half-width forms, two for the rest, none for marks and
// variation selectors.
func columns(s string) int {
	n := 0
	for i := 0; i < len(s); {
		size := clusterLen(s[i:])
		c, _ := utf8.DecodeRuneInString(s[i:])
		switch {
		case c == '\n' || unicode.Is(unicode.Mn, c):
		case c < 0x300 || c >= 0xff61 && c < 0xffdd:
			n++
		default:
			n += 2
		}
		i += size
	}
	return n
}
