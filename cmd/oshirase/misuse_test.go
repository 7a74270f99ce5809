package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oshirase/templates"
)

// TestMisuseIsSaidInJapanese: what the flag library says in English reaches
// nobody; the sentence names what was typed or is missing.
func TestMisuseIsSaidInJapanese(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for _, c := range []struct {
		line []string
		want string
	}{
		{[]string{"import", "2023-02", "list.csv"}, "--retailers を付けてください"},
		{[]string{"imprt"}, "imprt というコマンドはありません"},
		{[]string{"status", "--colour"}, "--colour という指定はありません"},
		{[]string{"status", "-x"}, "-x という指定はありません"},
		{[]string{"import", "--retailers"}, "--retailers には値が要ります"},
		{[]string{"sample", "--contracts", "many", "--out", "lists"}, "--contracts の値が正しくありません"},
		{[]string{"decide", "--decision", "first"}, "--decision の値が正しくありません"},
		{[]string{"sample", "--contracts", "0", "--out", "lists"}, "--contracts は1以上"},
		{[]string{"sample", "--encoding", "ebcdic", "--out", "lists"}, "--encoding は cp932、utf8、utf16、xlsx"},
		{[]string{"release", "2023-02", "--expect", "four"}, "--expect の値が正しくありません"},
		{[]string{"check"}, "使い方: oshirase check 月"},
	} {
		_, errs := o.ends(exitUsage, c.line...)
		if !strings.Contains(errs, c.want) || strings.Contains(errs, "flag") || strings.Contains(errs, "unknown") || strings.Contains(errs, "invalid") || strings.Contains(errs, "cannot") {
			t.Errorf("%s: %q, want %s", strings.Join(c.line, " "), errs, c.want)
		}
	}
}

// TestSettingsFaultsAreSaidInJapanese: what a person writes wrong into the
// settings is named by file, line and key, and a file that would be used
// nowhere is not passed over.
func TestSettingsFaultsAreSaidInJapanese(t *testing.T) {
	shipped, err := fs.ReadFile(templates.Shipped(), "incident/settings.toml")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(shipped)
	value := func(key, v string) string {
		head, tail, _ := strings.Cut(whole, "[open."+key+"]")
		return head + "[open." + key + "]" + strings.Replace(tail, `value = ""`, "value = "+v, 1)
	}
	for _, c := range []struct {
		file, text string
		code       int
		want       string
	}{
		{"oshirase.toml", "[mail]\nport = \"25\"\n", exitUsage, "oshirase.toml の 2 行目が読めません（mail.port）"},
		{"oshirase.toml", "[mail\n", exitUsage, "行目が読めません。"},
		{"incident/incident/settings.toml", value("knowledge_date", `"2023/01/10"`), exitProblems, "open.knowledge_date は、2023-02-07 の形"},
		{"incident/incident/settings.toml", value("report_class", `"45"`), exitProblems, "open.report_class は、30 か 60"},
		{"incident/incident/settings.toml", value("signatory", "社長"), exitProblems, "行目が読めません（open.signatory.value）"},
		{"incident/incident/settings.toml", whole + "[optionel]\n", exitProblems, "知らない項目「optionel」"},
		{"incident/settings.toml", whole, exitProblems, "（incident/settings.toml ではありませんか）"},
		{"incident/letters/letter.md.bak", "旧", exitProblems, "letters/letter.md.bak は、元のどのファイルとも"},
	} {
		o := newOffice(t, "")
		path := filepath.Join(o.home, c.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		o.file(c.file, c.text)
		if _, errs := o.ends(c.code, "config", "check"); !strings.Contains(errs, c.want) {
			t.Errorf("%s: %q, want %s", path, errs, c.want)
		}
	}
}
