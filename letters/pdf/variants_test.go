package pdf

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"oshirase/letters"
	"oshirase/letters/text"
	"oshirase/templates"
)

// The letters as they are sent: the shipped wording with the demo's made-up
// values, one of each variant.

var shippedWording = sync.OnceValues(func() (*text.Composer, error) {
	set, err := templates.Load(templates.Shipped(), templates.DemoOverlay())
	if err != nil {
		return nil, err
	}
	return text.NewComposer(set), nil
})

func shippedComposer(t testing.TB) *text.Composer {
	t.Helper()
	c, err := shippedWording()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shippedShared is the engine as the commands build it.
func shippedShared(t testing.TB) *Shared {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := shippedComposer(t).Fixed()
	if err != nil {
		t.Fatal(err)
	}
	heavy, err := shippedComposer(t).FixedBold()
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewShared(Config{Library: lib, Sheet: sampleSheet(), TemplateText: fixed, HeadingText: heavy, TemplateVersion: "t1", Lang: "ja"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	variantID = letters.ID("1234567890123428")
	earlierID = letters.ID("1000000000000053")
)

func caseOf(n int, system letters.SystemCode) letters.Case {
	c := letters.Case{SupplyPoint: fmt.Sprintf("09%020d", 1234+n*1111), System: system, Supply: letters.Low,
		DemandPlace: fmt.Sprintf("架空県見本市例町%d丁目2番%d号", n%9+1, n%30+1), RetailerCode: "0001",
		RetailerName: "架空電力株式会社", Version: 1, First: "2022-10-03", Last: "2022-12-20",
		Confirmed: []letters.ItemCode{"contract_name", "contact_phone"}}
	if system == "NW" {
		c.Confirmed, c.Unrecorded, c.Last = nil, true, c.First
	}
	return c
}

// casesOf are n contracts, every third of them seen in both systems.
func casesOf(n int) []letters.Case {
	var out []letters.Case
	for i := range n {
		out = append(out, caseOf(i, "CC"))
		if i%3 == 2 {
			out = append(out, caseOf(i, "NW"))
		}
	}
	return out
}

func variantLetter(change func(*letters.Letter)) *letters.Letter {
	l := &letters.Letter{ID: variantID, Generation: 1, Month: "2023-02", Kind: letters.First,
		Channel: letters.Print, Date: "2023-02-24", DocumentNo: "見本第1号",
		Recipient: letters.Recipient{Name: "電力　太郎", Kind: letters.Individual,
			PostalCode: "8100004", Address: "福岡県福岡市中央区見本町4丁目40番64号", Building: "見本ハイツ101号室"},
		Cases: casesOf(1)}
	if change != nil {
		change(l)
	}
	return l
}

func lastResort(c letters.Case) letters.Case {
	c.LastResort, c.RetailerCode, c.RetailerName, c.Supply = true, "", "", letters.High
	c.Confirmed = []letters.ItemCode{"contract_name"}
	return c
}

// variantLetters are one letter of each variant, and those whose names,
// addresses or number of contracts are hard to set.
func variantLetters() map[string]*letters.Letter {
	company := func(l *letters.Letter) {
		l.Recipient.Kind, l.Recipient.Name = letters.Corporate, "架空商事株式会社"
	}
	return map[string]*letters.Letter{
		"individual": variantLetter(nil),
		"mail":       variantLetter(func(l *letters.Letter) { l.Channel = letters.Email }),
		"unrecorded": variantLetter(func(l *letters.Letter) { l.Cases = []letters.Case{caseOf(0, "NW")} }),
		"partly":     variantLetter(func(l *letters.Letter) { l.Cases[0].Unrecorded = true }),
		"both-systems": variantLetter(func(l *letters.Letter) {
			l.Cases = []letters.Case{caseOf(0, "CC"), caseOf(0, "NW")}
		}),
		"corporate":   variantLetter(company),
		"last-resort": variantLetter(func(l *letters.Letter) { company(l); l.Cases = []letters.Case{lastResort(l.Cases[0])} }),
		"some-last-resort": variantLetter(func(l *letters.Letter) {
			company(l)
			l.Cases = append(l.Cases, lastResort(caseOf(1, "CC")))
		}),
		"supplementary": variantLetter(func(l *letters.Letter) { l.Kind, l.Refers = letters.Supplementary, []letters.ID{earlierID} }),
		"corrected":     variantLetter(func(l *letters.Letter) { l.Kind, l.Refers = letters.Corrected, []letters.ID{earlierID} }),
		"nine":          variantLetter(func(l *letters.Letter) { l.Cases = casesOf(9) }),
		"eighty":        variantLetter(func(l *letters.Letter) { company(l); l.Cases = casesOf(80) }),
		"long-name": variantLetter(func(l *letters.Letter) {
			company(l)
			l.Recipient.Name = "架空九州広域エネルギー総合管理サービス株式会社　見本県例町営業本部　北部地域お客さま設備管理センター　第二業務部　御担当"
		}),
		"long-address": variantLetter(func(l *letters.Letter) {
			l.Recipient.Address = "鹿児島県大島郡架空町大字見本浦字例ヶ迫四丁目１２３５番地の６４"
			l.Recipient.Building = "グランドメゾン見本ヶ丘サウスタワー弐番館　１２０３号室　例方"
		}),
		"rare-name": variantLetter(func(l *letters.Letter) {
			l.Recipient.Name, l.Recipient.Building = "𠮷田　葛󠄀﨑髙𡈽", "ﾒｿﾞﾝ ﾐﾎﾝ 203"
		}),
	}
}

func variantNames() []string {
	var out []string
	for name := range variantLetters() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func variantInput(t testing.TB, name string) Input {
	t.Helper()
	l := variantLetters()[name]
	doc, err := shippedComposer(t).Compose(l)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	in := Input{Doc: doc, LetterID: string(l.ID), Generation: l.Generation, Channel: l.Channel, Date: l.Date}
	if l.Channel == letters.Print {
		in.Barcode = bars()
	}
	return in
}

// TestVariantsAreDrawn writes every variant; go test -artifacts keeps the
// PDFs for somebody to look at.
func TestVariantsAreDrawn(t *testing.T) {
	t.Parallel()
	r := shippedShared(t).NewRenderer()
	for _, name := range variantNames() {
		p, err := r.Pages(variantInput(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var b bytes.Buffer
		if _, _, err := r.Single(p, &b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".pdf"), b.Bytes(), 0o644); err != nil {
			t.Error(err)
		}
		t.Logf("%s: %d sheets", name, p.Sheets)
	}
}

// TestGoldenVariants holds the layout of every variant as text.
func TestGoldenVariants(t *testing.T) {
	t.Parallel()
	r := shippedShared(t).NewRenderer()
	for _, name := range variantNames() {
		if name == "eighty" {
			continue // ten sheets of the same: TestSheetsOfVariants counts them
		}
		got, err := r.Layout(variantInput(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, "variant-"+name+".layout.txt", got)
	}
}

// TestSheetsOfVariants: a letter of one contract takes two sheets, whatever
// its variant, and as much fits on few sheets as design and envelope promise.
func TestSheetsOfVariants(t *testing.T) {
	t.Parallel()
	r := shippedShared(t).NewRenderer()
	for _, name := range variantNames() {
		want, ok := map[string]int{"both-systems": 3, "nine": 3, "eighty": 10}[name]
		if !ok {
			want = 2
		}
		if p, err := r.Pages(variantInput(t, name)); err != nil || p.Sheets != want {
			t.Errorf("%s: %d sheets, want %d; %v", name, p.Sheets, want, err)
		}
	}
}

// TestTighterLinesSaveASheet adds lines to a letter: before it needs another
// sheet, its lines stand closer; once it does, they stand as before.
func TestTighterLinesSaveASheet(t *testing.T) {
	t.Parallel()
	r := shippedShared(t).NewRenderer()
	in := variantInput(t, "unrecorded")
	body := in.Doc.Body
	var seen []string
	for n := range 8 {
		in.Doc.Body = slices.Clone(body)
		for range n {
			in.Doc.Body = append(in.Doc.Body, text.Paragraph{Text: plain("お客さまにしていただけること。")})
		}
		if err := r.layout(&in); err != nil {
			t.Fatal(err)
		}
		if s := fmt.Sprintf("%d sheets at %s", r.flow.sheet.used, r.flow.lead); !slices.Contains(seen, s) {
			seen = append(seen, s)
		}
		for _, f := range layoutFaults(&r.flow.sheet) {
			t.Errorf("%d lines more: %s", n, f)
		}
	}
	if want := []string{"2 sheets at 17.2", "2 sheets at 16.4", "3 sheets at 17.2"}; !slices.Equal(seen, want) {
		t.Errorf("got %q, want %q", seen, want)
	}
}
