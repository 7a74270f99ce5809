package fonts

// isSelector reports whether r is a variation selector: U+FE00–FE0F or, for
// ideographs (IVS), U+E0100–E01EF.
func isSelector(r rune) bool {
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF
}

// selectorIndex numbers the 256 selectors.
func selectorIndex(r rune) int {
	if r <= 0xFE0F {
		return int(r - 0xFE00)
	}
	return int(r-0xE0100) + 16
}

// variations is cmap format 14: for each selector the bases drawn by their
// default glyph (ranges of 4 bytes) and those with a glyph of their own
// (5 bytes each), both sorted. They are searched where they lie.
type variations struct{ defaults, own []table }

func readVariations(t table) variations {
	v := variations{}
	n := min(int(t.u32(6)), len(t)/11)
	for i := range n {
		p := 10 + 11*i
		sel := rune(t.u24(p))
		if !isSelector(sel) {
			continue
		}
		if v.own == nil {
			v.defaults, v.own = make([]table, 256), make([]table, 256)
		}
		v.defaults[selectorIndex(sel)] = records(t, t.u32(p+3), 4)
		v.own[selectorIndex(sel)] = records(t, t.u32(p+7), 5)
	}
	return v
}

// records cuts a counted list of fixed-size records out of t.
func records(t table, offset uint32, size int) table {
	if offset == 0 || int(offset)+4 > len(t) {
		return nil
	}
	body := t[offset+4:]
	n := min(int(t.u32(int(offset))), len(body)/size)
	return body[:n*size]
}

// lookup returns the glyph of base + selector; bare is the base's own glyph.
// It returns 0 for a pair the font does not list.
func (v variations) lookup(base, selector rune, bare GlyphID) GlyphID {
	if v.own == nil {
		return 0
	}
	i := selectorIndex(selector)
	if t := v.own[i]; len(t) > 0 {
		if p := lastNotAfter(t, 5, uint32(base)); p >= 0 && t.u24(p) == uint32(base) {
			return t.u16(p + 3)
		}
	}
	if t := v.defaults[i]; len(t) > 0 {
		p := lastNotAfter(t, 4, uint32(base))
		if p >= 0 && uint32(base) <= t.u24(p)+uint32(t[p+3]) {
			return bare
		}
	}
	return 0
}

// lastNotAfter finds the last record whose 24-bit key is not above key and
// returns its offset, -1 when all are above.
func lastNotAfter(t table, size int, key uint32) int {
	lo, hi := 0, len(t)/size
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if t.u24(mid*size) <= key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return (lo - 1) * size
}
