package text

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

// set gives items the widths of a full-width face of one unit an em: Latin
// and half-width forms take half.
func set(items []Item) []Item {
	for i := range items {
		items[i].Em, items[i].Width = 1, 1
		c, _ := utf8.DecodeRuneInString(items[i].Text)
		if c < 0x300 || c >= 0xff61 && c < 0xffa0 {
			items[i].Width = 0.5
		}
		if c == '\n' {
			items[i].Width = 0
		}
	}
	return items
}

func broken(t *testing.T, s string, measure float64, opts Options) []string {
	t.Helper()
	items := set(Itemize(nil, []Inline{{Text: s}}))
	var b Breaker
	lines, _ := b.Break(items, measure, opts)
	return linesOf(items, lines)
}

func linesOf(items []Item, lines []Line) []string {
	var out []string
	for _, l := range lines {
		var s strings.Builder
		for _, it := range items[l.First:l.End] {
			s.WriteString(it.Text)
		}
		out = append(out, s.String())
	}
	return out
}

// The sentence and box of the web platform tests css-text/i18n/ja: six
// characters and a seventh that must not start the second line.
func TestKinsokuLineStart(t *testing.T) {
	t.Parallel()
	for class, chars := range members {
		c := Class(class)
		if !c.atStart() || blank(c) {
			continue
		}
		for _, r := range chars {
			s := "文文文文文文" + string(r) + "字字"
			for _, measure := range []float64{6, 6.2} {
				lines := broken(t, s, measure, Options{Justify: measure > 6})
				if strings.Join(lines, "") != s {
					t.Fatalf("%q lost something: %q", s, lines)
				}
				if strings.HasPrefix(lines[1], string(r)) {
					t.Errorf("%U %c of class %d starts a line: %q", r, r, class, lines)
				}
			}
		}
	}
}

func TestKinsokuLineEnd(t *testing.T) {
	t.Parallel()
	for class, chars := range members {
		if c := Class(class); !c.atEnd() {
			continue
		}
		for _, r := range chars {
			lines := broken(t, "文文文文文"+string(r)+"字字字", 6, Options{})
			if strings.HasSuffix(lines[0], string(r)) {
				t.Errorf("%U %c ends a line: %q", r, r, lines)
			}
		}
	}
}

func TestIdeographsMayStartLines(t *testing.T) {
	t.Parallel()
	lines := broken(t, "文文文文文文字字字", 6, Options{})
	if len(lines) != 2 || lines[0] != "文文文文文文" {
		t.Errorf("got %q, want six characters and three", lines)
	}
}

func TestUnbreakable(t *testing.T) {
	t.Parallel()
	cases := []struct{ text, whole string }{
		{"文文文文文……字字字", "……"},
		{"文文文文文——字字字", "——"},
		{"文文文12,345件字字", "12,345件"},
		{"文文文文3.5％字字", "3.5％"},
		{"文文文文￥100字字字", "￥100"},
		{"文文0120-000-000字字", "0120-000-000"},
		{"文文文2月8日字字字", "2月8日"},
		{"文文文文令和元年字字", "令和元年"},
		{"文文文文文word字字", "word"},
		{"文文文１，０００円字", "１，０００円"},
		{"文文文文〒810-0004字", "〒810-0004"},
	}
	for _, c := range cases {
		lines := broken(t, c.text, 7, Options{Justify: true})
		found := false
		for _, l := range lines {
			found = found || strings.Contains(l, c.whole)
		}
		if !found {
			t.Errorf("%s is broken: %q", c.whole, lines)
		}
	}
}

func TestWebAddressBreaksBehindSlashes(t *testing.T) {
	t.Parallel()
	got := broken(t, "文文文https://www.example.jp/oshirase/owabi.html）字字", 15.5, Options{Justify: true})
	want := []string{"文文文https://www.example.jp/", "oshirase/owabi.html）字字"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestKeptRuns(t *testing.T) {
	t.Parallel()
	items := set(Itemize(nil, []Inline{{Text: "文文文"}, {Text: "電力　太郎　様", Keep: true}, {Text: "字"}}))
	var b Breaker
	lines, _ := b.Break(items, 8, Options{})
	if got := linesOf(items, lines); got[0] != "文文文" || got[1] != "電力　太郎　様字" {
		t.Errorf("got %q, want the name whole on the second line", got)
	}
	lines, _ = b.Break(items, 4, Options{})
	for _, l := range lines {
		if l.Width > 4 {
			t.Errorf("a kept run wider than the measure is not broken: %v", linesOf(items, lines))
		}
	}
}

// The spacing rules of JLREQ 3.1.2–3.1.5, 3.2.3, as widths of an unbroken line.
func TestAki(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text string
		want float64
	}{
		{"文「字", 3},       // half an em before an opening bracket
		{"「字」", 2},       // none at the line's edges
		{"「字」文", 3.5},    // half an em after a closing bracket
		{"文。」字", 4 - .5}, // of 。」 only the half after 」 remains
		{"文」「字", 4 - .5}, // one half between
		{"「『字", 2},       // solid
		{"文、字", 3},
		{"文。字", 3},
		{"文・字", 3}, // a quarter on each side
		{"文A字", 3}, // a quarter on each side of half an em
		{"文 A 字", 2.5 + 1},
		{"文（注）、字", 5.5}, // ½ before （, half ）, solid, half 、 and its ½
	}
	for _, c := range cases {
		items := set(Itemize(nil, []Inline{{Text: c.text}}))
		var b Breaker
		lines, _ := b.Break(items, 50, Options{Justify: true})
		if got := lines[0].Width; math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s is %g wide, want %g", c.text, got, c.want)
		}
	}
}

