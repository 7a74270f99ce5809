package pdf

import (
	"cmp"
	"slices"
)

// extra is a glyph outside the static subset, and what it stands for.
type extra struct {
	face *face
	id   uint16
	text string
}

// compareExtra orders by face, glyph, then text, so that a union of letters
// gives the same fonts in whatever order they came.
func compareExtra(a, b extra) int {
	return cmp.Or(cmp.Compare(a.face.order, b.face.order), cmp.Compare(a.id, b.id), cmp.Compare(a.text, b.text))
}

// usage is what pages show: faces through their static subset, and extras.
type usage struct {
	static uint64 // bit = face.order
	extras []extra
}

func (u *usage) reset() {
	u.static = 0
	u.extras = u.extras[:0]
}

func (u *usage) add(g *glyph) {
	if g.static {
		u.static |= 1 << g.face.order
		return
	}
	u.extras = append(u.extras, extra{g.face, g.id, g.text})
}

// line adds what a set line shows.
func (u *usage) line(l *line) {
	u.static |= l.static
	u.extras = append(u.extras, l.extras...)
}

// sorted puts the extras in order, each glyph and text once.
func (u *usage) sorted() []extra {
	slices.SortFunc(u.extras, compareExtra)
	u.extras = slices.CompactFunc(u.extras, func(a, b extra) bool { return compareExtra(a, b) == 0 })
	return u.extras
}
