package fonts

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// metrics are the figures of a face in font units, angles in degrees.
type metrics struct {
	upem, ascent, descent, capHeight int
	bbox                             [4]int
	italic                           float64
	weight                           int
	serif                            bool
}

// readMetrics reads head, hhea, OS/2 and post. Only head and hhea must be
// there: fonts made by the Windows private character editor lack much.
func readMetrics(ts tables) (metrics, error) {
	head, hhea, os2 := ts["head"], ts["hhea"], ts["OS/2"]
	m := metrics{
		upem:   int(head.u16(18)),
		bbox:   [4]int{head.i16(36), head.i16(38), head.i16(40), head.i16(42)},
		ascent: hhea.i16(4), descent: hhea.i16(6),
		italic: float64(int32(ts["post"].u32(4))) / 65536,
		weight: int(os2.u16(4)),
	}
	if m.upem < 16 || m.upem > 16384 {
		return m, fmt.Errorf("%w: %d units per em", ErrFormat, m.upem)
	}
	if m.weight < 1 || m.weight > 1000 {
		m.weight = 400
	}
	if os2.u16(0) >= 2 {
		m.capHeight = os2.i16(88)
	}
	if m.capHeight <= 0 {
		m.capHeight = m.ascent
	}
	// PANOSE: Latin text (2), serif styles 2 to 10.
	m.serif = len(os2) > 34 && os2[32] == 2 && os2[33] >= 2 && os2[33] <= 10
	return m, nil
}

// UnitsPerEm is the size of the em square in font units.
func (f *Face) UnitsPerEm() int { return f.metrics.upem }

// Ascent is the height above the baseline in font units.
func (f *Face) Ascent() int { return f.metrics.ascent }

// Descent is the depth below the baseline in font units, a negative number.
func (f *Face) Descent() int { return f.metrics.descent }

// CapHeight is the height of Latin capitals in font units; the ascent where
// the font does not say.
func (f *Face) CapHeight() int { return f.metrics.capHeight }

// BBox is the box around all glyphs in font units: xMin, yMin, xMax, yMax.
func (f *Face) BBox() [4]int { return f.metrics.bbox }

// ItalicAngle is in degrees counter-clockwise from the vertical.
func (f *Face) ItalicAngle() float64 { return f.metrics.italic }

// Flags are those of a PDF font descriptor (ISO 32000-1, table 123): always
// symbolic, since glyphs are shown by number; serif and italic as the font
// says.
func (f *Face) Flags() uint32 {
	const serif, symbolic, italic = 1 << 1, 1 << 2, 1 << 6
	flags := uint32(symbolic)
	if f.metrics.serif {
		flags |= serif
	}
	if f.metrics.italic != 0 {
		flags |= italic
	}
	return flags
}

// StemV is the width of vertical stems for a PDF font descriptor in 1/1000 em.
// No TrueType table holds it; it is estimated from the weight class (80 for
// regular, 140 for bold), as PDF makers commonly do.
func (f *Face) StemV() int { return max(50, 80+(f.metrics.weight-400)/5) }

// postScriptName reads name 6. Fonts without one, or with one that PDF could
// not write as a plain name, are called after fallback.
func postScriptName(t table, fallback string) string {
	n, base := int(t.u16(2)), int(t.u16(4))
	for i := range min(n, 512) {
		p := 6 + 12*i
		if t.u16(p+6) != 6 {
			continue
		}
		raw := t.from(base + int(t.u16(p+10)))
		raw = raw[:min(len(raw), int(t.u16(p+8)))]
		if s := nameText(raw, t.u16(p)); s != "" && s == plainName(s) {
			return s
		}
	}
	if s := plainName(fallback); s != "" {
		return s
	}
	return "HouseFont"
}

// nameText decodes a name record: UTF-16 but for platform 1 (Macintosh).
func nameText(raw table, platform uint16) string {
	if platform == 1 {
		return string(raw)
	}
	u := make([]uint16, len(raw)/2)
	for i := range u {
		u[i] = raw.u16(2 * i)
	}
	return string(utf16.Decode(u))
}

// plainName keeps the characters a PDF name takes without escapes.
func plainName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_.", r):
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 63)]
}
