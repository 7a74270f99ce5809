package fonts

import "fmt"

// subtables are the parts of a cmap table worth reading: at most one of each
// format, so that a hostile table cannot name the same part over and over.
type subtables struct{ format4, format12, format14 table }

// pickSubtables chooses Unicode subtables: Windows UCS-4, Unicode, Windows
// BMP, and last Windows symbol, which some editors write into EUDC fonts.
func pickSubtables(cmap table) (subtables, error) {
	var best subtables
	rank4, rank12 := 0, 0
	for i := range min(int(cmap.u16(2)), 64) {
		p := 4 + 8*i
		platform, encoding := cmap.u16(p), cmap.u16(p+2)
		t := cmap.from(int(cmap.u32(p + 4)))
		rank := subtableRank(platform, encoding)
		switch t.u16(0) {
		case 4:
			if rank > rank4 {
				best.format4, rank4 = t, rank
			}
		case 12:
			if rank > rank12 {
				best.format12, rank12 = t, rank
			}
		case 14:
			if platform == 0 && encoding == 5 && best.format14 == nil {
				best.format14 = t
			}
		}
	}
	if best.format4 == nil && best.format12 == nil {
		return best, fmt.Errorf("%w: no Unicode cmap of format 4 or 12", ErrFormat)
	}
	return best, nil
}

func subtableRank(platform, encoding uint16) int {
	switch {
	case platform == 3 && encoding == 10:
		return 4
	case platform == 0 && encoding != 5:
		return 3
	case platform == 3 && encoding == 1:
		return 2
	case platform == 3 && encoding == 0:
		return 1
	}
	return 0
}

// index maps code points to glyphs in pages of 256; page 0 is empty.
type index struct {
	pages [0x1100]uint16
	data  []GlyphID
}

// lookup returns 0 for what is not there.
func (x *index) lookup(r rune) GlyphID {
	p := uint32(r) >> 8
	if p >= uint32(len(x.pages)) {
		return 0
	}
	return x.data[int(x.pages[p])<<8|int(r&0xFF)]
}

func (x *index) set(r rune, g GlyphID) {
	p := &x.pages[r>>8]
	if *p == 0 {
		*p = uint16(len(x.data) >> 8)
		x.data = append(x.data, make([]GlyphID, 256)...)
	}
	x.data[int(*p)<<8|int(r&0xFF)] = g
}

// newIndex reads format 12 first, then what format 4 adds.
func newIndex(t subtables, accepts func(rune, GlyphID) bool) index {
	x := index{data: make([]GlyphID, 256, 256*320)}
	add := func(r rune, g GlyphID) {
		if x.lookup(r) == 0 && accepts(r, g) {
			x.set(r, g)
		}
	}
	eachFormat12(t.format12, add)
	eachFormat4(t.format4, add)
	return x
}

// eachFormat12 walks the groups. Groups must not overlap and must ascend, as
// the format demands; others are passed over, which bounds the work.
func eachFormat12(t table, add func(rune, GlyphID)) {
	next := uint32(0)
	n := min(int(t.u32(12)), len(t)/12)
	for i := range n {
		p := 16 + 12*i
		start, end, first := t.u32(p), t.u32(p+4), t.u32(p+8)
		if start < next || end < start || end > 0x10FFFF {
			continue
		}
		for c := start; c <= end; c++ {
			if g := first + (c - start); g >= first && g <= 0xFFFF {
				add(rune(c), GlyphID(g))
			}
		}
		next = end + 1
	}
}

// eachFormat4 walks the segments. The declared length is not used: sloppy
// makers get it wrong. Overlapping segments give way to earlier ones.
func eachFormat4(t table, add func(rune, GlyphID)) {
	segs := min(int(t.u16(6))/2, len(t)/8)
	next := 0
	for i := range segs {
		end := int(t.u16(14 + 2*i))
		start := max(int(t.u16(16+2*segs+2*i)), next)
		delta := t.u16(16 + 4*segs + 2*i)
		at := 16 + 6*segs + 2*i
		first := int(t.u16(16 + 2*segs + 2*i))
		for c := start; c <= end; c++ {
			g := uint16(c) + delta
			if ro := int(t.u16(at)); ro != 0 && ro != 0xFFFF {
				if g = t.u16(at + ro + 2*(c-first)); g != 0 {
					g += delta
				}
			}
			add(rune(c), g)
		}
		next = max(next, end+1)
	}
}
