package main

import (
	"strings"
	"testing"
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
	} {
		_, errs := o.ends(exitUsage, c.line...)
		if !strings.Contains(errs, c.want) || strings.Contains(errs, "flag") || strings.Contains(errs, "unknown") || strings.Contains(errs, "invalid") || strings.Contains(errs, "cannot") {
			t.Errorf("%s: %q, want %s", strings.Join(c.line, " "), errs, c.want)
		}
	}
}
