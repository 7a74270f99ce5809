package intake

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"

	"oshirase/letters"
)

func readRetailerList(t testing.TB, data []byte) ([]letters.Retailer, *Report) {
	t.Helper()
	got, r, err := ReadRetailers(t.Context(), "retailers", bytes.NewReader(data), int64(len(data)), Options{Headings: testHeadings(t)})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, r, len(got))
	return got, r
}

func retailerRows() [][]string {
	return [][]string{
		{"小売電気事業者コード", "小売電気事業者名", "部署名", "郵便番号", "住所", "担当者", "メールアドレス"},
		{"00012", "サンプル電力株式会社", "お客さま部", "812-0011", "福岡市博多区見本1-1", "見本 花子", "hanako@example.jp"},
		{"0345", "ためし・エナジー合同会社", "", "", "", "", ""},
	}
}

func TestRetailerList(t *testing.T) {
	t.Parallel()
	rows := retailerRows()
	for name, data := range map[string][]byte{
		"csv": toCP932(t, csvText(",", "\r\n", rows...)), "xlsx": toXLSX(t, rows, nil),
	} {
		got, r := readRetailerList(t, data)
		want := []letters.Retailer{
			{Code: "00012", Name: "サンプル電力株式会社", Department: "お客さま部", PostalCode: "8120011", Address: "福岡市博多区見本1-1",
				Contact: "見本 花子", Mail: "hanako@example.jp"},
			{Code: "0345", Name: "ためし・エナジー合同会社"},
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || r.Total != 0 {
			t.Errorf("%s: got %+v, problems %v", name, got, told(r))
		}
	}
}

func TestRetailerListRefuses(t *testing.T) {
	t.Parallel()
	rows := append(retailerRows(),
		[]string{"00012", "別の電力", "", "", "", "", ""},
		[]string{"", "見本", "", "", "", "", ""},
		[]string{"7", "", "", "812-001", "", "", "x@y"},
		[]string{"8", "見本", "", "", "", "見本\n太郎", ""})
	_, r := readRetailerList(t, []byte(csvText(",", "\n", rows...)))
	sameStrings(t, "problems", told(r), []string{"4 小売電気事業者コード retailer_code_twice", "5 小売電気事業者コード retailer_empty",
		"6 小売電気事業者名 retailer_name_empty", "6 郵便番号 retailer_postal_bad", "6 メールアドレス retailer_mail_bad", "7 担当者 control_character"})
	if got := r.Problems[0].Args[0]; got != "2" {
		t.Errorf("the earlier row is %s, want 2", got)
	}
	_, r = readRetailerList(t, toXLSX(t, retailerRows(), func(f *excelize.File, s string) { must(t, f.SetCellValue(s, "A3", 345)) }))
	sameStrings(t, "numeric code", told(r), []string{"3 小売電気事業者コード retailer_number"})
}
