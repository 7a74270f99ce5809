package intake

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"oshirase/letters"
)

// WriteProblemBook writes the workbook that goes back to the investigators:
// every faulty row of the file under its own row number, what is wrong and
// what to do beside it, the faulty cells filled; problems of the whole file on
// a sheet of their own. The rows are read again from r, which must hold the
// bytes that report describes. Every cell is text, so nothing in it is ever
// taken for a formula; the same input gives the same bytes. Rows whose
// problems were beyond Limits.Problems are only counted.
func WriteProblemBook(w io.Writer, r io.ReaderAt, size int64, report *Report, s Sentences, limits Limits) error {
	f := excelize.NewFile()
	defer f.Close()
	b := &book{file: f, words: s, report: report, byRow: map[int][]letters.Problem{}}
	for _, p := range report.Problems {
		b.byRow[p.Row] = append(b.byRow[p.Row], p)
	}
	if err := errors.Join(b.properties(), b.styles()); err != nil {
		return fmt.Errorf("problem book: %w", err)
	}
	if err := b.rowsSheet(input{r, size}, limits.orDefault()); err != nil {
		return fmt.Errorf("problem book: rows: %w", err)
	}
	if err := b.fileSheet(); err != nil {
		return fmt.Errorf("problem book: file: %w", err)
	}
	return f.Write(w)
}

// book is the workbook in the making.
type book struct {
	file    *excelize.File
	words   Sentences
	report  *Report
	byRow   map[int][]letters.Problem
	head    []string // headings of the file
	plain   int      // style of a text cell
	heading int
	faulty  int
	long    int // style of a sentence
}

// properties makes the document's properties say nothing of person or time.
func (b *book) properties() error {
	const never = "2000-01-01T00:00:00Z"
	return b.file.SetDocProps(&excelize.DocProperties{Creator: "oshirase", LastModifiedBy: "oshirase",
		Created: never, Modified: never, Title: b.words.Book.Title, Language: "ja-JP"})
}

const textFormat = 49 // "@": what a person types stays text

func (b *book) styles() (err error) {
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	font := &excelize.Font{Family: "Yu Gothic", Size: 10}
	fill := func(color string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	border := []excelize.Border{{Type: "bottom", Color: "BFBFBF", Style: 1}, {Type: "right", Color: "BFBFBF", Style: 1}}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.plain, excelize.Style{NumFmt: textFormat, Alignment: top, Border: border, Font: font}},
		{&b.long, excelize.Style{NumFmt: textFormat, Alignment: top, Border: border, Fill: fill("FFF9E5"), Font: font}},
		{&b.faulty, excelize.Style{NumFmt: textFormat, Alignment: top, Border: border, Fill: fill("F8CBAD"), Font: font}},
		{&b.heading, excelize.Style{NumFmt: textFormat, Alignment: top, Border: border, Fill: fill("DDEBF7"),
			Font: &excelize.Font{Family: "Yu Gothic", Size: 10, Bold: true}}},
	} {
		if *s.id, err = b.file.NewStyle(&s.style); err != nil {
			return err
		}
	}
	return nil
}

// Widths of columns, in characters of half width.
const numberWidth, sentenceWidth, cellWidth = 8, 60, 20

// rowHeight makes room for every wrapped line: a streamed sheet stores no
// height of its own and not every program finds one when it opens the file.
// The columns behind widths are cellWidth wide.
func rowHeight(cells []any, widths ...int) excelize.RowOpts {
	most := 1
	for i, c := range cells {
		room := cellWidth
		if i < len(widths) {
			room = widths[i]
		}
		text, _ := c.(excelize.Cell).Value.(string)
		n := 0
		for line := range strings.SplitSeq(text, "\n") {
			n += 1 + max(0, halfWidths(line)-1)/(room-2) // programs differ by a character
		}
		most = max(most, n)
	}
	const line, largest = 16.5, 409 // points
	return excelize.RowOpts{Height: min(largest, float64(most)*line)}
}

// halfWidths is the width of a text in characters of half width.
func halfWidths(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x1100 && !(r >= 0xff61 && r <= 0xff9f) {
			n++
		}
	}
	return n
}

