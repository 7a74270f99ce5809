package intake

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"

	"oshirase/letters"
)

// testIncident has the values of the incident report.
func testIncident() *letters.Incident {
	low := []letters.ItemCode{"name", "phone", "retailer", "capacity", "menu"}
	high := []letters.ItemCode{"name", "contact"}
	return &letters.Incident{
		ID: "test", AreaPrefix: "09", LogFrom: "2022-04-01", LogTo: "2023-01-09",
		Affiliated: []string{"00099"},
		Systems: []letters.System{
			{Code: "CC", Name: "コールセンターシステム", From: "2020-01-06", To: "2023-01-18",
				Catalogue: map[letters.Supply][]letters.ItemCode{letters.Low: low, letters.High: high, letters.ExtraHigh: high}},
			{Code: "NW", Name: "ネットワークオンラインシステム", From: "2020-01-06", To: "2023-01-25",
				Catalogue: map[letters.Supply][]letters.ItemCode{letters.Low: {"name", "phone", "capacity", "menu"}}},
		},
		Items: []letters.Item{
			{Code: "name", Name: "契約名義"},
			{Code: "phone", Name: "連絡先電話番号", Aliases: []string{"連絡先"}},
			{Code: "contact", Name: "連絡先"},
			{Code: "retailer", Name: "小売電気事業者コード"},
			{Code: "capacity", Name: "設備容量"},
			{Code: "menu", Name: "接続送電サービスメニューコード"},
		},
	}
}

func testHeadings(t testing.TB) Headings {
	t.Helper()
	h, err := ReadHeadings(os.DirFS("../../templates/headings"))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func testSentences(t testing.TB) Sentences {
	t.Helper()
	s, err := ReadSentences(os.DirFS("../../templates/problems"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testOptions(t testing.TB) Options {
	return Options{Incident: testIncident(), Headings: testHeadings(t), Retailers: map[string]letters.Retailer{
		"00012": {Code: "00012", Name: "サンプル電力株式会社"},
		"0345":  {Code: "0345", Name: "ためし・エナジー合同会社"},
		"00099": {Code: "00099", Name: "九州電力株式会社"},
	}}
}

// fields in the order of the sample list.
func sampleHeadings() []string {
	return []string{"供給地点特定番号", "契約名義", "契約名義カナ", "個人法人区分", "郵便番号", "住所", "方書", "需要場所",
		"連絡先電話番号", "メールアドレス", "通知方法", "小売電気事業者コード", "小売電気事業者名", "需要種別", "閲覧システム",
		"閲覧項目", "初回閲覧日", "最終閲覧日", "閲覧回数", "閲覧者区分", "非常災害対応", "最終保障供給", "取扱区分"}
}

// sampleRow is a good row; n makes it another contract.
func sampleRow(n int) []string {
	point := "09" + strings.Repeat("0", 20-len(strconv.Itoa(n))) + strconv.Itoa(n)
	return []string{point, "電力 太郎", "デンリョク タロウ", "個人", "812-0011", "福岡市博多区博多駅前9丁目99-9", "見本ハイツ101", "",
		"092-000-0001", "taro@example.jp", "郵送", "00012", "サンプル電力株式会社", "低圧", "コールセンターシステム",
		"契約名義、連絡先電話番号", "2022-10-03", "2022-10-05", "2", "九州電力、業務委託先", "", "", ""}
}

// change returns the row with one column changed.
func change(row []string, heading, value string) []string {
	out := slices.Clone(row)
	i := slices.Index(sampleHeadings(), heading)
	if i < 0 {
		panic("no heading " + heading)
	}
	out[i] = value
	return out
}

// changes applies pairs of heading and value.
func changes(row []string, pairs ...string) []string {
	for i := 0; i < len(pairs); i += 2 {
		row = change(row, pairs[i], pairs[i+1])
	}
	return row
}

func csvText(sep, newline string, rows ...[]string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, c := range row {
			if i > 0 {
				b.WriteString(sep)
			}
			if strings.ContainsAny(c, sep+"\"\r\n") {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			b.WriteString(c)
		}
		b.WriteString(newline)
	}
	return b.String()
}

func list(rows ...[]string) []byte {
	return []byte(csvText(",", "\r\n", append([][]string{sampleHeadings()}, rows...)...))
}

func toCP932(t testing.TB, s string) []byte {
	t.Helper()
	b, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func toUTF16(s string, order binary.ByteOrder, bom bool) []byte {
	if bom {
		s = "\ufeff" + s
	}
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		var b [2]byte
		order.PutUint16(b[:], u)
		out = append(out, b[:]...)
	}
	return out
}

// toXLSX writes every cell as text.
func toXLSX(t testing.TB, rows [][]string, edit func(f *excelize.File, sheet string)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		for j, c := range row {
			name, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if c == "" {
				continue
			}
			if err := f.SetCellStr("Sheet1", name, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	if edit != nil {
		edit(f, "Sheet1")
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readList(t testing.TB, data []byte, opt Options) ([]letters.Row, *Report) {
	t.Helper()
	var rows []letters.Row
	report, err := Read(context.Background(), "list", bytes.NewReader(data), int64(len(data)), opt, func(r letters.Row) error {
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, report, len(rows))
	return rows, report
}

// checkReport holds what is true of every report.
func checkReport(t testing.TB, r *Report, handed int) {
	t.Helper()
	if r.Good != handed {
		t.Errorf("Good = %d, but %d rows were handed over", r.Good, handed)
	}
	if !r.FileProblem && r.Rows != r.Good+len(r.ProblemRows) {
		t.Errorf("Rows = %d, but good %d + problems %d", r.Rows, r.Good, len(r.ProblemRows))
	}
	if !slices.IsSorted(r.ProblemRows) {
		t.Errorf("problem rows out of order: %v", r.ProblemRows)
	}
}

// told lists problems as row/column/code.
func told(r *Report) []string {
	var out []string
	for _, p := range r.Problems {
		out = append(out, strconv.Itoa(p.Row)+" "+p.Column+" "+p.Code)
	}
	return out
}

func sameStrings(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}
