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
	static uint64   // bit = face.order
	seen   []uint64 // (face, glyph) pairs already in extras, a small hash set
	extras []extra
}

func (u *usage) reset() {
	u.static = 0
	u.extras = u.extras[:0]
	clear(u.seen)
}

func (u *usage) add(g *glyph) {
	if g.face.isStatic(g.id) {
		u.static |= 1 << g.face.order
		return
	}
	if u.mark(uint64(g.face.order)<<16 | uint64(g.id) | 1<<40) {
		u.extras = append(u.extras, extra{g.face, g.id, g.text})
	} else if g.face.plain[g.id] == 0 {
		u.extras = append(u.extras, extra{g.face, g.id, g.text}) // another text of the glyph
	}
}

// mark puts a key into the open-addressed set; false = it was there.
func (u *usage) mark(key uint64) bool {
	const size = 1 << 11
	if u.seen == nil {
		u.seen = make([]uint64, size)
	}
	for i := key * 0x9E3779B97F4A7C15 >> 53; ; i = (i + 1) % size {
		switch u.seen[i] {
		case key:
			return false
		case 0:
			if len(u.extras) < size/2 {
				u.seen[i] = key
			}
			return true
		}
	}
}

// sorted puts the extras in order, each glyph and text once.
func (u *usage) sorted() []extra {
	slices.SortFunc(u.extras, compareExtra)
	return slices.CompactFunc(u.extras, func(a, b extra) bool { return compareExtra(a, b) == 0 })
}
