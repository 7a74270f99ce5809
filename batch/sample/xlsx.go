package sample

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// writeXLSX writes the list as a workbook of one sheet: text cells, but
// numbers for 閲覧回数 and date cells for days written with slashes.
func writeXLSX(ctx context.Context, out io.Writer, w *words, rows [][]string) error {
	f := excelize.NewFile()
	defer f.Close()
	// Fixed, so that the same list is the same file.
	const made = "2023-02-08T00:00:00Z"
	if err := f.SetDocProps(&excelize.DocProperties{Creator: "oshirase sample", Created: made, Modified: made}); err != nil {
		return err
	}
	day, err := f.NewStyle(&excelize.Style{CustomNumFmt: ptr("yyyy/m/d")})
	if err != nil {
		return err
	}
	sheet, err := f.NewStreamWriter(f.GetSheetName(0))
	if err != nil {
		return err
	}
	if err := writeSheet(ctx, sheet, w, rows, day); err != nil {
		return err
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	_, err = f.WriteTo(out)
	return err
}

func writeSheet(ctx context.Context, sheet *excelize.StreamWriter, w *words, rows [][]string, day int) error {
	heading := make([]any, columns)
	for i, h := range w.all("list") {
		heading[i] = h
	}
	if err := sheet.SetRow("A1", heading); err != nil {
		return err
	}
	cells := make([]any, columns)
	for i, row := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		for c, text := range row {
			cells[c] = cell(c, text, day)
		}
		if err := sheet.SetRow(fmt.Sprintf("A%d", i+2), cells); err != nil {
			return err
		}
	}
	return nil
}

// cell is nil for an empty text: the cell is not there at all.
func cell(column int, text string, day int) any {
	if text == "" {
		return nil
	}
	switch column {
	case colViews:
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	case colFirst, colLast:
		if t, err := time.Parse(slashed, text); err == nil {
			return excelize.Cell{StyleID: day, Value: serial(t)}
		}
	}
	return text
}

// serial is a day's number in the 1900 date system.
func serial(t time.Time) int {
	return int(t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

func ptr[T any](v T) *T { return &v }
