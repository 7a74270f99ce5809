package pdf

import "oshirase/letters/text"

// Type sizes of the address block: names begin at 12 pt, address lines at
// 10 pt; both go down in half points, and what does not fit at 8 pt is held
// (design: nothing is cut in silence).
const (
	addressSize unit = 10_000
	nameSize    unit = 12_000
	leastSize   unit = 8_000
	sizeStep    unit = 500
	idSize      unit = 7_000
	addressMax       = 3 // lines before the type gets smaller
	nameMax          = 2
	blockInset  unit = 5_669 // 2 mm
	idLead      unit = 8_500
	afterLines  unit = 1_500 // between address and name
)

// addressLead and nameLead are the line distances at a size.
func addressLead(size unit) unit { return size * 118 / 100 }
func nameLead(size unit) unit    { return size * 115 / 100 }

// block is the address block being fitted.
type block struct {
	room      box // what every shift of the sheet shows, less insets
	address   [][]glyph
	names     [][]glyph
	honorific []glyph
	addrSize  unit
	nameSize  unit
	addrLines [][]glyph
	nameLines [][]glyph
	barcode   unit // height with the clear space above, 0 = none
}

// addressBlock sets the block into the part of the window that is always
// seen. It returns false when it does not fit at 8 pt.
func (f *flow) addressBlock(a text.Address, g *geometry0, bars []byte) bool {
	b := block{room: g.always, addrSize: addressSize, nameSize: nameSize}
	b.room.x += blockInset
	b.room.w -= 2 * blockInset
	if bars != nil {
		b.barcode = g.barHeight + g.barGap
		b.room.h -= g.barGap
	}
	for _, s := range a.Lines {
		b.address = append(b.address, f.whole(nil, f.shared.body, s))
	}
	for _, s := range a.Name {
		b.names = append(b.names, f.whole(nil, f.shared.body, s))
	}
	if a.Honorific != "" {
		b.honorific = f.running(nil, f.shared.body, "\u3000"+a.Honorific, 0)
	}
	id := f.running(nil, f.shared.body, a.LetterID, 0)
	code := f.running(nil, f.shared.body, a.PostalCode, 0)
	if !b.fit(len(code) > 0) {
		return false
	}
	f.drawBlock(&b, id, code)
	if bars != nil {
		f.barcode(bars, g, b.room.x, b.room.bottom()-g.barHeight)
	}
	return true
}

// fit finds the largest sizes at which the block fits.
func (b *block) fit(code bool) bool {
	for b.addrSize > leastSize && len(b.wrapAddress()) > addressMax {
		b.addrSize -= sizeStep
	}
	for b.nameSize > leastSize && len(b.wrapNames()) > nameMax {
		b.nameSize -= sizeStep
	}
	for b.height(code) > b.room.h {
		switch {
		case b.nameSize > leastSize && b.nameSize >= b.addrSize:
			b.nameSize -= sizeStep
		case b.addrSize > leastSize:
			b.addrSize -= sizeStep
		default:
			return false
		}
	}
	return b.narrow()
}

// height is the room needed at the present sizes.
func (b *block) height(code bool) unit {
	b.addrLines, b.nameLines = b.wrapAddress(), b.wrapNames()
	n := unit(len(b.addrLines))
	if code {
		n++
	}
	return idLead + n*addressLead(b.addrSize) + afterLines + unit(len(b.nameLines))*nameLead(b.nameSize) + b.barcode
}

// narrow reports whether every line keeps to the room's width.
func (b *block) narrow() bool {
	for _, l := range b.addrLines {
		if width(l, b.addrSize) > b.room.w {
			return false
		}
	}
	for _, l := range b.nameLines {
		if width(l, b.nameSize) > b.room.w {
			return false
		}
	}
	return true
}

func (b *block) wrapAddress() [][]glyph {
	var out [][]glyph
	for _, l := range b.address {
		for _, cut := range wrapLine(l, b.room.w, b.addrSize) {
			out = append(out, l[cut.from:cut.to])
		}
	}
	return out
}

// wrapNames wraps the name; the honorific stays with its last line.
func (b *block) wrapNames() [][]glyph {
	var out [][]glyph
	for i, l := range b.names {
		if i == len(b.names)-1 && len(b.honorific) > 0 {
			l = b.addressed(l)
		}
		for _, cut := range wrapLine(l, b.room.w, b.nameSize) {
			out = append(out, l[cut.from:cut.to])
		}
	}
	return out
}

// addressed appends the honorific, never parted from the last two characters
// of the name.
func (b *block) addressed(name []glyph) []glyph {
	const group = 1 << 15
	l := append([]glyph(nil), name...)
	l = append(l, b.honorific...)
	for i := max(0, len(name)-2); i < len(l); i++ {
		l[i].keep = group
	}
	return l
}

// wrapLine wraps one line of an address; at spaces where there are any.
func wrapLine(run []glyph, room, size unit) []line {
	return breakLines(run, room, room, size, false)
}

// drawBlock places the fitted lines.
func (f *flow) drawBlock(b *block, id, code []glyph) {
	elem := f.sheet.element("P", 0)
	y := b.room.y
	put := func(run []glyph, size, lead unit) {
		f.page.texts = append(f.page.texts, placed{x: b.room.x, y: baseline(y, lead, size),
			size: size, glyphs: run, elem: elem, window: true})
		y += lead
	}
	put(id, idSize, idLead)
	if len(code) > 0 {
		put(code, b.addrSize, addressLead(b.addrSize))
	}
	for _, l := range b.addrLines {
		put(l, b.addrSize, addressLead(b.addrSize))
	}
	y += afterLines
	for _, l := range b.nameLines {
		put(l, b.nameSize, nameLead(b.nameSize))
	}
}
