package pdf

import (
	"regexp"
	"strings"
	"testing"

	"oshirase/letters/text"
)

// hardNames are characters that stock gofpdf loses, panics on or boxes.
var hardNames = []string{"𠮷田 𡈽", "葛\U000E0100城", "葛\U000E0101西", "邉\U000E010F", "髙﨑 濵", "ﾃﾞﾝﾘｮｸ ﾀﾛｳ", "か\u309aとカ\u309a", "槗本 齋藤"}

// flatText is what pdftotext reads, without white space.
func flatText(t *testing.T, path string) string {
	t.Helper()
	return strings.Join(strings.Fields(run(t, "pdftotext", "-raw", path, "-")), "")
}

func flat(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\u3000' || r == '\f' }), "")
}

// documentTexts are all texts of a document that its pages must show.
func documentTexts(d *text.Document) []string {
	out := append([]string{d.Title, d.DocumentNo, d.Date, d.Address.PostalCode, d.Labels.LetterID}, d.Sender...)
	out = append(append(out, d.Address.Lines...), d.Address.Name...)
	inlines := func(list []text.Inline) {
		for _, in := range list {
			out = append(out, in.Text)
		}
	}
	for _, b := range d.Body {
		switch b := b.(type) {
		case text.Heading:
			inlines(b.Text)
		case text.Paragraph:
			inlines(b.Text)
		case text.List:
			for _, it := range b.Items {
				out = append(out, it.Marker)
				inlines(it.Text)
			}
		case text.Table:
			for _, row := range b.Rows {
				for _, c := range row {
					if c.Same {
						continue // printed once for all its rows
					}
					inlines(c.Text)
				}
			}
		}
	}
	return out
}

// count counts characters.
func count(s string) map[rune]int {
	n := map[rune]int{}
	for _, r := range s {
		n[r]++
	}
	return n
}

// TestEveryCharacterComesBack extracts letters' text: each character of the
// document must be there at least as often as it was put in.
func TestEveryCharacterComesBack(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	for _, name := range append(hardNames, "電力 太郎") {
		in := sampleInput(3)
		in.Doc.Address.Name = []string{name}
		in.Doc.Body = append(in.Doc.Body, text.Paragraph{Text: plain("お名前は" + name + "です。")})
		_, path := single(t, r, in)
		got := flatText(t, path)
		if !strings.Contains(got, flat("お名前は"+name+"です。")) {
			t.Errorf("%+q is not in the extracted text", name)
		}
		have := count(got)
		for c, n := range count(flat(strings.Join(documentTexts(&in.Doc), ""))) {
			if have[c] < n {
				t.Errorf("%+q: U+%04X comes back %d times, want %d", name, c, have[c], n)
			}
		}
	}
}

func TestFilesAreSound(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	embedded := regexp.MustCompile(`CID TrueType +Identity-H +yes yes yes`)
	for _, rows := range []int{1, 9, 80} {
		in := sampleInput(rows)
		in.Doc.Address.Name = []string{"𠮷田 花子"}
		p, path := single(t, r, in)
		if out := run(t, "qpdf", "--check", path); !strings.Contains(out, "No syntax or stream encoding errors") {
			t.Errorf("%d rows: qpdf says %s", rows, out)
		}
		lines := strings.Split(strings.TrimSpace(run(t, "pdffonts", path)), "\n")[2:]
		for _, l := range lines {
			if !embedded.MatchString(l) || !regexp.MustCompile(`^[A-Z]{6}\+`).MatchString(l) {
				t.Errorf("%d rows: font %s", rows, l)
			}
		}
		if len(lines) < 4 {
			t.Errorf("%d rows: %d fonts, want Mincho twice, Gothic and IPAmj", rows, len(lines))
		}
		info := run(t, "pdfinfo", path)
		for _, want := range []string{"Title:           お客さま情報", "Tagged:          yes", "PDF version:     1.7", "Producer:        oshirase",
			"CreationDate:    Tue Feb 28 15:00:00 2023 UTC", "Encrypted:       no", "Page size:       595.28 x 841.89 pts (A4)"} {
			if !strings.Contains(info, want) {
				t.Errorf("%d rows: pdfinfo lacks %q in\n%s", rows, want, info)
			}
		}
		if strings.Contains(info, "Author") {
			t.Error("an author stands in the file")
		}
		if want := regexp.MustCompile(`Pages: +(\d+)`).FindStringSubmatch(info)[1]; want == "" || p.Sheets < 1 {
			t.Errorf("no pages")
		}
	}
}

// TestStructure reads the tags aloud order: title, then paragraphs, a table
// with its headings, a list.
func TestStructure(t *testing.T) {
	t.Parallel()
	_, path := single(t, newShared(t).NewRenderer(), sampleInput(2))
	tree := run(t, "pdfinfo", "-struct-text", path)
	at := 0
	for _, want := range []string{"Document", "H1", "お客さま情報の閲覧に関するお詫びとお知らせ", "このたび、", "H2", "Table", "TR", "TH",
		"供給地点（末尾4桁）", "TD", "契約名義、連絡先電話番号、設備容量", "L ", "LI", "Lbl", "LBody", "0120-000-000", "以上"} {
		i := strings.Index(tree[at:], want)
		if i < 0 {
			t.Fatalf("the tree lacks %q after byte %d:\n%s", want, at, tree)
		}
		at += i
	}
	if strings.Contains(tree, "1枚目") {
		t.Error("the page number is read aloud")
	}
}
