package fonts

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"slices"
	"unicode/utf16"
)

// testFont is a small TrueType font written by the tests themselves.
type testFont struct {
	glyphs [][]byte
	cmap   map[rune]GlyphID // BMP, format 4
	name   string           // "" = no name table
	sloppy bool             // wrong lengths and checksums, as editors write them
	change func(map[string][]byte)
}

type contour []struct {
	x, y int
	on   bool
}

// ref is a part of a composite glyph: x, y an offset, or with anchor the
// numbers of two points.
type ref struct {
	glyph  GlyphID
	x, y   int
	scale  float64
	anchor bool
}

func be(v ...int) (b []byte) {
	for _, n := range v {
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return b
}

// simple writes a glyph with every coordinate in two bytes and one padding
// byte where the length would be odd.
func simple(hints []byte, contours ...contour) []byte {
	b := be(len(contours), 0, 0, 0, 0)
	n := 0
	for _, c := range contours {
		n += len(c)
		b = append(b, be(n-1)...)
	}
	b = append(append(b, be(len(hints))...), hints...)
	var xs, ys []byte
	x, y := 0, 0
	for _, p := range slices.Concat(contours...) {
		flag := byte(0)
		if p.on {
			flag = flagOn
		}
		b = append(b, flag)
		xs, ys = append(xs, be(p.x-x)...), append(ys, be(p.y-y)...)
		x, y = p.x, p.y
	}
	b = slices.Concat(b, xs, ys)
	return append(b, make([]byte, len(b)%2)...)
}

func composite(hints []byte, parts ...ref) []byte {
	b := be(-1, 0, 0, 0, 0)
	for i, p := range parts {
		flags := compWords | compXY
		if p.anchor {
			flags = compWords
		}
		if i < len(parts)-1 {
			flags |= compMore
		} else if hints != nil {
			flags |= compInstructions
		}
		if p.scale != 0 {
			flags |= compScale
		}
		b = append(b, be(flags, int(p.glyph), p.x, p.y)...)
		if p.scale != 0 {
			b = append(b, be(int(p.scale*(1<<14)))...)
		}
	}
	if hints != nil {
		b = append(append(b, be(len(hints))...), hints...)
	}
	return append(b, make([]byte, len(b)%2)...)
}

func (f testFont) build() []byte {
	var glyf []byte
	loca := be(0)
	hmtx := []byte{}
	for i, g := range f.glyphs {
		glyf = append(glyf, g...)
		loca = append(loca, be(len(glyf)/2)...)
		hmtx = append(hmtx, be(1000+i, i)...)
	}
	ts := map[string][]byte{
		"head": slices.Concat(be(1, 0, 0, 0, 0, 0, 0x5F0F, 0x3CF5, 0, 1024), make([]byte, 16), be(0, -100, 1024, 900, 0, 8, 2, 0, 0)),
		"hhea": slices.Concat(be(1, 0, 900, -124, 0), make([]byte, 24), be(len(f.glyphs))),
		"maxp": slices.Concat(be(1, 0, len(f.glyphs)), make([]byte, 26)),
		"hmtx": hmtx, "loca": loca, "glyf": glyf, "cmap": f.format4(),
	}
	if f.name != "" {
		u := be()
		for _, c := range utf16.Encode([]rune(f.name)) {
			u = append(u, be(int(c))...)
		}
		ts["name"] = slices.Concat(be(0, 1, 18, 3, 1, 0x411, 6, len(u), 0), u)
	}
	if f.change != nil {
		f.change(ts)
	}
	return joinTables(ts, f.sloppy)
}

// format4 writes one segment for each character.
func (f testFont) format4() []byte {
	chars := slices.Sorted(maps.Keys(f.cmap))
	n := len(chars) + 1
	var ends, starts, deltas []byte
	for _, r := range chars {
		ends, starts = append(ends, be(int(r))...), append(starts, be(int(r))...)
		deltas = append(deltas, be(int(f.cmap[r])-int(r))...)
	}
	ends, starts, deltas = append(ends, be(0xFFFF)...), append(starts, be(0xFFFF)...), append(deltas, be(1)...)
	length := 16 + 8*n
	if f.sloppy {
		length -= 7
	}
	return slices.Concat(be(0, 1, 3, 1, 0, 12), be(4, length, 0, 2*n, 0, 0, 0), ends, be(0), starts, deltas, make([]byte, 2*n))
}

// joinTables writes a font file, or with sloppy one with wrong checksums.
func joinTables(ts map[string][]byte, sloppy bool) []byte {
	tags := slices.Sorted(maps.Keys(ts))
	b := slices.Concat(be(1, 0, len(tags), 16, 0, 0))
	at := len(b) + 16*len(tags)
	var body []byte
	for _, tag := range tags {
		sum := checksum(append(slices.Clone(ts[tag]), 0, 0, 0))
		if sloppy {
			sum = 0xDEADBEEF
		}
		b = append(b, tag...)
		b = binary.BigEndian.AppendUint32(b, sum)
		b = binary.BigEndian.AppendUint32(b, uint32(at+len(body)))
		b = binary.BigEndian.AppendUint32(b, uint32(len(ts[tag])))
		body = append(body, ts[tag]...)
		body = append(body, make([]byte, pad4(len(body))-len(body))...)
	}
	return append(b, body...)
}

// randomGlyphs draws n glyph numbers of a face, never 0, ascending.
func randomGlyphs(f *Face, n int, seed uint64) []GlyphID {
	r := rand.New(rand.NewPCG(seed, 1))
	set := map[GlyphID]bool{}
	for len(set) < min(n, f.count-1) {
		set[GlyphID(1+r.IntN(f.count-1))] = true
	}
	return slices.SortedFunc(maps.Keys(set), cmp.Compare[GlyphID])
}
