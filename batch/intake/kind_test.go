package intake

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
)

const (
	formList      Kind = "list"
	formRetailers Kind = "retailers"
	formAddresses Kind = "addresses"
	formReceipt   Kind = "receipt"
	formProblems  Kind = "problems"
)

func testForms(t *testing.T) ([]Form, Words) {
	h, book := testHeadings(t), testSentences(t).Book
	return []Form{{Kind: formProblems, Columns: []Column{{Field: "r", Heading: book.Reason, Must: true}, {Field: "a", Heading: book.Advice, Must: true}}},
		{Kind: formList, Columns: h.List},
		{Kind: formReceipt, Columns: []Column{{Field: "letter", Heading: "通知番号", Must: true}, {Field: "state", Heading: "状態", Also: []string{"区分"}, Must: true},
			{Field: "reason", Heading: "理由"}}},
		{Kind: formRetailers, Columns: h.Retailers}, {Kind: formAddresses, Columns: h.Addresses}}, h.Words
}

// TestFilesAreRecognised: each kind by what stands in it, whatever its name.
func TestFilesAreRecognised(t *testing.T) {
	t.Parallel()
	forms, words := testForms(t)
	list := "供給地点特定番号,契約名義,郵便番号,住所,小売電気事業者コード,小売電気事業者名,需要種別,閲覧システム,初回閲覧日,個人法人区分\r\n"
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	if _, err := z.Create("list.csv"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content string
		want    Kind
	}{
		"list":                      {list, formList},
		"list in CP932":             {string(toCP932(t, list)), formList},
		"list with a title":         {"閲覧確認済契約リスト\n\n" + strings.ReplaceAll(list, ",", "\t"), formList},
		"list without a heading":    {strings.Replace(list, "閲覧システム,", "", 1), KindUnknown},
		"retailers":                 {"小売電気事業者コード,小売電気事業者名,部署名,郵便番号,住所,担当者,メールアドレス\n", formRetailers},
		"retailers in CP932":        {string(toCP932(t, "小売電気事業者コード,小売電気事業者名,部署名,郵便番号,住所,担当者,メールアドレス\n")), formRetailers},
		"addresses":                 {"通知番号,郵便番号,住所\n", formAddresses},
		"receipt":                   {"差出報告\n通知番号,状態,日付\n", formReceipt},
		"returned, with addresses":  {"通知番号,状態,氏名,郵便番号,住所\n", KindUnknown},
		"problem book":              {"行番号,理由,直し方," + list, formProblems},
		"problems of the file":      {"列,理由,直し方\n", formProblems},
		"mailbox":                   {"From MAILER-DAEMON Wed Feb  8 10:00:00 2023\nSubject: x\n\n", KindMailbox},
		"message":                   {"Return-Path: <>\r\nReceived: from x\r\n\r\n", KindMailbox},
		"relay's log":               {"Feb  8 10:00:00 relay postfix/qmgr[12]: 4A: from=<x>\n", KindRelayLog},
		"relay's log, RFC 3339":     {"2023-02-08T10:00:00.1+09:00 relay postfix-out/smtp[12]: 4A: to=<x>\n", KindRelayLog},
		"empty":                     {"", KindEmpty},
		"PDF called CSV":            {"%PDF-1.7\n", KindPDF},
		"ZIP":                       {packed.String(), KindZIP},
		"cut ZIP":                   {"PK\x03\x04abc", KindUnknown},
		"encrypted workbook":        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", KindSealed},
		"backup":                    {"age-encryption.org/v1\n", KindBackup},
		"ledger":                    {"SQLite format 3\x00", KindLedger},
		"gzip":                      {"\x1f\x8b\x08", KindGzip},
		"text":                      {"通知番号のお知らせです。\n", KindUnknown},
		"numbers":                   {"1234567890123456\n", KindUnknown},
		"bytes that are no text":    {"\xff\xfe\x00\xd8\x00\xd8", KindUnknown},
		"a line of the whole megab": {strings.Repeat("x", 2<<20), KindUnknown},
	} {
		got, err := Recognise(strings.NewReader(c.content), int64(len(c.content)), forms, words, Limits{})
		if err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
}
