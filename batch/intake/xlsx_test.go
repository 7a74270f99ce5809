package intake

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

func sampleBook(t testing.TB, edit func(f *excelize.File, sheet string)) []byte {
	return toXLSX(t, [][]string{sampleHeadings(), sampleRow(1), sampleRow(2), sampleRow(3)}, edit)
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBookReadsAsText(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	got, r := readList(t, sampleBook(t, nil), opt)
	want, _ := readList(t, list(sampleRow(1), sampleRow(2), sampleRow(3)), opt)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("rows differ: %v\n%v\n%v", told(r), got, want)
	}
	if r.Format != "xlsx" || r.Sheet != "Sheet1" || r.Encoding != "" {
		t.Errorf("described as %q %q %q", r.Format, r.Sheet, r.Encoding)
	}
}

// TestBookCells has one named case per kind of cell, all put into row 3.
func TestBookCells(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	day := time.Date(2022, 10, 4, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		edit func(f *excelize.File, s string) error
		want []string // problems; nil = the row is good
	}{
		{"supply point as a number", func(f *excelize.File, s string) error { return f.SetCellValue(s, "A3", 9.1e20) }, []string{"3 供給地点特定番号 supply_point_number"}},
		{"name as a number", func(f *excelize.File, s string) error { return f.SetCellValue(s, "B3", 7) }, []string{"3 契約名義 text_number"}},
		{"name as a day", func(f *excelize.File, s string) error { return f.SetCellValue(s, "B3", day) }, []string{"3 契約名義 text_number"}},
		{"retailer code as a number", func(f *excelize.File, s string) error { return f.SetCellValue(s, "L3", 12) }, []string{"3 小売電気事業者コード retailer_number"}},
		{"date cell", func(f *excelize.File, s string) error { return f.SetCellValue(s, "Q3", day) }, nil},
		{"day number without a date format", func(f *excelize.File, s string) error { return f.SetCellValue(s, "Q3", 44838) }, []string{"3 初回閲覧日 date_number"}},
		{"views as a number", func(f *excelize.File, s string) error { return f.SetCellValue(s, "S3", 3) }, nil},
		{"views as a fraction", func(f *excelize.File, s string) error { return f.SetCellValue(s, "S3", 3.5) }, []string{"3 閲覧回数 views_bad"}},
		{"truth cell", func(f *excelize.File, s string) error { return f.SetCellValue(s, "U3", true) }, nil},
		{"one as a number", func(f *excelize.File, s string) error { return f.SetCellValue(s, "U3", 1) }, nil},
		{"postal code as a whole number", func(f *excelize.File, s string) error { return f.SetCellValue(s, "E3", 8120011) }, nil},
		{"formula without a result", func(f *excelize.File, s string) error {
			return errors.Join(f.SetCellValue(s, "N3", nil), f.SetCellFormula(s, "N3", "=N2"))
		}, []string{"3 需要種別 formula_empty"}},
		{"merged with the row below", func(f *excelize.File, s string) error { return f.MergeCell(s, "F3", "F4") },
			[]string{"3 住所 merged_cells", "4 住所 merged_cells"}},
		{"merged beside the list", func(f *excelize.File, s string) error { return f.MergeCell(s, "AA3", "AB4") }, nil},
		{"cell beyond the headings", func(f *excelize.File, s string) error { return f.SetCellStr(s, "Z3", "余り") }, []string{"3  row_long"}},
		{"rich text", func(f *excelize.File, s string) error {
			return f.SetCellRichText(s, "B3", []excelize.RichTextRun{{Text: "電力 "}, {Text: "花子", Font: &excelize.Font{Bold: true}}})
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := sampleBook(t, func(f *excelize.File, s string) { must(t, c.edit(f, s)) })
			rows, r := readList(t, data, opt)
			sameStrings(t, "problems", told(r), c.want)
			if c.want == nil && len(rows) != 3 {
				t.Errorf("%d good rows, want 3", len(rows))
			}
			if c.name == "rich text" && rows[1].Name != "電力 花子" {
				t.Errorf("name %q", rows[1].Name)
			}
			if c.name == "date cell" && rows[1].First != "2022-10-04" {
				t.Errorf("first day %q", rows[1].First)
			}
		})
	}
}

func TestBookSheets(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	second := func(f *excelize.File, name string, rows ...[]string) error {
		_, err := f.NewSheet(name)
		for i, row := range rows {
			err = errors.Join(err, f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row))
		}
		return err
	}
	for _, c := range []struct {
		name string
		edit func(f *excelize.File, s string) error
		want string // sheet, problems, hidden sheets, other sheets, hidden rows, hidden columns
	}{
		{"one sheet", nil, "Sheet1 [] [] [] [] []"},
		{"a cover sheet in front", func(f *excelize.File, s string) error {
			return errors.Join(second(f, "表紙", []string{"一覧について"}), f.MoveSheet("表紙", s))
		}, "Sheet1 [] [] [表紙] [] []"},
		{"an empty sheet", func(f *excelize.File, s string) error { return second(f, "空") }, "Sheet1 [] [] [] [] []"},
		{"two lists", func(f *excelize.File, s string) error { return second(f, "続き", sampleHeadings(), sampleRow(9)) },
			"Sheet1 [0  sheets_several] [] [] [] []"},
		{"a hidden list", func(f *excelize.File, s string) error {
			return errors.Join(second(f, "隠し", sampleHeadings(), sampleRow(9)), f.SetSheetVisible("隠し", false))
		}, "Sheet1 [] [隠し] [] [] []"},
		{"an empty form in front", func(f *excelize.File, s string) error {
			return errors.Join(second(f, "様式", sampleHeadings()), f.MoveSheet("様式", s))
		}, "Sheet1 [] [] [] [] []"},
		{"hidden row and column", func(f *excelize.File, s string) error {
			return errors.Join(f.SetRowVisible(s, 3, false), f.SetColVisible(s, "C", false))
		}, "Sheet1 [] [] [] [3] [C]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := sampleBook(t, func(f *excelize.File, s string) {
				if c.edit != nil {
					must(t, c.edit(f, s))
				}
			})
			rows, r := readList(t, data, opt)
			got := fmt.Sprintf("%s %v %v %v %v %v", r.Sheet, told(r), r.HiddenSheets, r.OtherSheets, r.HiddenRows, r.HiddenColumns)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !r.FileProblem && len(rows) != 3 {
				t.Errorf("%d rows, want 3", len(rows))
			}
			if r.FileProblem && len(rows) != 0 {
				t.Errorf("%d rows handed over from a file with a problem", len(rows))
			}
		})
	}
}
