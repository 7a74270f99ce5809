package workbook

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

func sample() []Table {
	return []Table{{Name: "一覧", Title: "契約の一覧", Notes: []string{"2023年2月7日時点"}, Heads: []string{"番号", "数"},
		Widths: []float64{28, 8}, Right: []bool{false, true},
		Rows: [][]string{{"0900000000000000000001", "1"}, {"=1+1", "＝2"}, {"+81", "-1"}, {"@SUM(A1)", ""}}}}
}

func TestEveryCellIsText(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Write(&b, Properties{Title: "一覧", Creator: "oshirase", Date: "2023-02-07T00:00:00Z"}, sample()); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"A1": "契約の一覧", "A2": "2023年2月7日時点", "A4": "番号", "A5": "0900000000000000000001",
		"A6": "=1+1", "B6": "＝2", "A7": "+81", "B7": "-1", "A8": "@SUM(A1)"}
	for cell, text := range want {
		if got, err := f.GetCellValue("一覧", cell); err != nil || got != text {
			t.Errorf("%s = %q, %v; want %q", cell, got, err, text)
		}
		if kind, err := f.GetCellType("一覧", cell); err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s is of type %v, %v; want a string", cell, kind, err)
		}
		if formula, err := f.GetCellFormula("一覧", cell); err != nil || formula != "" {
			t.Errorf("%s holds the formula %q", cell, formula)
		}
	}
}

func TestSameTablesSameBytes(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	p := Properties{Title: "一覧", Creator: "oshirase", Date: "2023-02-07T00:00:00Z"}
	if err := Write(&a, p, sample()); err != nil {
		t.Fatal(err)
	}
	if err := Write(&b, p, sample()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two workbooks of the same tables differ")
	}
}
