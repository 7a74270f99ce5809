package printing

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
)

func receiptWords(t *testing.T) Words {
	t.Helper()
	content, err := os.ReadFile("../../templates/headings/receipt.toml")
	if err != nil {
		t.Fatal(err)
	}
	w, err := ParseWords(content)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestReceiptInEveryEncoding(t *testing.T) {
	t.Parallel()
	a, b, c := testID(1), testID(2), testID(3)
	text := "差出報告,,,,\r\n頁数,状態,お問合せ番号,日付,理由\r\n2,発送済," + a.Groups() + ",令和5年2月24日,\r\n" +
		"２,返戻," + string(b) + ",2023/3/1,あて所に尋ねあたりません\r\n,抜取," + c.Groups() + ",20230223,\r\n"
	cp932, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []ReceiptEntry{
		{3, a, Posted, "2023-02-24", "", 2, "お問合せ番号"}, {4, b, Returned, "2023-03-01", "unknown_address", 2, "お問合せ番号"}, {5, c, Withdrawn, "2023-02-23", "", 0, "お問合せ番号"}}
	for name, in := range map[string]string{"UTF-8": text, "BOM": "\ufeff" + text, "CP932": cp932, "tabs": strings.ReplaceAll(text, ",", "\t")} {
		got, problems, err := ReadReceipt(strings.NewReader(in), receiptWords(t))
		if err != nil || len(problems) != 0 || !slices.Equal(got, want) {
			t.Errorf("%s: %+v, problems %+v, %v", name, got, problems, err)
		}
	}
}

func TestReceiptNamesEveryBadLine(t *testing.T) {
	t.Parallel()
	id := testID(1).Groups()
	cases := map[string]string{
		"1.23457E+15,差出済,2023-02-24,,":       ProblemDamagedID,
		"1234567890123450,差出済,,,":            ProblemDamagedID,
		"電力 太郎,差出済,,,":                       ProblemID,
		id + ",発送中,,,":                       ProblemState,
		id + ",差出済,2023-02-30,,":             ProblemDate,
		id + ",返戻,2023-03-01,犬がいた,":          ProblemReason,
		id + ",差出済,,,0":                      ProblemPages,
		id + ",差出済":                          ProblemCells,
		id + ",差出済,,,\n" + id + ",投函済み,,,\n": ProblemRepeat,
	}
	for line, code := range cases {
		_, problems, err := ReadReceipt(strings.NewReader("通知番号,状態,日付,理由,頁数\n"+line+"\n"), receiptWords(t))
		if err != nil || len(problems) != 1 || problems[0].Code != code || problems[0].Row < 2 {
			t.Errorf("%q: %+v, %v, want %s", line, problems, err, code)
		}
	}
	_, problems, _ := ReadReceipt(strings.NewReader("a,b\n1,2\n"), receiptWords(t))
	if len(problems) != 1 || problems[0].Code != ProblemNoHeading {
		t.Errorf("no heading: %+v", problems)
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	for sheets, want := range map[int]Class{1: "naga3-b1-s1", 2: "naga3-b1-s2", 3: "naga3-b1-s3", 4: "naga3-b1-s3", 5: "naga3-b1-s5", 50: "naga3-b1-s5"} {
		if got := ClassOf("naga3", true, sheets); got != want {
			t.Errorf("%d sheets: %s, want %s", sheets, got, want)
		}
	}
}
