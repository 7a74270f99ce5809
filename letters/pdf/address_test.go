package pdf

import (
	"errors"
	"strings"
	"testing"

	"oshirase/letters"
	"oshirase/letters/text"
)

// addressed is the sample letter to another address.
func addressed(name []string, honorific string, lines ...string) Input {
	in := sampleInput(1)
	in.Doc.Address.Name, in.Doc.Address.Honorific, in.Doc.Address.Lines = name, honorific, lines
	return in
}

const longCompany = "特定非営利活動法人見本市見本町地域電力利用者協議会連絡事務局見本支部"

// addressCases are addresses from short to impossible.
func addressCases() map[string]Input {
	return map[string]Input{
		"short":       addressed([]string{"電力 太郎"}, "様", "福岡県福岡市見本区例町1-2-3"),
		"three lines": addressed([]string{"電力 太郎"}, "様", "福岡県福岡市見本区大字例町字見本1丁目99番地", "見本グランドハイツ例町駅前弐番館", "B棟1203号室　例方"),
		"long name":   addressed([]string{longCompany}, "御中", "福岡県福岡市見本区例町1-2-3"),
		"both long": addressed([]string{longCompany}, "御中",
			"鹿児島県鹿児島郡見本村大字例野字見本谷乙12345番地6（見本例野工業団地第3街区内）", "見本例野インダストリアルパークセンタービルディング西棟12階1203号室"),
		"four lines": addressed([]string{"電力 太郎"}, "様", strings.Repeat("見本市例町", 18)),
		"two names":  addressed([]string{"見本電力株式会社　例支店　総務部", "部長　電力 花子"}, "様", "福岡県福岡市見本区例町1-2-3"),
		"impossible": addressed([]string{"電力 太郎"}, "様", strings.Repeat("見本市例町", 60)),
	}
}

// TestAddressBlock says at which sizes addresses are set, and which are held.
func TestAddressBlock(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	for name, want := range map[string]struct {
		address, name       unit
		lines, names        int
		held                bool
		lastLineEnds, whole string
	}{
		"short":       {address: 10_000, name: 12_000, lines: 1, names: 1, lastLineEnds: "電力 太郎　様"},
		"three lines": {address: 10_000, name: 12_000, lines: 3, names: 1, lastLineEnds: "電力 太郎　様"},
		"long name":   {address: 10_000, name: 11_000, lines: 1, names: 2, lastLineEnds: "部　御中"},
		"both long":   {address: 9_000, name: 9_000, lines: 4, names: 2, lastLineEnds: "部　御中"},
		"four lines":  {address: 8_500, name: 12_000, lines: 4, names: 1, lastLineEnds: "電力 太郎　様"},
		"two names":   {address: 10_000, name: 12_000, lines: 1, names: 2, lastLineEnds: "部長　電力 花子　様"},
		"impossible":  {held: true},
	} {
		in := addressCases()[name]
		_, err := r.Pages(in)
		var hold *HoldError
		if want.held {
			if !errors.As(err, &hold) || hold.Reason != letters.ReasonGeometry {
				t.Errorf("%s: error %v, want held for its geometry", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		lines := windowLines(r)
		n := len(lines) - want.names
		if n-2 != want.lines || lines[2].size != want.address || lines[n].size != want.name {
			t.Errorf("%s: %d lines at %s and %d at %s, want %d at %s and %d at %s", name,
				n-2, lines[2].size, want.names, lines[n].size, want.lines, want.address, want.names, want.name)
		}
		if got := textOf(lines[len(lines)-1].line); !strings.HasSuffix(got, want.lastLineEnds) {
			t.Errorf("%s: last line %q, want it to end with %q", name, got, want.lastLineEnds)
		}
		shown := ""
		for _, l := range lines[2:] {
			shown += textOf(l.line)
		}
		if all := strings.Join(append(in.Doc.Address.Lines, in.Doc.Address.Name...), ""); flat(shown) != flat(all+in.Doc.Address.Honorific) {
			t.Errorf("%s: shows %q, want %q", name, shown, all)
		}
	}
}

// windowLines are the address block's lines from top to bottom.
func windowLines(r *Renderer) []placed {
	var out []placed
	for _, p := range r.flow.sheet.pages[0].texts {
		if p.window {
			out = append(out, p)
		}
	}
	return out
}

func textOf(l *line) string {
	var b strings.Builder
	for _, g := range l.glyphs {
		b.WriteString(g.text)
	}
	return b.String()
}

// TestWholeNameInOneFace: when one character of a name needs another face,
// all of the name takes it.
func TestWholeNameInOneFace(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	if _, err := r.Pages(addressed([]string{"𠮷田 花子"}, "様", "福岡県福岡市見本区例町1-2-3")); err != nil {
		t.Fatal(err)
	}
	lines := windowLines(r)
	for _, g := range lines[len(lines)-1].glyphs[:5] {
		if g.face.Name() != "IPAmjMincho" {
			t.Errorf("%s is drawn in %s", g.text, g.face.Name())
		}
	}
}

// TestCheckFindsWhatStandsInTheWindow plants faults in a good layout.
func TestCheckFindsWhatStandsInTheWindow(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	g := r.shared.geometry
	for name, plant := range map[string]func(*page){
		"text in the window":    func(p *page) { l := &p.texts[len(p.texts)-1]; l.x, l.y = mm(60), mm(70) },
		"address outside":       func(p *page) { windowText(p).x = g.always.x - 1 },
		"address too low":       func(p *page) { windowText(p).y = g.always.bottom() },
		"barcode at the edge":   func(p *page) { p.marks[0].x = g.always.x + mm(1) },
		"mark in the window":    func(p *page) { p.marks[1].y = mm(60) },
		"rule in the window":    func(p *page) { p.rule(mm(50), mm(74), mm(120), mm(74), hairline) },
		"ground in the window":  func(p *page) { p.shade(box{mm(100), mm(70), mm(30), mm(10)}, 9) },
		"beyond the right edge": func(p *page) { p.texts[len(p.texts)-1].x = rightEdge - 1 },
	} {
		in := sampleInput(1)
		if err := r.layout(&in); err != nil {
			t.Fatal(err)
		}
		plant(&r.flow.sheet.pages[0])
		var hold *HoldError
		if err := r.flow.check(true); !errors.As(err, &hold) || hold.Reason != letters.ReasonGeometry {
			t.Errorf("%s: error %v, want held for its geometry", name, err)
		}
	}
}

func windowText(p *page) *placed {
	for i := range p.texts {
		if p.texts[i].window {
			return &p.texts[i]
		}
	}
	return nil
}

func TestMailHasNoAddressBlock(t *testing.T) {
	t.Parallel()
	in := sampleInput(1)
	in.Channel, in.Barcode, in.Doc.Address = letters.Email, nil, text.Address{}
	r := newShared(t).NewRenderer()
	_, path := single(t, r, in)
	if got := flatText(t, path); strings.Contains(got, "〒") || strings.Contains(got, "様") {
		t.Error("the mail variant shows an address")
	}
	if len(windowLines(r)) != 0 {
		t.Error("lines stand in the window")
	}
}
