package fonts

import "fmt"

// PathOp is what a segment does.
type PathOp uint8

// The four operations of a path. Quad is a quadratic Bézier curve.
const (
	MoveTo PathOp = iota
	LineTo
	QuadTo
	ClosePath
)

// Segment is one step of a path in font units, y upwards. X, Y is where it
// ends; CX, CY the control point of a QuadTo, else 0. ClosePath has none.
type Segment struct {
	Op     PathOp
	CX, CY float64
	X, Y   float64
}

// Path is a glyph's outline, to be filled by the non-zero winding rule.
type Path []Segment

type point struct {
	x, y    float64
	on, end bool
}

// Outline returns a glyph as path, parts of composites put in place; empty for
// a blank glyph. Coordinates are exact: implied points between two control
// points may be halves.
func (f *Face) Outline(g GlyphID) (Path, error) {
	budget := maxComponents
	pts, err := f.points(nil, g, maxDepth, &budget)
	if err != nil {
		return nil, fmt.Errorf("outline of glyph %d: %w", g, err)
	}
	var path Path
	for start, i := 0, 0; i < len(pts); i++ {
		if pts[i].end {
			path = appendContour(path, pts[start:i+1])
			start = i + 1
		}
	}
	return path, nil
}

// points appends a glyph's points to pts. Composites may nest depth deep and
// use budget parts in all.
func (f *Face) points(pts []point, g GlyphID, depth int, budget *int) ([]point, error) {
	if int(g) >= f.count {
		return nil, fmt.Errorf("%w: no glyph %d", ErrFormat, g)
	}
	d, err := f.glyphs.bare(g)
	if err != nil {
		return nil, err
	}
	l, err := measure(d)
	if err != nil || l.end == 0 {
		return pts, err
	}
	if l.contours > 0 {
		return simplePoints(pts, d, l), nil
	}
	list, _, err := components(d)
	if err != nil {
		return nil, err
	}
	base := len(pts)
	for _, c := range list {
		if *budget--; depth == 0 || *budget < 0 || c.glyph == 0 {
			return nil, fmt.Errorf("%w: composite glyph nests too deep or uses .notdef", ErrFormat)
		}
		from := len(pts)
		if pts, err = f.points(pts, c.glyph, depth-1, budget); err != nil {
			return nil, err
		}
		if err := c.place(pts[base:], from-base); err != nil {
			return nil, err
		}
	}
	return pts, nil
}

// place scales and moves the points of a component; they start at from among
// the points of the glyph it belongs to.
func (c *component) place(pts []point, from int) error {
	own := pts[from:]
	for i, p := range own {
		own[i].x = p.x*c.scale[0] + p.y*c.scale[2]
		own[i].y = p.x*c.scale[1] + p.y*c.scale[3]
	}
	dx, dy := float64(c.arg1), float64(c.arg2)
	if c.flags&compXY == 0 { // point arg2 of the part lies on point arg1
		if c.arg1 >= from || c.arg2 >= len(own) {
			return fmt.Errorf("%w: composite glyph anchored to no point", ErrFormat)
		}
		dx, dy = pts[c.arg1].x-own[c.arg2].x, pts[c.arg1].y-own[c.arg2].y
	}
	for i := range own {
		own[i].x += dx
		own[i].y += dy
	}
	return nil
}

// simplePoints decodes the points of a measured simple glyph.
func simplePoints(pts []point, d table, l layout) []point {
	n := int(d.u16(endPoints+2*(l.contours-1))) + 1
	flags := make([]byte, 0, n)
	p := l.instrTo
	for len(flags) < n {
		f, times := d[p], 1
		p++
		if f&flagRepeat != 0 {
			times += int(d[p])
			p++
		}
		for range times {
			flags = append(flags, f)
		}
	}
	base := len(pts)
	for _, f := range flags {
		pts = append(pts, point{on: f&flagOn != 0})
	}
	own := pts[base:]
	p = readCoords(d, p, flags, flagXByte, flagXSame, func(i int, v float64) { own[i].x = v })
	readCoords(d, p, flags, flagYByte, flagYSame, func(i int, v float64) { own[i].y = v })
	for i := range l.contours {
		own[d.u16(endPoints+2*i)].end = true
	}
	return pts
}

// readCoords decodes one axis from offset p on and returns the offset behind.
func readCoords(d table, p int, flags []byte, short, same byte, set func(int, float64)) int {
	v := 0
	for i, f := range flags {
		switch {
		case f&short != 0 && f&same != 0:
			v += int(d[p])
			p++
		case f&short != 0:
			v -= int(d[p])
			p++
		case f&same == 0:
			v += d.i16(p)
			p += 2
		}
		set(i, float64(v))
	}
	return p
}

func middle(a, b point) point { return point{x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, on: true} }

// appendContour turns one closed contour of on- and off-curve points into
// segments. It starts at the first on-curve point, or half-way between two
// control points where there is none.
func appendContour(path Path, c []point) Path {
	if len(c) < 2 { // an anchor, not a contour
		return path
	}
	start, first := c[0], 1
	if !start.on {
		if last := c[len(c)-1]; last.on {
			start, first = last, 0
			c = c[:len(c)-1]
		} else {
			start, first = middle(start, last), 0
		}
	}
	path = append(path, Segment{Op: MoveTo, X: start.x, Y: start.y})
	var ctrl *point
	for i := first; i < len(c); i++ {
		p := c[i]
		switch {
		case p.on && ctrl != nil:
			path, ctrl = append(path, quad(*ctrl, p)), nil
		case p.on:
			path = append(path, Segment{Op: LineTo, X: p.x, Y: p.y})
		case ctrl != nil:
			path, ctrl = append(path, quad(*ctrl, middle(*ctrl, p))), &c[i]
		default:
			ctrl = &c[i]
		}
	}
	if ctrl != nil {
		path = append(path, quad(*ctrl, start))
	}
	return append(path, Segment{Op: ClosePath})
}

func quad(ctrl, to point) Segment {
	return Segment{Op: QuadTo, CX: ctrl.x, CY: ctrl.y, X: to.x, Y: to.y}
}
