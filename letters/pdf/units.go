package pdf

import (
	"math"
	"strconv"
)

// unit is a length in 1/1000 pt. Layout works in whole units, so that no
// rounding differs between machines.
type unit int

// pt converts points.
func pt(v float64) unit { return unit(math.Round(v * 1000)) }

// mm converts millimetres.
func mm(v float64) unit { return unit(math.Round(v * 72000 / 25.4)) }

// points gives the length in points, rounded to the 1/100 pt that pages carry.
func (u unit) points() float64 { return float64(u.hundredths()) / 100 }

func (u unit) hundredths() int {
	if u < 0 {
		return -int((-u + 5) / 10)
	}
	return int((u + 5) / 10)
}

// appendUnit writes a length in points with at most two decimals.
func appendUnit(b []byte, u unit) []byte { return appendHundredths(b, u.hundredths()) }

// appendHundredths writes n/100 without trailing zeros.
func appendHundredths(b []byte, n int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, int64(n/100), 10)
	if n %= 100; n == 0 {
		return b
	}
	b = append(b, '.', byte('0'+n/10))
	if n%10 != 0 {
		b = append(b, byte('0'+n%10))
	}
	return b
}

// box is a rectangle on a page, y counted downwards from the upper edge.
type box struct{ x, y, w, h unit }

func (b box) right() unit  { return b.x + b.w }
func (b box) bottom() unit { return b.y + b.h }

// inside reports whether b lies wholly in o.
func (b box) inside(o box) bool {
	return b.x >= o.x && b.y >= o.y && b.right() <= o.right() && b.bottom() <= o.bottom()
}

// touches reports whether b and o share any area.
func (b box) touches(o box) bool {
	return b.x < o.right() && o.x < b.right() && b.y < o.bottom() && o.y < b.bottom()
}
