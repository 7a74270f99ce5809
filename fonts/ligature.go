package fonts

const (
	maxPairs  = 1 << 12
	maxVisits = 1 << 16
)

func pairKey(base, mark GlyphID) uint32 { return uint32(base)<<16 | uint32(mark) }

// composedPairs reads the ligatures of two components that the GSUB feature
// ccmp makes: か + U+309A, ㇷ + U+309A, æ + U+0300 and the like, which JIS X
// 0213 counts as characters although Unicode gives them no code point.
func composedPairs(gsub table) map[uint32]GlyphID {
	pairs := map[uint32]GlyphID{}
	features := gsub.from(int(gsub.u16(6)))
	lookups := gsub.from(int(gsub.u16(8)))
	visits := 0
	for i := range min(int(features.u16(0)), 512) {
		p := 2 + 6*i
		if features.u32(p) != 0x63636D70 { // ccmp
			continue
		}
		f := features.from(int(features.u16(p + 4)))
		for j := range min(int(f.u16(2)), 64) {
			at := lookups.u16(2 + 2*int(f.u16(4+2*j)))
			lookupPairs(lookups.from(int(at)), pairs, &visits)
		}
	}
	return pairs
}

// lookupPairs reads one lookup: type 4, or 7 wrapping 4.
func lookupPairs(lookup table, pairs map[uint32]GlyphID, visits *int) {
	kind := lookup.u16(0)
	for i := range min(int(lookup.u16(4)), 64) {
		sub := lookup.from(int(lookup.u16(6 + 2*i)))
		k := kind
		if k == 7 && sub.u16(0) == 1 {
			k = sub.u16(2)
			sub = sub.from(int(sub.u32(4)))
		}
		if k == 4 && sub.u16(0) == 1 {
			ligaturePairs(sub, pairs, visits)
		}
	}
}

// ligaturePairs reads a LigatureSubst table of format 1.
func ligaturePairs(sub table, pairs map[uint32]GlyphID, visits *int) {
	cover := coverage(sub.from(int(sub.u16(2))))
	for i := range min(int(sub.u16(4)), len(cover)) {
		set := sub.from(int(sub.u16(6 + 2*i)))
		for j := range int(set.u16(0)) {
			if *visits++; *visits > maxVisits || len(pairs) >= maxPairs {
				return
			}
			lig := set.from(int(set.u16(2 + 2*j)))
			if lig.u16(2) != 2 {
				continue
			}
			key := pairKey(cover[i], lig.u16(4))
			if _, taken := pairs[key]; !taken {
				pairs[key] = lig.u16(0)
			}
		}
	}
}

// coverage lists the glyphs of a Coverage table in order.
func coverage(t table) []GlyphID {
	var list []GlyphID
	n := int(t.u16(2))
	switch t.u16(0) {
	case 1:
		for i := range min(n, len(t)/2) {
			list = append(list, t.u16(4+2*i))
		}
	case 2:
		for i := range min(n, len(t)/6) {
			for g := int(t.u16(4 + 6*i)); g <= int(t.u16(6+6*i)) && len(list) < 1<<16; g++ {
				list = append(list, GlyphID(g))
			}
		}
	}
	return list
}
