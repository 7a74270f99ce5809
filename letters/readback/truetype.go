package readback

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

// TrueType is a TrueType file, read only as far as its outlines and widths
// need; the tables loca, glyf, head, maxp, hhea and hmtx must be there.
type TrueType struct {
	glyphs     int
	unitsPerEm int
	glyf, hmtx []byte
	loca       []uint32
	longHor    int
}

// Point is a point of an outline in font units, composites already placed.
type Point struct {
	X, Y float64
	On   bool // on the curve
}

// Outline is a glyph as contours of points; a space has none.
type Outline struct{ Contours [][]Point }

// Hash returns a SHA-256 over the points, so that a glyph of a subset can be
// compared with the same glyph of the face it was cut from.
func (o Outline) Hash() [32]byte {
	var b []byte
	for _, contour := range o.Contours {
		b = binary.BigEndian.AppendUint32(b, uint32(len(contour)))
		for _, p := range contour {
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(p.X))
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(p.Y))
			on := byte(0)
			if p.On {
				on = 1
			}
			b = append(b, on)
		}
	}
	return sha256.Sum256(b)
}

// be reads big-endian numbers and remembers that it ran over the end.
type be struct {
	data []byte
	at   int
	bad  bool
}

func (r *be) take(n int) []byte {
	if r.bad || n < 0 || r.at < 0 || len(r.data)-r.at < n {
		r.bad = true
		return make([]byte, max(0, min(n, 8)))
	}
	b := r.data[r.at : r.at+n]
	r.at += n
	return b
}

func (r *be) u8() byte     { return r.take(1)[0] }
func (r *be) u16() uint16  { return binary.BigEndian.Uint16(r.take(2)) }
func (r *be) i16() float64 { return float64(int16(r.u16())) }
func (r *be) u32() uint32  { return binary.BigEndian.Uint32(r.take(4)) }

// ParseTrueType reads the tables of a TrueType file. It returns ErrMalformed.
func ParseTrueType(file []byte) (*TrueType, error) {
	tables, err := tableDirectory(file)
	if err != nil {
		return nil, err
	}
	f := &TrueType{glyf: tables["glyf"], hmtx: tables["hmtx"]}
	head := &be{data: tables["head"], at: 18}
	f.unitsPerEm = int(head.u16())
	head.at = 50
	long := head.u16() == 1
	maxp := &be{data: tables["maxp"], at: 4}
	f.glyphs = int(maxp.u16())
	hhea := &be{data: tables["hhea"], at: 34}
	f.longHor = int(hhea.u16())
	if head.bad || maxp.bad || hhea.bad || f.unitsPerEm == 0 {
		return nil, malformed("tables of a TrueType file")
	}
	if err := f.readLoca(tables["loca"], long); err != nil {
		return nil, err
	}
	return f, nil
}

func tableDirectory(file []byte) (map[string][]byte, error) {
	r := &be{data: file}
	version, count := r.u32(), int(r.u16())
	if version != 0x00010000 && version != 0x74727565 {
		return nil, notUnderstood("face that is not TrueType")
	}
	r.at = 12
	tables := make(map[string][]byte, count)
	for range count {
		tag := string(r.take(4))
		r.take(4) // check sum
		from, size := uint64(r.u32()), uint64(r.u32())
		if r.bad || from+size > uint64(len(file)) {
			return nil, malformed("tables of a TrueType file")
		}
		tables[tag] = file[from : from+size]
	}
	return tables, nil
}

func (f *TrueType) readLoca(table []byte, long bool) error {
	r := &be{data: table}
	f.loca = make([]uint32, f.glyphs+1)
	for i := range f.loca {
		if long {
			f.loca[i] = r.u32()
		} else {
			f.loca[i] = 2 * uint32(r.u16())
		}
		if r.bad || i > 0 && f.loca[i] < f.loca[i-1] || int64(f.loca[i]) > int64(len(f.glyf)) {
			return malformed("glyph places of a TrueType file")
		}
	}
	return nil
}

// Glyphs returns the number of glyphs.
func (f *TrueType) Glyphs() int { return f.glyphs }

// UnitsPerEm returns the font units per em.
func (f *TrueType) UnitsPerEm() int { return f.unitsPerEm }

// Advance returns the advance width of a glyph in font units.
func (f *TrueType) Advance(glyph uint16) (int, error) {
	if int(glyph) >= f.glyphs || f.longHor == 0 {
		return 0, malformed("no glyph %d", glyph)
	}
	r := &be{data: f.hmtx, at: 4 * min(int(glyph), f.longHor-1)}
	w := int(r.u16())
	if r.bad {
		return 0, malformed("widths of a TrueType file")
	}
	return w, nil
}

// Outline returns the outline of a glyph, its composites put together.
func (f *TrueType) Outline(glyph uint16) (Outline, error) {
	budget := maxPoints
	contours, err := f.contours(glyph, 0, &budget)
	return Outline{contours}, err
}

// maxPoints limits one flattened glyph: composites of composites can grow
// without bound.
const maxPoints = 100_000

func (f *TrueType) contours(glyph uint16, depth int, budget *int) ([][]Point, error) {
	if int(glyph) >= f.glyphs || depth > 8 {
		return nil, malformed("no glyph %d", glyph)
	}
	data := f.glyf[f.loca[glyph]:f.loca[glyph+1]]
	if len(data) == 0 {
		return nil, nil
	}
	r := &be{data: data}
	count := int16(r.u16())
	r.take(8) // bounding box
	var contours [][]Point
	var err error
	if count >= 0 {
		contours = simpleGlyph(r, int(count), budget)
	} else {
		contours, err = f.compositeGlyph(r, depth, budget)
	}
	if err == nil && (r.bad || *budget < 0) {
		err = malformed("glyph %d", glyph)
	}
	return contours, err
}

// simpleGlyph reads the contours of a simple glyph (OpenType, glyf table).
func simpleGlyph(r *be, count int, budget *int) [][]Point {
	ends := make([]int, count)
	points := 0
	for i := range ends {
		ends[i] = int(r.u16())
		if ends[i] < points && i > 0 || r.bad {
			r.bad = true
			return nil
		}
		points = ends[i] + 1
	}
	r.take(int(r.u16())) // hints
	if *budget -= points; *budget < 0 || r.bad {
		return nil
	}
	flags := readFlags(r, points)
	xs := readCoordinates(r, flags, 0x02, 0x10)
	ys := readCoordinates(r, flags, 0x04, 0x20)
	contours := make([][]Point, count)
	from := 0
	for i, end := range ends {
		for p := from; p <= end; p++ {
			contours[i] = append(contours[i], Point{xs[p], ys[p], flags[p]&1 != 0})
		}
		from = end + 1
	}
	return contours
}

func readFlags(r *be, points int) []byte {
	flags := make([]byte, 0, points)
	for len(flags) < points && !r.bad {
		flag := r.u8()
		repeat := 0
		if flag&0x08 != 0 {
			repeat = int(r.u8())
		}
		for range min(repeat+1, points-len(flags)) {
			flags = append(flags, flag)
		}
	}
	return flags[:points:points]
}

// readCoordinates reads one axis: short says a coordinate is one byte, same
// gives its sign or, without short, that it is unchanged.
func readCoordinates(r *be, flags []byte, short, same byte) []float64 {
	out := make([]float64, len(flags))
	v := 0.0
	for i, flag := range flags {
		switch {
		case flag&short != 0 && flag&same != 0:
			v += float64(r.u8())
		case flag&short != 0:
			v -= float64(r.u8())
		case flag&same == 0:
			v += r.i16()
		}
		out[i] = v
	}
	return out
}
