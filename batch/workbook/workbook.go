// Package workbook writes plain tables as XLSX for office staff: text cells
// only, so that no leading zero is lost and no cell becomes a formula; neutral
// properties; the same tables, the same bytes.
package workbook

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Table is one sheet. Notes stand above the heading row, a line each.
type Table struct {
	Name   string // of the sheet, at most 31 characters
	Title  string
	Notes  []string
	Heads  []string
	Widths []float64 // of the columns, in characters; as many as Heads
	Rows   [][]string
	Right  []bool // columns that stand right, as numbers do; nil = none
}

// Properties are the document properties. Date is an RFC 3339 instant: the
// day the tables speak of, not the clock.
type Properties struct{ Title, Creator, Date string }

// textFormat is the number format "@": what is typed into it stays text.
const textFormat = 49

// Write writes the tables, one sheet each, in their order.
func Write(w io.Writer, p Properties, tables []Table) error {
	f := excelize.NewFile()
	defer f.Close() // nothing of it is on disk
	err := f.SetDocProps(&excelize.DocProperties{Title: p.Title, Creator: p.Creator, LastModifiedBy: p.Creator, Created: p.Date, Modified: p.Date})
	if err != nil {
		return fmt.Errorf("set properties: %w", err)
	}
	st, err := newStyles(f)
	if err != nil {
		return fmt.Errorf("make styles: %w", err)
	}
	for i, t := range tables {
		if err := addTable(f, st, i, t); err != nil {
			return fmt.Errorf("write sheet %d: %w", i+1, err)
		}
	}
	_, err = f.WriteTo(w)
	return err
}

func addTable(f *excelize.File, st styles, i int, t Table) error {
	if i == 0 {
		if err := f.SetSheetName(f.GetSheetName(0), t.Name); err != nil {
			return err
		}
	} else if _, err := f.NewSheet(t.Name); err != nil {
		return err
	}
	if err := f.SetPageLayout(t.Name, pageLayout()); err != nil {
		return err
	}
	fit := true
	if err := f.SetSheetProps(t.Name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	s, err := f.NewStreamWriter(t.Name)
	if err != nil {
		return err
	}
	return t.stream(s, st)
}

// pageLayout fits the width of a table to A4, lying.
func pageLayout() *excelize.PageLayoutOptions {
	a4, landscape, wide, high := 9, "landscape", 1, 0
	return &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}
}

// stream writes title, notes, heading and rows; the heading stays in view.
func (t Table) stream(s *excelize.StreamWriter, st styles) error {
	for i, width := range t.Widths {
		if err := s.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	head := 1
	if t.Title != "" {
		head++
	}
	if head += len(t.Notes); head > 1 {
		head++
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: head, TopLeftCell: fmt.Sprintf("A%d", head+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	row := 1
	put := func(style int, cells ...string) error {
		err := s.SetRow(fmt.Sprintf("A%d", row), st.cells(style, t.Right, cells), excelize.RowOpts{Height: t.height(style == st.text || style == st.head, cells)})
		row++
		return err
	}
	if t.Title != "" {
		if err := put(st.title, t.Title); err != nil {
			return err
		}
	}
	for _, n := range t.Notes {
		if err := put(st.note, n); err != nil {
			return err
		}
	}
	row = head
	if err := put(st.head, t.Heads...); err != nil {
		return err
	}
	for _, r := range t.Rows {
		if err := put(st.text, r...); err != nil {
			return err
		}
	}
	return s.Flush()
}

// lineHeight is one line of 10 pt type, in pt.
const lineHeight = 15

// height is what a row needs so that no line of it is cut: its own line breaks
// and those of text wider than its column, two columns of width a character.
func (t Table) height(wraps bool, cells []string) float64 {
	most := 1
	for i, text := range cells {
		lines := 0
		for line := range strings.SplitSeq(text, "\n") {
			n := 1
			if wraps && i < len(t.Widths) {
				n = max(1, int(math.Ceil(float64(halfWidths(line))/(t.Widths[i]*1.2))))
			}
			lines += n
		}
		most = max(most, lines)
	}
	if !wraps && most == 1 {
		return 20
	}
	return float64(most)*lineHeight + 3
}

// halfWidths counts a text in half-width characters.
func halfWidths(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xff {
			n++
		}
	}
	return n
}

// styles are the few looks of a sheet.
type styles struct{ title, note, head, text, right int }

func newStyles(f *excelize.File) (st styles, err error) {
	font := func(size float64, bold bool) *excelize.Font {
		return &excelize.Font{Family: "BIZ UDPゴシック", Size: size, Bold: bold}
	}
	line := []excelize.Border{{Type: "bottom", Color: "C9CED6", Style: 1}}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	for _, s := range []struct {
		to    *int
		style excelize.Style
	}{
		{&st.title, excelize.Style{NumFmt: textFormat, Font: font(14, true)}},
		{&st.note, excelize.Style{NumFmt: textFormat, Font: font(10, false)}},
		{&st.head, excelize.Style{NumFmt: textFormat, Font: font(10, true), Border: line, Alignment: top,
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF1F5"}}}},
		{&st.text, excelize.Style{NumFmt: textFormat, Font: font(10, false), Border: line, Alignment: top}},
		{&st.right, excelize.Style{NumFmt: textFormat, Font: font(10, false), Border: line,
			Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "right"}}},
	} {
		if *s.to, err = f.NewStyle(&s.style); err != nil {
			return st, err
		}
	}
	return st, nil
}

func (st styles) cells(style int, right []bool, texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		id := style
		if style == st.text && i < len(right) && right[i] {
			id = st.right
		}
		out[i] = excelize.Cell{StyleID: id, Value: s}
	}
	return out
}
