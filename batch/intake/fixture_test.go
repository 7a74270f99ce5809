package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"oshirase/letters"
)

// TestFilesOfOtherPrograms reads the same small extract as CSV, written by
// Python in CP932, and as XLSX, written by LibreOffice.
func TestFilesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"extract-cp932.csv", "extract-libreoffice.xlsx"} {
		data, err := os.ReadFile("testdata/" + name)
		must(t, err)
		rows, r := readList(t, data, testOptions(t))
		var got []string
		for _, row := range rows {
			got = append(got, fmt.Sprint(row.No, row.SupplyPoint, row.Name, row.PostalCode, row.Building, row.RetailerCode, row.Supply,
				row.System, row.First, row.Last, row.Channel, row.Kind, row.Held))
		}
		sameStrings(t, name, got, []string{
			fmt.Sprint(4, "0912345678901234567890", "髙橋　一郎", "8120011", "見本様方\nコーポ見本 101", "00012", letters.Low,
				letters.SystemCode("CC"), letters.Date("2022-10-03"), letters.Date("2022-10-03"), letters.Email, letters.Individual, "[address]"),
			fmt.Sprint(5, "0900000000000000000002", "\ue000田　花子", "8120011", "", "0345", letters.Low,
				letters.SystemCode("NW"), letters.Date("2022-04-01"), letters.Date("2022-05-31"), letters.Print, letters.Individual, "[]"),
			fmt.Sprint(6, "0900000000000000000003", "見本商事㈱", "", "", "00012", letters.ExtraHigh,
				letters.SystemCode("CC"), letters.Date("2022-12-01"), letters.Date("2022-12-01"), letters.Print, letters.Corporate, "[address]"),
		})
		sameStrings(t, name, told(r), []string{"7 契約名義 name_empty"})
		if got := fmt.Sprint(r.Titles, r.HeadingRow, r.Totals, r.Unknown, r.Foreign); got != "[1] 3 [8] [備考] [{U+E000 1 5}]" {
			t.Errorf("%s described as %s", name, got)
		}
	}
}

// TestBookCellsHold: what a spreadsheet spoilt is dropped or held, never printed.
func TestBookCellsHold(t *testing.T) {
	t.Parallel()
	data := sampleBook(t, func(f *excelize.File, s string) {
		must(t, f.SetCellValue(s, "I2", 920000001), f.SetCellValue(s, "C2", 5),
			f.SetCellValue(s, "G3", time.Date(2001, 1, 2, 0, 0, 0, 0, time.UTC)), f.SetCellValue(s, "E4", 600001))
	})
	rows, r := readList(t, data, testOptions(t))
	if len(rows) != 3 {
		t.Fatalf("problems %v", told(r))
	}
	if got := fmt.Sprint(rows[0].Phone, rows[0].Kana, rows[0].Notes, rows[0].Held); got != "[kana_dropped phone_dropped] []" {
		t.Errorf("numbers in カナ and 電話番号: %s", got)
	}
	if got := fmt.Sprint(rows[1].Held); got != "[address]" {
		t.Errorf("a day in 方書: held %s", got)
	}
	if got := fmt.Sprint(rows[2].PostalCode, rows[2].Held); got != "[address]" {
		t.Errorf("six digits in 郵便番号: %s", got)
	}
}

func TestWithoutRetailerList(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	opt.Retailers = nil
	rows, r := readList(t, list(changes(sampleRow(1), "小売電気事業者コード", "0077", "小売電気事業者名", "どこか電力"),
		changes(sampleRow(2), "小売電気事業者コード", "00099")), opt)
	if len(rows) != 1 || rows[0].RetailerCode != "0077" {
		t.Errorf("rows %v", rows)
	}
	sameStrings(t, "problems", told(r), []string{"3 小売電気事業者コード retailer_affiliated"})
}

func TestCancelStops(t *testing.T) {
	t.Parallel()
	var rows [][]string
	for n := range 1_000 {
		rows = append(rows, sampleRow(n))
	}
	data := string(list(rows...))
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := Read(ctx, "list", strings.NewReader(data), int64(len(data)), testOptions(t), func(letters.Row) error {
		calls++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || calls > 300 {
		t.Errorf("err %v after %d rows, want canceled soon", err, calls)
	}
}