func TestOpeningBracketStandsAtTheEdge(t *testing.T) {
	t.Parallel()
	items := set(Itemize(nil, []Inline{{Text: "「文」字"}}))
	var b Breaker
	_, x := b.Break(items, 50, Options{Justify: true, Indent: 1})
	want := []float64{0.5, 1.5, 2.5, 3.5}
	for i := range want {
		if math.Abs(x[i]-want[i]) > 1e-9 {
			t.Errorf("item %d at %g, want %g", i, x[i], want[i])
		}
	}
}

// Shrink first (JLREQ 3.8.3): the comma gives a quarter for the last
// character; what ends a line is set in half its width; the quarter beside
// Latin gives way last.
func TestShrinkBeforeStretch(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text    string
		measure float64
		first   string
	}{
		{"文、文文文文字字字字字字", 6.75, "文、文文文文字"},
		{"文、文文文文字字字字字字", 6.7, "文、文文文文"}, // more than the comma gives
		{"文文文文文文。字字字字字", 6.5, "文文文文文文。"},
		{"文文文文文字」字字字字字", 6.5, "文文文文文字」"},
		{"文・文文文文字字字字字字", 6.5, "文・文文文文字"},  // a middle dot gives both its quarters
		{"文。文文文文字字字字字字", 6.9, "文。文文文文"},   // a full stop gives nothing
		{"文文文文AB字字字字字字", 6.25, "文文文文AB字"}, // two eighths beside Latin
	}
	for _, c := range cases {
		if lines := broken(t, c.text, c.measure, Options{Justify: true}); lines[0] != c.first {
			t.Errorf("%s in %g: first line %q, want %q", c.text, c.measure, lines[0], c.first)
		}
	}
}

// A number and its counter stand solid: a date looks alike in running text and
// in tables, where nothing is stretched.
func TestNumbersStandSolid(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]float64{"2023年2月8日": 2 + 1 + .5 + 1 + .5 + 1, "令和5年": 3.5, "30分": 2, "文3件": 1 + .25 + .5 + 1, "44,855契約": 3 + 2} {
		items := set(Itemize(nil, []Inline{{Text: s}}))
		var b Breaker
		if lines, _ := b.Break(items, 50, Options{}); math.Abs(lines[0].Width-want) > 1e-9 {
			t.Errorf("%s is %g wide, want %g", s, lines[0].Width, want)
		}
	}
}

func TestJustifiedLinesFillTheMeasure(t *testing.T) {
	t.Parallel()
	items := set(Itemize(nil, []Inline{{Text: strings.ReplaceAll(prose, "https://www.example.jp/", "")}}))
	var b Breaker
	for _, measure := range []float64{20, 23.3, 30, 38.5} {
		lines, x := b.Break(items, measure, Options{Justify: true, Indent: 1})
		for k, l := range lines {
			last := b.items[l.End-1]
			if k == len(lines)-1 || last.Class == Newline {
				continue
			}
			if math.Abs(measure-l.Width) > 1e-6 {
				t.Errorf("measure %g: line %d is %g wide", measure, k, l.Width)
			}
			for i := l.First + 1; i < l.End; i++ {
				if x[i] < x[i-1]-1e-9 {
					t.Errorf("measure %g: item %d stands before the one before", measure, i)
				}
			}
		}
	}
}

func TestNoWidow(t *testing.T) {
	t.Parallel()
	for n := 8; n < 60; n++ {
		s := strings.Repeat("文", n) + "。"
		lines := broken(t, s, 7, Options{Justify: true})
		last := lines[len(lines)-1]
		if utf8.RuneCountInString(strings.TrimRight(last, "。")) < 2 {
			t.Errorf("%d characters end in %q: %q", n, last, lines)
		}
	}
}

func TestForcedLineEnd(t *testing.T) {
	t.Parallel()
	if got, want := fmt.Sprint(broken(t, "文文\n、字", 9, Options{Justify: true})), "[文文\n 、字]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClustersStayWhole(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"葛\U000E0100", "邉\U000E010F", "か\u3099", "e\u0301", "👨‍👩‍👧", "𠮷", "髙"} {
		items := Itemize(nil, []Inline{{Text: "文" + s + "字"}})
		if len(items) != 3 || items[1].Text != s {
			t.Errorf("%q is %d items, want it whole", s, len(items)-2)
		}
	}
}

const prose = "しかし、平常時に九州電力からお客さまの情報を閲覧できない対策が行われておらず、九州電力の従業員等が閲覧できる状態となっていました。" +
	"当社が2022年4月1日から2023年1月9日までの利用ログを調査した結果、「閲覧が確認された項目」（契約名義・連絡先電話番号）を、文書にてお知らせしております。" +
	"ID・パスワードを削除し、https://www.example.jp/ の URL と 0120-000-000（平日）をご覧ください。「『入れ子』の括弧」もございます。"
