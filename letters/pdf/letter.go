package pdf

import (
	"fmt"
	"strings"

	"oshirase/letters"
	"oshirase/letters/text"
)

// layout sets one letter, for the small envelope, and again for the large one
// when it has more sheets than are folded. Nothing is drawn when a glyph is
// missing, a line leaves its place, or there are too many sheets.
func (r *Renderer) layout(in *Input) error {
	if err := checkBars(in.Barcode); err != nil {
		return err
	}
	f := &r.flow
	f.nextLetter()
	fits, err := r.economical(in, r.shared.geometry)
	if err == nil && in.Channel != letters.Email && f.sheet.used > r.shared.config.Sheet.MaxFolded {
		fits, err = r.economical(in, r.shared.large)
	}
	if err != nil {
		return err
	}
	if err := f.missing.hold(); err != nil {
		return err
	}
	if !fits {
		return geometry("address block")
	}
	if f.sheet.used > r.shared.config.Sheet.MaxSheets {
		return &HoldError{Reason: letters.ReasonSheets}
	}
	return f.check(onPaper(in))
}

// economical sets a letter, and sets it a little tighter when little stands on
// its last sheet and that saves the sheet.
func (r *Renderer) economical(in *Input, window *sheetGeometry) (fits bool, err error) {
	f := &r.flow
	if fits, err = r.lay(in, window, bodyLead); err != nil || !f.littleLeft() {
		return fits, err
	}
	used := f.sheet.used
	if fits, err = r.lay(in, window, tightLead); err != nil || f.sheet.used < used {
		return fits, err
	}
	return r.lay(in, window, bodyLead)
}

// littleLeft says that what stands on the last sheet is no more than tighter
// lines could save on those before.
func (f *flow) littleLeft() bool {
	const lines = 40 // a sheet's
	before := unit(f.sheet.used - 1)
	return before > 0 && f.y-f.top <= before*lines*(bodyLead-tightLead)
}

// lay sets a letter behind one window. fits says that the address block has
// found its room.
func (r *Renderer) lay(in *Input, window *sheetGeometry, lead unit) (fits bool, err error) {
	f := &r.flow
	f.begin(in.Doc.Labels)
	f.window, f.lead = window, lead
	f.newPage()
	id := strings.ReplaceAll(in.LetterID, "-", "")
	groups := letters.ID(id).Groups()
	fits = true
	if onPaper(in) {
		fits = f.addressBlock(&in.Doc.Address, in.Barcode)
	}
	f.header(&in.Doc, groups, onPaper(in))
	f.body(in.Doc.Body)
	return fits, f.footer(id, groups, in.Generation, in.Channel != letters.Email)
}

// onPaper says that an address block stands on the first sheet.
func onPaper(in *Input) bool {
	return in.Channel != letters.Email && !emptyAddress(&in.Doc.Address)
}

// checkBars accepts no barcode, or 67 states of 1 to 4 (Japan Post barcode manual p11).
func checkBars(bars []byte) error {
	const count = 67
	if bars == nil {
		return nil
	}
	if len(bars) != count {
		return fmt.Errorf("%w: barcode of %d bars", ErrRender, len(bars))
	}
	for i, s := range bars {
		if s < 1 || s > 4 {
			return fmt.Errorf("%w: bar %d has state %d", ErrRender, i, s)
		}
	}
	return nil
}

func emptyAddress(a *text.Address) bool { return len(a.Lines) == 0 && len(a.Name) == 0 }

// check proves the sheet's geometry for this letter: the address block inside
// what every shift shows, nothing else where any shift could show it, and no
// line outside the margins.
func (f *flow) check(addressed bool) error {
	g := f.window
	margins := box{leftEdge, 0, measure + bodySize/2, pageHeight}
	for n := range f.sheet.used {
		p := &f.sheet.pages[n]
		for i := range p.texts {
			t := &p.texts[i]
			b := t.bounds()
			if t.window && !b.inside(g.always) {
				return geometry("address line")
			}
			if !t.window && addressed && n == 0 && b.touches(g.ever) {
				return geometry("text in the window")
			}
			if !t.window && !b.inside(margins) {
				return geometry("line longer than its place")
			}
		}
		if addressed && n == 0 {
			if err := p.checkShapes(g); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkShapes does the same for bars, marks and rules. The barcode keeps its
// clear space from the edge of what is always seen.
func (p *page) checkShapes(g *sheetGeometry) error {
	clear := box{g.always.x + g.barGap, g.always.y + g.barGap, g.always.w - 2*g.barGap, g.always.h - 2*g.barGap}
	for _, m := range p.marks {
		if m.window && !m.inside(clear) {
			return geometry("barcode")
		}
		if !m.window && m.touches(g.ever) {
			return geometry("mark in the window")
		}
	}
	for _, s := range p.shades {
		if s.touches(g.ever) {
			return geometry("ground in the window")
		}
	}
	for _, r := range p.rules {
		if (box{r.x1, r.y1 - r.thick, r.x2 - r.x1 + r.thick, r.y2 - r.y1 + 2*r.thick}).touches(g.ever) {
			return geometry("rule in the window")
		}
	}
	return nil
}