// rowsSheet writes the faulty rows: number, reason, advice, then the cells.
func (b *book) rowsSheet(in input, limits Limits) error {
	name := b.words.Book.RowsSheet
	if err := b.file.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	wanted := map[int]bool{}
	for row := range b.byRow {
		if row > 0 {
			wanted[row] = true
		}
	}
	out, err := b.stream(name, numberWidth, sentenceWidth, sentenceWidth)
	if err != nil {
		return err
	}
	line := 1
	if len(wanted) > 0 {
		src, done, err := reopen(in, b.report, limits)
		if err != nil {
			return err
		}
		defer done()
		err = eachFaulty(src, b.report.HeadingRow, wanted, func(rec *record) error {
			cells := b.cells(rec)
			place := "A" + strconv.Itoa(line)
			line++
			return out.SetRow(place, cells, rowHeight(cells, numberWidth, sentenceWidth, sentenceWidth))
		})
		if err != nil {
			return err
		}
	}
	return out.Flush()
}

// stream opens a sheet with a fixed first line and the widths of its first
// columns, in characters.
func (b *book) stream(name string, widths ...float64) (*excelize.StreamWriter, error) {
	out, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, width := range widths {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if err := out.SetColWidth(len(widths)+1, len(widths)+60, cellWidth); err != nil {
		return nil, err
	}
	return out, out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, XSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"})
}

// cells lays out one record: the headings, or a faulty row.
func (b *book) cells(rec *record) []any {
	w := b.words.Book
	if rec.no == b.report.HeadingRow {
		b.head = nil
		out := b.texts(b.heading, w.RowNumber, w.Reason, w.Advice)
		for i := range rec.cells {
			b.head = append(b.head, rec.cells[i].text)
			out = append(out, excelize.Cell{StyleID: b.heading, Value: rec.cells[i].text})
		}
		return out
	}
	problems := b.byRow[rec.no]
	reasons, advices := b.sentences(problems)
	out := append(b.texts(b.plain, strconv.Itoa(rec.no)), b.texts(b.long, reasons, advices)...)
	for i := range max(len(rec.cells), len(b.head)) {
		style := b.plain
		if b.isFaulty(i, problems) {
			style = b.faulty
		}
		out = append(out, excelize.Cell{StyleID: style, Value: rec.at(i).text})
	}
	return out
}

func (b *book) texts(style int, texts ...string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = excelize.Cell{StyleID: style, Value: t}
	}
	return out
}

func (b *book) isFaulty(column int, problems []letters.Problem) bool {
	for _, p := range problems {
		if column < len(b.head) && p.Column != "" && p.Column == b.head[column] {
			return true
		}
	}
	return false
}

// sentences joins what is to be said of one row, one line a problem.
func (b *book) sentences(problems []letters.Problem) (reasons, advices string) {
	var r, a []string
	for _, p := range problems {
		reason, advice := b.words.Text(p)
		if p.Column != "" {
			place := fill(b.words.Book.Place, strings.Join(strings.Fields(p.Column), ""))
			reason, advice = place+reason, place+advice
		}
		r, a = append(r, reason), append(a, advice)
	}
	return strings.Join(r, "\n"), strings.Join(a, "\n")
}

// fileSheet names the problems of the whole file, when there are any.
func (b *book) fileSheet() error {
	left := b.report.Total - len(b.report.Problems)
	problems := b.byRow[0]
	if len(problems) == 0 && left == 0 {
		return nil
	}
	w := b.words.Book
	index, err := b.file.NewSheet(w.FileSheet)
	if err != nil {
		return err
	}
	out, err := b.stream(w.FileSheet, cellWidth, sentenceWidth, sentenceWidth)
	if err != nil {
		return err
	}
	rows := [][]any{b.texts(b.heading, w.Column, w.Reason, w.Advice)}
	for _, p := range problems {
		reason, advice := b.words.Text(p)
		rows = append(rows, b.texts(b.long, p.Column, reason, advice))
	}
	if left > 0 {
		rows = append(rows, b.texts(b.long, "", fill(w.Left, strconv.Itoa(left)), ""))
	}
	for i, row := range rows {
		if err := out.SetRow("A"+strconv.Itoa(i+1), row, rowHeight(row, cellWidth, sentenceWidth, sentenceWidth)); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		b.file.SetActiveSheet(index)
	}
	return out.Flush()
}
