package text

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"oshirase/letters"
)

func TestGoldenHTMLAndPlain(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	for name, l := range samples() {
		doc, err := c.Compose(l)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, name+".html", HTML(doc))
		golden(t, name+".txt", Plain(doc))
	}
}

// hostile is what a name or an address may hold and must be printed as.
func hostile() []string {
	return []string{"{{.}} 太郎", "{{宛名}}", "%!s(int=1)%d", "*電力* **太郎**", "# 見出し", "<b>電力</b>",
		"<script>alert(1)</script>", "&amp;&lt;", "[電力](https://example.jp)", "| a | b |", "`code`",
		"\\*太郎", "1. 電力", "- 電力", "\U000F0000電力\U000F0003", "\"><img src=x onerror=1>", "電力\u202e太郎"}
}

func TestHostileDataIsPrintedLiterally(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	for _, s := range hostile() {
		l := sample()
		l.Recipient.Name, l.Recipient.Address, l.Cases[0].DemandPlace = s, s, s
		paper, err := c.Compose(l)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if paper.Address.Name[0] != s || paper.Address.Lines[0] != s {
			t.Errorf("%q became %q, %q", s, paper.Address.Name, paper.Address.Lines)
		}
		if got := string(dump(paper)); !strings.Contains(got, "| 需要場所 | "+s+" |") {
			t.Errorf("%q is not in the table:\n%s", s, got)
		}
		l.Channel = letters.Email
		mail, err := c.Compose(l)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if got := strings.Join(strings.Fields(string(Plain(mail))), ""); !strings.Contains(got, strings.Join(strings.Fields(s), "")) {
			t.Errorf("%q is not in the plain text", s)
		}
		if got := htmlText(t, HTML(mail)); !strings.Contains(got, s) {
			t.Errorf("%q is not in the page: %s", s, got)
		}
	}
}

// htmlText reads a page as a browser would and returns its text; it fails on
// anything that loads, runs or links.
func htmlText(t *testing.T, page []byte) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(string(page)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Data == "img", n.Data == "script", n.Data == "link", n.Data == "a", n.Data == "iframe", n.Data == "b":
			t.Errorf("the page holds <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" || strings.Contains(a.Val, "url(") {
				t.Errorf("the page holds %s=%q", a.Key, a.Val)
			}
		}
	}
	return b.String()
}

func TestPlainLinesFit(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	for name, l := range samples() {
		doc, err := c.Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(Plain(doc))) {
			line = strings.TrimRight(line, "\n")
			if columns(line) > 74 {
				t.Errorf("%s: %d columns: %s", name, columns(line), line)
			}
			if trimmed := strings.TrimLeft(line, " "); strings.HasPrefix(trimmed, "、") || strings.HasPrefix(trimmed, "。") {
				t.Errorf("%s: a line starts with %s", name, line)
			}
		}
	}
}

// A mail carries no address, neither the recipient's nor that of the place of
// use, and only the last digits of the supply point.
func TestMailCarriesNoAddress(t *testing.T) {
	t.Parallel()
	l := sample()
	l.Channel = letters.Email
	doc, err := NewComposer(demoSet(t)).Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{string(HTML(doc)), string(Plain(doc)), string(dump(doc))} {
		for _, private := range []string{l.Recipient.Address, l.Recipient.Building, l.Cases[0].SupplyPoint, "8100004", "810-0004"} {
			if strings.Contains(page, private) {
				t.Errorf("the mail holds %s", private)
			}
		}
		if !strings.Contains(page, l.ID.Groups()) || !strings.Contains(page, "＊＊＊＊1234") {
			t.Error("the mail lacks the letter ID or the masked supply point")
		}
	}
	if doc.Address.Honorific != "" || len(doc.Address.Name) > 0 {
		t.Errorf("the mail has an address block: %+v", doc.Address)
	}
}

func TestLastResortNeverSpeaksOfARetailer(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	for _, channel := range []letters.Channel{letters.Print, letters.Email} {
		l := sample()
		l.Channel, l.Cases = channel, []letters.Case{lastResortCase()}
		doc, err := c.Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		page := string(Plain(doc))
		if strings.Contains(strings.Join(strings.Fields(page), ""), "ご契約の小売電気事業者") {
			t.Errorf("the letter speaks of ご契約の小売電気事業者:\n%s", page)
		}
		if !strings.Contains(page, "電気最終保障供給約款") {
			t.Errorf("the letter does not say why we hold the data:\n%s", page)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	cases := []struct {
		name   string
		change func(*letters.Letter)
		want   error
	}{
		{"no name", func(l *letters.Letter) { l.Recipient.Name = "" }, ErrEmpty},
		{"no date", func(l *letters.Letter) { l.Date = "" }, ErrEmpty},
		{"no case", func(l *letters.Letter) { l.Cases = nil }, ErrEmpty},
		{"supplementary without the first", func(l *letters.Letter) { l.Kind = letters.Supplementary }, ErrEmpty},
		{"control character", func(l *letters.Letter) { l.Recipient.Address += "\x07" }, ErrControl},
		{"bad ID", func(l *letters.Letter) { l.ID = "1234567890123456" }, letters.ErrBadID},
		{"item of another system", func(l *letters.Letter) {
			l.Cases[0].System = "NW"
			l.Cases[0].Confirmed = []letters.ItemCode{"retailer_code"}
		}, ErrCase},
		{"high voltage in NW", func(l *letters.Letter) { l.Cases[0].System, l.Cases[0].Supply = "NW", letters.High }, ErrCase},
		{"unknown system", func(l *letters.Letter) { l.Cases[0].System = "XX" }, ErrCase},
		{"neither recorded nor not", func(l *letters.Letter) { l.Cases[0].Confirmed = nil }, ErrCase},
		{"ends before it begins", func(l *letters.Letter) { l.Cases[0].Last = "2022-01-01" }, ErrCase},
	}
	for _, k := range cases {
		l := sample()
		k.change(l)
		_, err := c.Compose(l)
		if !errors.Is(err, k.want) {
			t.Errorf("%s: got %v, want %v", k.name, err, k.want)
		}
		if err != nil && strings.Contains(err.Error(), "電力") {
			t.Errorf("%s: the error holds a name: %v", k.name, err)
		}
	}
}

// A proof can be read before everything is known, and shows what is not.
func TestGapsAreVisible(t *testing.T) {
	t.Parallel()
	doc, err := NewComposer(shippedSet(t)).Compose(sample())
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(string(Plain(doc))), "")
	for _, want := range []string{"【未記入：二次被害またはそのおそれの有無とその内容（文章）】",
		"【未記入：お問合せ窓口の電話番号】", "【未記入：差出人の正式名称（商号）】", "接続送電サービスメニューコードなど"} {
		if !strings.Contains(page, strings.ReplaceAll(want, " ", "")) {
			t.Errorf("the letter does not show %s:\n%s", want, page)
		}
	}
}

// One Composer serves all workers.
func TestComposerIsShared(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	want, err := c.Compose(sample())
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan string)
	for range 8 {
		go func() {
			var got string
			for range 50 {
				doc, err := c.Compose(sample())
				if got = string(dump(doc)); err != nil || got != string(dump(want)) {
					break
				}
			}
			results <- got
		}()
	}
	for range 8 {
		if got := <-results; got != string(dump(want)) {
			t.Errorf("another goroutine's letter differs:\n%s", got)
		}
	}
}
