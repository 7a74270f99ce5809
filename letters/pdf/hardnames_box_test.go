package pdf

import (
	"image"
	"testing"

	"oshirase/fonts"
)

// A box is what a face draws for a character that it has not. It is looked
// for in the raster, where nobody's bookkeeping can hide it.

// boxDPI is fine enough that an 8 pt glyph has 33 dots.
const boxDPI = 300

// boxShape is a face's .notdef at one type size, as dots.
type boxShape struct {
	w, h int
	ink  []bool
}

// boxShapes draws the .notdef of each face at every size in which a name is
// set, 8 to 12 pt in half points.
func boxShapes(t *testing.T, faces []*fonts.Face) []boxShape {
	t.Helper()
	var out []boxShape
	for _, f := range faces {
		path, err := f.Outline(0)
		if err != nil || len(path) == 0 {
			t.Fatalf("%s draws nothing for a missing character: %v", f.Name(), err)
		}
		for half := 16; half <= 24; half++ {
			out = append(out, newBoxShape(path, float64(half)/2*boxDPI/72/float64(f.UnitsPerEm())))
		}
	}
	return out
}

// newBoxShape fills a path of straight lines by the winding rule.
func newBoxShape(path fonts.Path, scale float64) boxShape {
	minX, minY, maxX, maxY := path[0].X, path[0].Y, path[0].X, path[0].Y
	for _, s := range path {
		if s.Op != fonts.ClosePath {
			minX, minY, maxX, maxY = min(minX, s.X), min(minY, s.Y), max(maxX, s.X), max(maxY, s.Y)
		}
	}
	b := boxShape{w: int((maxX-minX)*scale + 0.5), h: int((maxY-minY)*scale + 0.5)}
	for y := range b.h {
		for x := range b.w {
			b.ink = append(b.ink, inside(path, minX+(float64(x)+0.5)/scale, maxY-(float64(y)+0.5)/scale))
		}
	}
	return b
}

func inside(path fonts.Path, x, y float64) bool {
	winding := 0
	var start, last fonts.Segment
	edge := func(a, b fonts.Segment) {
		if (a.Y <= y) != (b.Y <= y) && a.X+(y-a.Y)/(b.Y-a.Y)*(b.X-a.X) > x {
			if b.Y > a.Y {
				winding++
			} else {
				winding--
			}
		}
	}
	for _, s := range path {
		switch s.Op {
		case fonts.MoveTo:
			start = s
		case fonts.LineTo:
			edge(last, s)
		case fonts.ClosePath:
			edge(last, start)
			s = start
		}
		last = s
	}
	return winding != 0
}

// countBoxes counts the connected pieces of ink that look like one of the
// shapes: nearly its size, and nine tenths of the dots alike.
func countBoxes(img *image.Gray, shapes []boxShape) int {
	seen := make([]bool, len(img.Pix))
	n := 0
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			if !dark(img, x, y) || seen[img.PixOffset(x, y)] {
				continue
			}
			piece := flood(img, seen, x, y)
			for _, s := range shapes {
				if s.like(img, piece) {
					n++
					break
				}
			}
		}
	}
	return n
}

// flood marks a connected piece of ink and returns its bounds.
func flood(img *image.Gray, seen []bool, x, y int) image.Rectangle {
	bounds := image.Rect(x, y, x+1, y+1)
	stack := []image.Point{{X: x, Y: y}}
	seen[img.PixOffset(x, y)] = true
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		bounds = bounds.Union(image.Rect(p.X, p.Y, p.X+1, p.Y+1))
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if q := p.Add(image.Pt(dx, dy)); dark(img, q.X, q.Y) && !seen[img.PixOffset(q.X, q.Y)] {
					seen[img.PixOffset(q.X, q.Y)] = true
					stack = append(stack, q)
				}
			}
		}
	}
	return bounds
}

// like compares a piece with the shape, which may lie a dot off.
func (b *boxShape) like(img *image.Gray, piece image.Rectangle) bool {
	if dw, dh := piece.Dx()-b.w, piece.Dy()-b.h; dw < -2 || dw > 2 || dh < -2 || dh > 2 {
		return false
	}
	best := 0
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			same := 0
			for y := range b.h {
				for x := range b.w {
					if b.ink[y*b.w+x] == dark(img, piece.Min.X+x+dx, piece.Min.Y+y+dy) {
						same++
					}
				}
			}
			best = max(best, same)
		}
	}
	return best*10 >= len(b.ink)*9
}
