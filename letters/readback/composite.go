package readback

import "math"

// Flags of a component of a composite glyph (OpenType, glyf table).
const (
	argsAreWords   = 0x0001
	argsAreXY      = 0x0002
	haveScale      = 0x0008
	moreComponents = 0x0020
	haveXYScale    = 0x0040
	haveTwoByTwo   = 0x0080
	scaledOffset   = 0x0800
)

// component is one part of a composite glyph.
type component struct {
	flags      uint16
	glyph      uint16
	arg1, arg2 int
	a, b, c, d float64 // x' = a·x + c·y, y' = b·x + d·y
}

func readComponent(r *be) component {
	p := component{flags: r.u16(), glyph: r.u16(), a: 1, d: 1}
	switch {
	case p.flags&argsAreWords != 0 && p.flags&argsAreXY != 0:
		p.arg1, p.arg2 = int(r.i16()), int(r.i16())
	case p.flags&argsAreWords != 0:
		p.arg1, p.arg2 = int(r.u16()), int(r.u16())
	case p.flags&argsAreXY != 0:
		p.arg1, p.arg2 = int(int8(r.u8())), int(int8(r.u8()))
	default:
		p.arg1, p.arg2 = int(r.u8()), int(r.u8())
	}
	fraction := func() float64 { return r.i16() / (1 << 14) }
	switch {
	case p.flags&haveScale != 0:
		p.a = fraction()
		p.d = p.a
	case p.flags&haveXYScale != 0:
		p.a, p.d = fraction(), fraction()
	case p.flags&haveTwoByTwo != 0:
		p.a, p.b, p.c, p.d = fraction(), fraction(), fraction(), fraction()
	}
	return p
}

// compositeGlyph puts a composite's parts together.
func (f *TrueType) compositeGlyph(r *be, depth int, budget *int) ([][]Point, error) {
	var whole [][]Point
	for {
		p := readComponent(r)
		if *budget--; r.bad || *budget < 0 {
			return nil, malformed("composite glyph")
		}
		part, err := f.contours(p.glyph, depth+1, budget)
		if err != nil {
			return nil, err
		}
		part = p.turn(part)
		dx, dy, ok := p.offset(whole, part)
		if !ok {
			return nil, malformed("composite glyph")
		}
		for _, contour := range part {
			for i := range contour {
				contour[i].X += dx
				contour[i].Y += dy
			}
		}
		whole = append(whole, part...)
		if p.flags&moreComponents == 0 {
			return whole, nil
		}
	}
}

// turn applies the scale. Each product is rounded by itself, so that every
// machine gives the same sum.
func (p component) turn(part [][]Point) [][]Point {
	out := make([][]Point, len(part))
	for i, contour := range part {
		out[i] = make([]Point, len(contour))
		for j, q := range contour {
			x := float64(p.a*q.X) + float64(p.c*q.Y)
			y := float64(p.b*q.X) + float64(p.d*q.Y)
			out[i][j] = Point{x, y, q.On}
		}
	}
	return out
}

// offset says how far the part moves: by a distance, or so that a point of
// it meets a point of what stands already.
func (p component) offset(whole, part [][]Point) (dx, dy float64, ok bool) {
	if p.flags&argsAreXY == 0 {
		from, okFrom := nth(part, p.arg2)
		to, okTo := nth(whole, p.arg1)
		return to.X - from.X, to.Y - from.Y, okFrom && okTo
	}
	dx, dy = float64(p.arg1), float64(p.arg2)
	if p.flags&scaledOffset != 0 {
		dx *= math.Sqrt(float64(p.a*p.a) + float64(p.b*p.b))
		dy *= math.Sqrt(float64(p.c*p.c) + float64(p.d*p.d))
	}
	return dx, dy, true
}

func nth(contours [][]Point, n int) (Point, bool) {
	for _, contour := range contours {
		if n < len(contour) {
			return contour[n], true
		}
		n -= len(contour)
	}
	return Point{}, false
}
