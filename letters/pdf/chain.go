package pdf

import (
	"unicode"

	"oshirase/fonts"
)

// chain is a chain of the library with a table that leads straight to what it
// draws ordinary characters with.
type chain struct {
	fonts.Chain
	order uint8    // of the chain's first face
	table []simple // by character; empty before the static subsets are known
}

// simple is the one glyph that draws a character, whatever stands beside it.
type simple struct {
	id     uint16 // 0 = not in the table
	w      uint16
	face   uint8 // by face.order
	static bool
	own    bool
}

// tableEnd is behind the last character in tables: full-width forms.
const tableEnd = 0xFFF0

// find returns what draws a character; it has id 0 when the chain itself must
// be asked.
func (c *chain) find(r rune) simple {
	if uint32(r) < uint32(len(c.table)) {
		return c.table[r]
	}
	return simple{}
}

// fill makes the table. Marks and selectors are not in it, because what they
// draw depends on the character before, nor Hangul and private characters.
func (c *chain) fill(faces *faceSet) {
	c.order = uint8(faces.find(c.Faces()[0]).order)
	c.table = make([]simple, tableEnd)
	var scratch []fonts.Glyph
	for r := rune(' '); r < tableEnd; r++ {
		if r >= 0xA000 && r < 0xF900 || unicode.Is(unicode.M, r) {
			continue
		}
		scratch, _ = c.AppendEach(scratch[:0], string(r))
		if len(scratch) != 1 {
			continue
		}
		g := faces.find(scratch[0].Face).glyph(scratch[0].ID, string(r))
		c.table[r] = simple{id: g.id, w: g.w, face: uint8(g.face.order), static: g.static, own: g.own}
	}
}
