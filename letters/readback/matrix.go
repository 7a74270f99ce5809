package readback

import "math"

// matrix is a b c d e f of ISO 32000-1, 8.3.3: x' = a·x + c·y + e,
// y' = b·x + d·y + f.
type matrix [6]float64

func identity() matrix { return matrix{1, 0, 0, 1, 0, 0} }

// times returns the matrix that applies m first and n then.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// straight reports whether rectangles stay rectangles.
func (m matrix) straight() bool {
	return m[1] == 0 && m[2] == 0 || m[0] == 0 && m[3] == 0
}

func (m matrix) upright() bool { return m[1] == 0 && m[2] == 0 && m[0] > 0 && m[3] > 0 }

// bounds is a growing bounding box.
type bounds struct {
	x0, y0, x1, y1 float64
	some           bool
}

func (b *bounds) add(x, y float64) {
	if !b.some {
		*b = bounds{x, y, x, y, true}
		return
	}
	b.x0, b.y0 = math.Min(b.x0, x), math.Min(b.y0, y)
	b.x1, b.y1 = math.Max(b.x1, x), math.Max(b.y1, y)
}

func (b *bounds) box() Box { return Box{b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0} }

// boxOf returns the bounding box of a rectangle under a matrix.
func boxOf(m matrix, x, y, w, h float64) Box {
	var b bounds
	for _, c := range [4][2]float64{{x, y}, {x + w, y}, {x, y + h}, {x + w, y + h}} {
		b.add(m.apply(c[0], c[1]))
	}
	return b.box()
}
