package fonts

import "fmt"

// layout says where the parts of one glyf entry lie. A blank glyph has end 0.
type layout struct {
	contours         int // -1: made of other glyphs
	instrAt, instrTo int // the instructions, without their length field
	end              int // behind the last byte; padding may follow
}

// bareEnd is the glyph's length without its instructions; a composite loses
// their length field too.
func (l layout) bareEnd() int {
	if l.contours < 0 && l.instrAt < l.end {
		return l.instrAt - 2
	}
	return l.end - (l.instrTo - l.instrAt)
}

// Flags of a simple glyph's points (OpenType specification, "glyf").
const (
	flagOn, flagXByte, flagYByte = 1 << 0, 1 << 1, 1 << 2
	flagRepeat                   = 1 << 3
	flagXSame, flagYSame         = 1 << 4, 1 << 5
)

// Flags of a composite glyph's components.
const (
	compWords, compXY       = 1 << 0, 1 << 1
	compScale, compMore     = 1 << 3, 1 << 5
	compTwoScales, compTwo2 = 1 << 6, 1 << 7
	compInstructions        = 1 << 8
	maxComponents           = 256
	maxDepth                = 8
	glyphHeader, endPoints  = 10, 10
)

// measure finds the parts of a glyph and refuses one that runs over its end.
func measure(d table) (layout, error) {
	if len(d) == 0 {
		return layout{}, nil
	}
	if len(d) < glyphHeader {
		return layout{}, fmt.Errorf("%w: glyph of %d bytes", ErrFormat, len(d))
	}
	n := d.i16(0)
	switch {
	case n == 0:
		return layout{}, nil
	case n < 0:
		return measureComposite(d)
	}
	return measureSimple(d, n)
}

func measureSimple(d table, contours int) (layout, error) {
	at := endPoints + 2*contours
	l := layout{contours: contours, instrAt: at + 2}
	l.instrTo = l.instrAt + int(d.u16(at))
	if l.instrTo > len(d) || at+2 > len(d) {
		return l, fmt.Errorf("%w: glyph shorter than its instructions", ErrFormat)
	}
	last := -1
	for i := range contours {
		end := int(d.u16(endPoints + 2*i))
		if end < last || i > 0 && end == last {
			return l, fmt.Errorf("%w: contours out of order", ErrFormat)
		}
		last = end
	}
	flags, coords, ok := skipFlags(d[l.instrTo:], last+1)
	l.end = l.instrTo + flags + coords
	if !ok || l.end > len(d) {
		return l, fmt.Errorf("%w: glyph shorter than its points", ErrFormat)
	}
	return l, nil
}

// coordSize is the number of coordinate bytes a flag announces.
func coordSize(f byte) int {
	n := 0
	if f&flagXByte != 0 {
		n++
	} else if f&flagXSame == 0 {
		n += 2
	}
	if f&flagYByte != 0 {
		n++
	} else if f&flagYSame == 0 {
		n += 2
	}
	return n
}

// skipFlags counts the bytes of n points' flags and of their coordinates.
func skipFlags(d []byte, n int) (flags, coords int, ok bool) {
	for n > 0 {
		if flags >= len(d) {
			return 0, 0, false
		}
		f := d[flags]
		flags++
		times := 1
		if f&flagRepeat != 0 {
			if flags >= len(d) {
				return 0, 0, false
			}
			times += int(d[flags])
			flags++
		}
		n -= times
		coords += times * coordSize(f)
	}
	return flags, coords, n == 0
}

// component is one part of a composite glyph.
type component struct {
	glyph      GlyphID
	flags      uint16
	at         int // offset of its flags in the glyph
	arg1, arg2 int
	scale      [4]float64 // xx, xy, yx, yy
}

// components reads the parts of a composite glyph and the offset behind them.
func components(d table) ([]component, int, error) {
	var list []component
	p := glyphHeader
	for more := true; more; {
		c := component{at: p, flags: d.u16(p), glyph: d.u16(p + 2), scale: [4]float64{1, 0, 0, 1}}
		p = c.readArgs(d, p+4)
		p = c.readScale(d, p)
		if p > len(d) || len(list) >= maxComponents {
			return nil, 0, fmt.Errorf("%w: broken composite glyph", ErrFormat)
		}
		list = append(list, c)
		more = c.flags&compMore != 0
	}
	return list, p, nil
}

func (c *component) readArgs(d table, p int) int {
	if c.flags&compWords != 0 {
		c.arg1, c.arg2 = d.i16(p), d.i16(p+2)
		if c.flags&compXY == 0 {
			c.arg1, c.arg2 = int(d.u16(p)), int(d.u16(p+2))
		}
		return p + 4
	}
	w := d.u16(p)
	c.arg1, c.arg2 = int(int8(w>>8)), int(int8(w))
	if c.flags&compXY == 0 {
		c.arg1, c.arg2 = int(w>>8), int(w&0xFF)
	}
	return p + 2
}

func (c *component) readScale(d table, p int) int {
	f2dot14 := func(at int) float64 { return float64(d.i16(at)) / (1 << 14) }
	switch {
	case c.flags&compScale != 0:
		c.scale[0] = f2dot14(p)
		c.scale[3] = c.scale[0]
		return p + 2
	case c.flags&compTwoScales != 0:
		c.scale[0], c.scale[3] = f2dot14(p), f2dot14(p+2)
		return p + 4
	case c.flags&compTwo2 != 0:
		for i := range c.scale {
			c.scale[i] = f2dot14(p + 2*i)
		}
		return p + 8
	}
	return p
}

func measureComposite(d table) (layout, error) {
	list, end, err := components(d)
	if err != nil {
		return layout{}, err
	}
	l := layout{contours: -1, instrAt: end, instrTo: end, end: end}
	if list[len(list)-1].flags&compInstructions != 0 {
		l.instrAt = end + 2
		l.instrTo = l.instrAt + int(d.u16(end))
		l.end = l.instrTo
	}
	if l.end > len(d) {
		return l, fmt.Errorf("%w: composite glyph shorter than its instructions", ErrFormat)
	}
	return l, nil
}
