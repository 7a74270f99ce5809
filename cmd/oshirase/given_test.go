package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// handed are files that somebody may hand in, and the word by which the answer
// names each.
func (o *office) handed() map[string]string {
	t := o.t
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "12", "--out", lists)
	o.ok("sample", "--contracts", "12", "--encoding", "xlsx", "--out", filepath.Join(o.home, "books"))
	bad := filepath.Join(o.home, "bad.csv")
	raw, err := os.ReadFile(filepath.Join(lists, "list.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, raw[:len(raw)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	o.ends(3, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), bad)
	books, err := filepath.Glob(filepath.Join(o.home, "problems", "*.xlsx"))
	if err != nil || len(books) != 1 {
		t.Fatalf("%d workbooks; %v", len(books), err)
	}
	packed, err := os.Create(filepath.Join(o.home, "list.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(packed)
	if _, err := z.Create("list.csv"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		filepath.Join(lists, "list.csv"):            "閲覧確認済契約リスト",
		filepath.Join(o.home, "books", "list.xlsx"): "閲覧確認済契約リスト",
		filepath.Join(lists, "retailers.csv"):       "小売電気事業者一覧",
		books[0]:                                    "直していただく行の一覧",
		packed.Name():                               "ZIP",
		o.cp932("receipt.csv", "お問合せ番号,状態", "1,差出済"):                                     "差出報告または返戻の一覧",
		o.cp932("moved.csv", "通知番号,郵便番号,住所", "1,2,3"):                                    "改めた宛先の一覧",
		o.file("bounces", "From MAILER-DAEMON Wed Feb  8 10:00:00 2023\nSubject: x\n\n"): "メール",
		o.file("mail.log", "Feb  8 10:00:00 relay postfix/qmgr[12]: 4A: from=<x>\n"):     "の記録",
		o.file("letter.csv", "%PDF-1.7\n"):                                               "PDF",
		o.file("locked.xlsx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1secrets"):                 "パスワードの付いた",
		o.file("empty.csv", ""):            "中身のないファイル",
		filepath.Join(o.home, "ledger.db"): "台帳",
	}
}

// TestEveryWrongFileIsNamed: each command that takes a file answers one of
// another kind with one line that says what it is, and changes nothing.
func TestEveryWrongFileIsNamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "bounce.example.jp"
	files := o.handed()
	retailers, list := filepath.Join(o.home, "lists", "retailers.csv"), filepath.Join(o.home, "lists", "list.csv")
	key := o.ageKey()
	before := o.ok("status", "--json")
	for command, c := range map[string]struct {
		line  []string // FILE stands for the file
		right []string // words of the kinds that it takes, or refuses in words of its own
	}{
		"import":        {[]string{"import", "2023-02", "--as", "hana", "--retailers", retailers, "FILE"}, []string{"閲覧確認済契約リスト"}},
		"--retailers":   {[]string{"import", "2023-02", "--as", "hana", "--retailers", "FILE", list}, []string{"小売電気事業者一覧"}},
		"print receipt": {[]string{"print", "receipt", "FILE"}, []string{"差出報告または返戻の一覧"}},
		"returned":      {[]string{"returned", "FILE"}, []string{"差出報告または返戻の一覧"}},
		"bounce":        {[]string{"bounce", "FILE"}, []string{"メール", "中身のないファイル"}},
		"evidence":      {[]string{"evidence", "FILE"}, []string{"差出報告または返戻の一覧", "メール", "の記録"}},
		"postal update": {[]string{"postal", "update", "FILE"}, []string{"ZIP", "中身のないファイル"}},
		"--recipients":  {[]string{"decide", "--waiting", "planned", "--propose", "cancel", "--reason", "x", "--as", "hana", "--recipients", "FILE"}, []string{"改めた宛先の一覧"}},
		"--from":        {[]string{"decide", "--propose", "cancel", "--reason", "x", "--as", "hana", "--from", "FILE"}, nil},
		"restore":       {[]string{"restore", "FILE", "--identity", key}, []string{"中身のないファイル"}},
	} {
		for path, word := range files {
			if strings.Contains(strings.Join(c.right, " "), word) {
				continue
			}
			line := append([]string{}, c.line...)
			for i := range line {
				if line[i] == "FILE" {
					line[i] = path
				}
			}
			code, out, errs := o.run(line...)
			if code != 3 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, word) || !strings.Contains(errs, "何も変えていません") {
				t.Errorf("%s %s ended with %d: %q %q", command, filepath.Base(path), code, out, errs)
			}
		}
	}
	if after := o.ok("status", "--json"); after != before {
		t.Errorf("something was changed:\n%s\n%s", before, after)
	}
}

// ageKey makes an identity with which nothing was encrypted.
func (o *office) ageKey() string {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		o.t.Fatal(err)
	}
	return o.file("house.key", id.String()+"\n")
}

// TestSwappedListsAreNamed: the two lists in each other's place are one
// sentence with both names, in JSON one problem.
func TestSwappedListsAreNamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "375", "--out", lists)
	swapped := []string{"import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "list.csv"), filepath.Join(lists, "retailers.csv")}
	out, errs := o.ends(3, swapped...)
	if out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "入れ替わっている") || !strings.Contains(errs, "--retailers には retailers.csv") {
		t.Errorf("said %q %q", out, errs)
	}
	out, _ = o.ends(3, append(swapped, "--json")...)
	var answer importJSON
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Problems) != 1 || answer.Problems[0].Code != codeFileKind || answer.Problems[0].Advice == "" || answer.Made {
		t.Errorf("in JSON %+v", answer)
	}
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
}

// TestFilesThatCannotBeRead: a folder, a device, no file, no permission, and a
// file that somebody still writes are each said in a sentence of their own.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for path, word := range map[string]string{o.home: "フォルダー", os.DevNull: "普通のファイルではありません", filepath.Join(o.home, "none.csv"): "がありません"} {
		for _, line := range [][]string{{"import", "2023-02", "--as", "hana", "--retailers", path, path}, {"print", "receipt", path}, {"returned", path},
			{"evidence", path}, {"postal", "update", path}, {"verify", path}, {"restore", path, "--identity", o.ageKey()},
			{"decide", "--from", path, "--propose", "cancel", "--reason", "x", "--as", "hana"}} {
			if _, errs := o.ends(2, line...); !strings.Contains(errs, word) || strings.Count(errs, "\n") != 1 {
				t.Errorf("%s: %q", line[0], errs)
			}
		}
	}
	if f, ok := errors.AsType[*failure](cannotOpen("list.csv", fs.ErrPermission)); !ok || f.Key != "file_denied" || f.Code != exitUsage {
		t.Errorf("without permission: %+v", f)
	}
	path := o.file("growing.csv", "通知番号,状態\n")
	f, err := openGiven(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.settled(); err != nil {
		t.Errorf("nobody wrote: %v", err)
	}
	o.file("growing.csv", "通知番号,状態\n1,差出済\n")
	if err := f.settled(); !errors.Is(err, errChanging) {
		t.Errorf("a file that grew: %v", err)
	}
}
