package fonts

import (
	"encoding/binary"
	"math/bits"
)

// part is a table on its way into a program. Parts lie in the file in this
// order, which is also that of their tags.
type part struct {
	tag string
	n   int
}

func pad4(n int) int { return (n + 3) &^ 3 }

// build writes the program into one buffer of the right size.
func (s *Subset) build(items []item) []byte {
	glyf := 0
	for i := range items {
		glyf += pad4(items[i].end)
	}
	long := glyf > 0x1FFFE
	parts := s.parts(glyf, long)
	size := dirHeader + dirEntry*len(parts)
	for _, p := range parts {
		size += pad4(p.n)
	}
	head := 0
	b := appendDirectory(make([]byte, 0, size), parts)
	for i, p := range parts {
		start := len(b)
		b = s.appendTable(b, p.tag, items, long)
		b = append(b, make([]byte, pad4(len(b)-start)-(len(b)-start))...)
		at := dirHeader + dirEntry*i
		binary.BigEndian.PutUint32(b[at+4:], checksum(b[start:]))
		binary.BigEndian.PutUint32(b[at+8:], uint32(start))
		binary.BigEndian.PutUint32(b[at+12:], uint32(p.n))
		if p.tag == "head" {
			head = start
		}
	}
	binary.BigEndian.PutUint32(b[head+8:], 0xB1B0AFBA-checksum(b))
	return b
}

// parts lists the tables and their sizes.
func (s *Subset) parts(glyf int, long bool) []part {
	t, n := &s.face.tables, s.NumGlyphs()
	loca := 2 * (n + 1)
	if long {
		loca *= 2
	}
	list := make([]part, 0, 9)
	if s.hints && len(t.cvt) > 0 {
		list = append(list, part{"cvt ", len(t.cvt)})
	}
	if s.hints && len(t.fpgm) > 0 {
		list = append(list, part{"fpgm", len(t.fpgm)})
	}
	list = append(list, part{"glyf", glyf}, part{"head", 54}, part{"hhea", 36},
		part{"hmtx", 4 * n}, part{"loca", loca}, part{"maxp", min(len(t.maxp), 32)})
	if s.hints && len(t.prep) > 0 {
		list = append(list, part{"prep", len(t.prep)})
	}
	return list
}

// appendDirectory writes version, count and search fields (OpenType: largest
// power of two not above the count) and empty entries.
func appendDirectory(b []byte, parts []part) []byte {
	n := len(parts)
	log := bits.Len(uint(n)) - 1
	b = binary.BigEndian.AppendUint32(b, 0x00010000)
	for _, v := range []int{n, 16 << log, log, 16*n - 16<<log} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	for _, p := range parts {
		b = append(b, p.tag...)
		b = append(b, make([]byte, dirEntry-4)...)
	}
	return b
}

func (s *Subset) appendTable(b []byte, tag string, items []item, long bool) []byte {
	t := &s.face.tables
	switch tag {
	case "cvt ":
		return append(b, t.cvt...)
	case "fpgm":
		return append(b, t.fpgm...)
	case "prep":
		return append(b, t.prep...)
	case "glyf":
		return s.appendGlyf(b, items)
	case "hmtx":
		return s.appendMetrics(b)
	case "loca":
		return appendLocations(b, items, long)
	case "head":
		return appendHead(b, t.head, long)
	case "hhea":
		b = append(b, t.hhea[:34]...)
		return binary.BigEndian.AppendUint16(b, uint16(s.NumGlyphs()))
	case "maxp":
		return s.appendMaxp(b, t.maxp)
	}
	return b
}

func (s *Subset) appendGlyf(b []byte, items []item) []byte {
	for i := range items {
		start := len(b)
		b = items[i].appendTo(b, s)
		for (len(b)-start)%4 != 0 {
			b = append(b, 0)
		}
	}
	return b
}

// appendMetrics writes advance and left side bearing of each glyph; .notdef
// keeps its advance.
func (s *Subset) appendMetrics(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(s.face.Advance(0)))
	b = append(b, 0, 0)
	for _, g := range s.olds {
		b = binary.BigEndian.AppendUint16(b, uint16(s.face.Advance(g)))
		b = binary.BigEndian.AppendUint16(b, s.face.bearing(g))
	}
	return b
}

// appendLocations writes loca; .notdef is blank.
func appendLocations(b []byte, items []item, long bool) []byte {
	add := func(at int) {
		if long {
			b = binary.BigEndian.AppendUint32(b, uint32(at))
		} else {
			b = binary.BigEndian.AppendUint16(b, uint16(at/2))
		}
	}
	at := 0
	add(0)
	add(0)
	for i := range items {
		at += pad4(items[i].end)
		add(at)
	}
	return b
}

// appendHead copies head with the checksum adjustment still 0.
func appendHead(b []byte, head table, long bool) []byte {
	start := len(b)
	b = append(b, head[:54]...)
	clear(b[start+8 : start+12])
	b[start+50], b[start+51] = 0, 0
	if long {
		b[start+51] = 1
	}
	return b
}

// appendMaxp copies maxp with the new count. Without hints it asks for no
// storage, functions, stack or instructions.
func (s *Subset) appendMaxp(b []byte, maxp table) []byte {
	start := len(b)
	b = append(b, maxp[:min(len(maxp), 32)]...)
	m := b[start:]
	binary.BigEndian.PutUint16(m[4:], uint16(s.NumGlyphs()))
	if !s.hints && len(m) == 32 {
		clear(m[16:28]) // maxTwilightPoints to maxSizeOfInstructions
	}
	return b
}

// checksum is the sum of big-endian words of a table padded to full words.
func checksum(b []byte) uint32 {
	var sum uint32
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	return sum
}
