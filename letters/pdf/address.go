package pdf

import "oshirase/letters/text"

// Type sizes of the address block: names begin at 12 pt, address lines at
// 10 pt; both go down in half points, and what does not fit at 8 pt is held:
// nothing is cut in silence.
const (
	addressSize unit = 10_000
	nameSize    unit = 12_000
	leastSize   unit = 8_000
	sizeStep    unit = 500
	idSize      unit = 7_000

	unbrokenAddress unit = 9_000 // smallest size that only keeps a line whole
	unbrokenName    unit = 10_500
	addressMax           = 3 // lines before the type gets smaller
	nameMax              = 2
	blockInset      unit = 5_669 // 2 mm
)

// spacing is how far lines of the block stand apart, in percent of the type
// size, and the space between address and name.
type spacing struct {
	address, name unit
	gap           unit
	id            unit // line of the letter ID
}

// spacings are tried in order: an ordinary address has air, a long one keeps
// its type size rather than the air.
var spacings = [...]spacing{{145, 140, 6_000, 12_000}, {130, 125, 4_000, 10_000}, {118, 115, 1_500, 8_500}}

// block is the address block being fitted.
type block struct {
	room      box // what every shift of the sheet shows, less insets
	code      bool
	barcode   unit // height with the clear space above and below, 0 = none
	address   unit // type sizes
	name      unit
	space     spacing
	lines     []*line
	nameLines []*line
}

// addressBlock sets the block into the part of the window that is always
// seen, at the body's left edge where that lies inside. It returns false when it does not fit at 8 pt.
func (f *flow) addressBlock(a *text.Address, bars []byte) bool {
	g := f.window
	b := block{room: g.always, code: a.PostalCode != "", address: addressSize, name: nameSize}
	b.room.x = max(g.always.x+blockInset, leftEdge)
	b.room.w = g.always.right() - blockInset/4 - b.room.x
	if bars != nil {
		w, h := g.barcodeSize(len(bars))
		if w <= 0 || b.room.x-g.always.x < g.barGap || b.room.x+w > g.always.right()-g.barGap {
			return false
		}
		b.barcode = h + 2*g.barGap
	}
	if !f.fit(&b, a) {
		return false
	}
	f.drawBlock(&b, a, bars)
	return true
}

// fit finds the largest sizes at which the block fits.
func (f *flow) fit(b *block, a *text.Address) bool {
	f.unbroken(b, a)
	f.fewer(&b.address, addressMax, func() int { f.wrapAddress(b, a); return len(b.lines) })
	f.fewer(&b.name, nameMax, func() int { f.wrapName(b, a); return len(b.nameLines) })
	for !b.spaced() {
		switch {
		case b.name > leastSize && b.name >= b.address:
			b.name -= sizeStep
			f.wrapName(b, a)
		case b.address > leastSize:
			b.address -= sizeStep
			f.wrapAddress(b, a)
		default:
			return false
		}
	}
	return b.narrow()
}

// fewer sets smaller type to come down to a number of lines. Where even the
// least size needs more, it takes the largest that needs no more than that.
func (f *flow) fewer(size *unit, most int, lines func() int) {
	begin := *size
	for n := lines(); n > most; n = lines() {
		if *size == leastSize {
			most, *size = n, begin
			continue
		}
		*size -= sizeStep
	}
}

// unbroken sets address and name a little smaller where that keeps every line
// as it was given; else they begin at full size.
func (f *flow) unbroken(b *block, a *text.Address) {
	for f.wrapAddress(b, a); len(b.lines) > len(a.Lines); f.wrapAddress(b, a) {
		if b.address -= sizeStep; b.address < unbrokenAddress {
			b.address = addressSize
			break
		}
	}
	for f.wrapName(b, a); len(b.nameLines) > len(a.Name); f.wrapName(b, a) {
		if b.name -= sizeStep; b.name < unbrokenName {
			b.name = nameSize
			break
		}
	}
}

// spaced chooses the airiest spacing that fits.
func (b *block) spaced() bool {
	for _, s := range spacings {
		b.space = s
		if b.height() <= b.room.h {
			return true
		}
	}
	return false
}

// height is the room needed at the present sizes.
func (b *block) height() unit {
	n := unit(len(b.lines))
	if b.code {
		n++
	}
	return b.space.id + n*b.addressLead() + b.space.gap + unit(len(b.nameLines))*b.nameLead() + b.barcode
}

func (b *block) addressLead() unit { return b.address * b.space.address / 100 }
func (b *block) nameLead() unit    { return b.name * b.space.name / 100 }

// narrow reports whether every line keeps to the room's width.
func (b *block) narrow() bool {
	for _, list := range [][]*line{b.lines, b.nameLines} {
		for _, l := range list {
			if l.width > b.room.w {
				return false
			}
		}
	}
	return true
}

func (f *flow) wrapAddress(b *block, a *text.Address) {
	b.lines = b.lines[:0]
	for _, s := range a.Lines {
		b.lines = append(b.lines, f.set([]text.Inline{{Text: s}},
			style{size: b.address, measure: b.room.w, whole: true, tight: true, place: true})...)
	}
}

// wrapName wraps the name; the honorific stays with the end of its last line.
func (f *flow) wrapName(b *block, a *text.Address) {
	b.nameLines = b.nameLines[:0]
	for i, s := range a.Name {
		list := []text.Inline{{Text: s}}
		if i == len(a.Name)-1 && a.Honorific != "" {
			list = append(list, text.Inline{Text: "\u3000" + a.Honorific, Keep: true})
		}
		b.nameLines = append(b.nameLines, f.set(list, style{size: b.name, measure: b.room.w, whole: true, tight: true, name: true})...)
	}
}

// drawBlock places the fitted lines, and the barcode directly below the name
// (Japan Post manual p13).
func (f *flow) drawBlock(b *block, a *text.Address, bars []byte) {
	elem := f.sheet.element("P", 0)
	y := b.room.y + (b.room.h-b.height())/3
	put := func(l *line, lead unit) {
		f.page.texts = append(f.page.texts, placed{line: l, x: b.room.x, y: baseline(y, lead, l.size), elem: elem, window: true})
		y += lead
	}
	put(f.word(a.LetterID, idSize, false), b.space.id)
	if b.code {
		put(f.word(a.PostalCode, b.address, false), b.addressLead())
	}
	for _, l := range b.lines {
		put(l, b.addressLead())
	}
	y += b.space.gap
	for _, l := range b.nameLines {
		put(l, b.nameLead())
	}
	if bars != nil {
		f.barcode(bars, b.room.x, y+f.window.barGap)
	}
}
