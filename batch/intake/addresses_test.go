package intake

import (
	"bytes"
	"fmt"
	"testing"

	"oshirase/letters"
)

func addressRows(ids ...string) [][]string {
	rows := [][]string{{"通知番号", "郵便番号", "住所", "方書", "メールアドレス"}}
	for _, id := range ids {
		rows = append(rows, []string{id, "８１０−０００１", "福岡市中央区天神１−２", "見本ビル 301", ""})
	}
	return rows
}

func readAddressList(t *testing.T, data []byte) ([]Address, *Report) {
	t.Helper()
	got, r, err := ReadAddresses(t.Context(), "addresses", bytes.NewReader(data), int64(len(data)), Options{Headings: testHeadings(t)})
	if err != nil {
		t.Fatal(err)
	}
	return got, r
}

func TestCorrectedRecipients(t *testing.T) {
	t.Parallel()
	id, err := letters.NewID(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	rows := addressRows(id.Groups())
	for name, data := range map[string][]byte{"utf8": []byte(csvText(",", "\n", rows...)), "xlsx": toXLSX(t, rows, nil)} {
		got, r := readAddressList(t, data)
		want := []Address{{LetterID: id, PostalCode: "8100001", Address: "福岡市中央区天神１−２", Building: "見本ビル 301"}}
		if fmt.Sprint(got) != fmt.Sprint(want) || r.Total != 0 {
			t.Errorf("%s: got %+v, problems %v", name, got, told(r))
		}
	}
	bad := append(addressRows(id.Groups(), id.Groups(), "1234-5678-9012-3456"), []string{id.Groups(), "", "福岡市", "", "x@y"})
	_, r := readAddressList(t, []byte(csvText(",", "\n", bad...)))
	sameStrings(t, "problems", told(r), []string{"3 通知番号 letter_twice", "4 通知番号 letter_bad",
		"5 通知番号 letter_twice", "5 住所 address_half", "5 メールアドレス retailer_mail_bad"})
}
