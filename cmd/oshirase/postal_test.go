package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"oshirase/letters/postal"
)

// shippedTowns are the area rows of the embedded data in its compact form.
var shippedTowns = sync.OnceValues(func() ([][]string, error) {
	d, err := postal.Load()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := d.WriteTo(&b); err != nil {
		return nil, err
	}
	zr, err := gzip.NewReader(&b)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(zr)
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 6 && f[1] == "a" {
			rows = append(rows, f)
		}
	}
	return rows, err
})

// kenAll writes them in the form of utf_ken_all.csv, without one code, and
// with further lines of code, prefecture, city and town.
func kenAll(t *testing.T, leave string, extra ...string) string {
	t.Helper()
	rows, err := shippedTowns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	write := func(code, prefecture, city, town string) {
		fmt.Fprintf(&b, "40133,\"%s\",\"%s\",\"ケン\",\"シ\",\"マチ\",\"%s\",\"%s\",\"%s\",0,0,0,0,0,0\r\n",
			code[:3], code, prefecture, city, town)
	}
	for _, f := range rows {
		town := f[4]
		if town == "" {
			town = "以下に掲載がない場合"
		}
		if f[5] != "" {
			town += "（" + f[5] + "）"
		}
		if f[0] != leave {
			write(f[0], f[2], f[3], town)
		}
	}
	if len(extra) == 4 {
		write(extra[0], extra[1], extra[2], extra[3])
	}
	return b.String()
}

func zipped(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPostalUpdate takes newer data in: what changes is told, letters that
// were made with the former ones cannot be approved until they are made again,
// and the same file a second time changes nothing.
func TestPostalUpdate(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "40", "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	code := someCode(t, o)
	file := o.file("utf_ken_all.zip", zipped(t, map[string]string{
		"utf_ken_all.csv": kenAll(t, code, "8109999", "福岡県", "福岡市中央区", "見本町")}))
	var got postalJSON
	if err := json.Unmarshal([]byte(o.ok("postal", "update", file, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Changed || got.Added != 1 || got.Removed != 1 || got.Towns != 0 || got.Date != "2023-02-08" || got.Former != "" ||
		!strings.HasPrefix(got.Source, "utf_ken_all.zip / jquery-jpostal-ja") {
		t.Errorf("%+v", got)
	}
	if len(got.Months) != 1 || len(got.Months[0].Lost) == 0 || len(got.Months[0].Gained)+len(got.Months[0].Changed) != 0 {
		t.Errorf("letters of the code %s that is gone: %+v", code, got.Months)
	}
	o.ends(4, "approve", "2023-02", "--as", "jiro")
	if out, _ := o.ends(5, "check", "2023-02"); !strings.Contains(out, "郵便番号データにない") {
		t.Errorf("check does not say that the code is not in the data:\n%s", out)
	}
	o.ok("render", "2023-02", "--as", "hana")
	if again := o.ok("postal", "update", file); !strings.Contains(again, "すでに同じ内容") {
		t.Errorf("the same file again: %s", again)
	}
	o.ok("approve", "2023-02", "--as", "jiro")
	other := o.file("other.csv", kenAll(t, "9071801"))
	o.ends(4, "postal", "update", other) // approved letters are still to leave
	dry := counts(t, o.ok("release", "2023-02", "--json"))
	o.ok("release", "2023-02", "--as", "jiro", "--only", "print", "--expect", fmt.Sprint(dry["print"]))
	o.ends(4, "postal", "update", other)
}

// someCode is the postal code of one town that stands in the list.
func someCode(t *testing.T, o *office) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(o.home, "lists", "list.csv"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := postal.Load()
	if err != nil {
		t.Fatal(err)
	}
	for field := range strings.SplitSeq(string(raw), ",") {
		code := strings.ReplaceAll(strings.Trim(field, `"`), "-", "")
		if len(d.Rows(code)) == 1 && !strings.HasSuffix(code, "00") {
			return code
		}
	}
	t.Fatal("the list has no code of one town")
	return ""
}

// The former data stay under their version.
func TestPostalUpdateKeepsFormer(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.ok("postal", "update", o.file("a.csv", kenAll(t, "9071801")))
	first, err := os.ReadFile(filepath.Join(o.home, "postal", "postal.tsv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var got postalJSON
	if err := json.Unmarshal([]byte(o.ok("postal", "update", o.file("b.csv", kenAll(t, "9071800")), "--json")), &got); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(got.Former)
	if err != nil || !bytes.Equal(kept, first) {
		t.Errorf("former data %q: %v", got.Former, err)
	}
}

// Each kind of bad file has its sentence, and nothing is written.
func TestPostalUpdateRefuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	whole := kenAll(t, "")
	for name, c := range map[string]struct{ text, says string }{
		"empty.csv":    {"", "空です"},
		"quote.csv":    {"4\"0133,1\n", "CSV として読めません"},
		"columns.csv":  {"a,b,c\n", "列の数"},
		"encoding.csv": {strings.Replace(whole, "天神", "天\uFFFD", 1), "文字コード"},
		"row.csv":      {strings.Replace(whole, "\"8100001\"", "\"810000\"", 1), "7桁の郵便番号"},
		"open.csv":     {strings.Replace(whole, "（", "（（", 1), "括弧"},
		"kyushu.csv":   {whole[strings.Index(whole, "40133,\"800\""):], "全国のデータではありません"},
		"half.csv":     {whole[:strings.Index(whole, "40133,\"500\"")], "全国のデータではありません"},
		"broken.zip":   {"PK\x03\x04 nothing", "ZIP"},
		"two.zip":      {zipped(t, map[string]string{"a.csv": "1", "b.csv": "2"}), "2 個"},
		"none.zip":     {zipped(t, map[string]string{"a.txt": "1"}), "0 個"},
		"bomb.zip":     {zipped(t, map[string]string{"a.csv": strings.Repeat("0", 210<<20)}), "大きすぎます"},
	} {
		_, errs := o.ends(3, "postal", "update", o.file(name, c.text))
		if !strings.Contains(errs, c.says) || !strings.Contains(errs, name) {
			t.Errorf("%s: %s", name, errs)
		}
	}
	o.ends(2, "postal", "update", filepath.Join(o.home, "nowhere.csv"))
	o.ends(2, "postal", "update")
	if _, err := os.Stat(filepath.Join(o.home, "postal")); err == nil {
		t.Error("a refused file left something in the home")
	}
}
