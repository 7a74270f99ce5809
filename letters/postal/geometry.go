package postal

import (
	"errors"
	"fmt"
)

// Geometry is the size of a barcode. All measures of the manual (p12) go with
// the point size a; zero fields take the nominal value.
type Geometry struct {
	Point    float64 // point size a, 8 … 11.5; 0 = 8
	Pitch    float64 // mm from bar to bar; 0 = 0.12 a
	BarWidth float64 // mm; 0 = 0.06 a
}

// Bar is one bar as a rectangle in mm; X and Y are the distances of its upper
// left corner from the upper left corner of the whole code.
type Bar struct{ X, Y, W, H float64 }

// ErrGeometry says that a measure lies outside the manual's tolerance.
var ErrGeometry = errors.New("barcode measure outside the tolerance")

const smallestPoint, largestPoint = 8.0, 11.5

// Resolve fills in the nominal values and checks every measure against the
// tolerances of the manual (p12); it returns ErrGeometry.
func (g Geometry) Resolve() (Geometry, error) {
	if g.Point == 0 {
		g.Point = smallestPoint
	}
	if g.Pitch == 0 {
		g.Pitch = 0.12 * g.Point
	}
	if g.BarWidth == 0 {
		g.BarWidth = 0.06 * g.Point
	}
	a := g.Point / 10
	for _, c := range []struct {
		what           string
		value, lo, top float64
	}{
		{"point size", g.Point, smallestPoint, largestPoint},
		{"pitch", g.Pitch, 0.95 * a, 1.30 * a},
		{"bar width", g.BarWidth, 0.50 * a, 0.70 * a},
		{"space", g.Pitch - g.BarWidth, 0.45 * a, 0.60 * a},
	} {
		const rounding = 1e-9
		if !(c.value >= c.lo-rounding && c.value <= c.top+rounding) {
			return g, fmt.Errorf("%s %.3f, allowed %.3f to %.3f: %w", c.what, c.value, c.lo, c.top, ErrGeometry)
		}
	}
	return g, nil
}

// Size returns width and height of the whole code in mm, clear space not
// included, for a resolved geometry.
func (g Geometry) Size() (width, height float64) {
	return (barCount-1)*g.Pitch + g.BarWidth, 0.36 * g.Point
}

// Draw returns the 67 bars as rectangles, left to right: long 6, semi-long 4,
// timing 2 parts of 0.06 a each (manual p12). It returns ErrGeometry.
func (b Barcode) Draw(g Geometry) ([]Bar, error) {
	g, err := g.Resolve()
	if err != nil {
		return nil, err
	}
	part := 0.06 * g.Point
	out := make([]Bar, len(b.Bars))
	for i, state := range b.Bars {
		top, bottom := 2.0, 4.0
		if state == Long || state == Upper {
			top = 0
		}
		if state == Long || state == Lower {
			bottom = 6
		}
		out[i] = Bar{X: float64(i) * g.Pitch, Y: top * part, W: g.BarWidth, H: (bottom - top) * part}
	}
	return out, nil
}
