package pdf

import (
	"slices"
	"strconv"
)

// Operators that show a line. They begin with the font and leave no state
// behind but font and position, so that they can stand anywhere.

// write fills in the operators and what they use.
func (l *line) write(m *letterMemory) {
	if len(l.glyphs) == 0 {
		return
	}
	used := usage{extras: m.extras}
	w := &lineWriter{line: l, space: l.commonGap(), pen: l.xs[0], buf: m.shows}
	start := len(w.buf)
	for from := 0; from < len(l.glyphs); {
		to := from + 1
		for to < len(l.glyphs) && sameFont(&l.glyphs[from], &l.glyphs[to]) {
			to++
		}
		w.font(&l.glyphs[from], from == 0)
		w.run(from, to)
		from = to
	}
	for i := range l.glyphs {
		used.add(&l.glyphs[i])
	}
	if w.space != 0 {
		w.buf = append(w.buf, "0 Tc\n"...)
	}
	l.show, l.static, l.extras = slices.Clip(w.buf[start:]), used.static, slices.Clip(used.extras[len(m.extras):])
	m.shows, m.extras = w.buf, used.extras
}

// commonGap is the space that stands after most glyphs of the line, in units;
// it becomes the character spacing, and only other gaps are written out. Gaps
// that differ by one unit count as one: places are rounded.
func (l *line) commonGap() unit {
	type counted struct {
		gap unit
		n   int
	}
	var store [48]counted // a line has few different gaps
	list := store[:0]
next:
	for i := range len(l.glyphs) - 1 {
		gap := l.gap(i)
		for j := range list {
			if list[j].gap == gap {
				list[j].n++
				continue next
			}
		}
		list = append(list, counted{gap, 1})
	}
	var best unit
	most := len(l.glyphs) / 3
	for _, c := range list {
		n := 0
		for _, d := range list {
			if diff := d.gap - c.gap; diff >= -1 && diff <= 1 {
				n += d.n
			}
		}
		if n > most {
			best, most = c.gap, n
		}
	}
	if best > -tolerance && best < tolerance {
		return 0
	}
	return best
}

// gap is the space after glyph i beyond its advance.
func (l *line) gap(i int) unit { return l.xs[i+1] - l.xs[i] - l.glyphs[i].advance(l.size) }

// tolerance is how far a glyph may stand from its place before the difference
// is written: 0.015 pt. It does not add up, because the pen is followed.
const tolerance unit = 15

type lineWriter struct {
	line  *line
	space unit // character spacing
	pen   unit
	buf   []byte
	open  bool // inside a string
	array bool // inside an array
}

// sameFont reports whether two glyphs come through one font resource.
func sameFont(a, b *glyph) bool {
	return a.face == b.face && a.static == b.static
}

// tier is 0 for the static subset of the glyph's face, 1 for the extras.
func (g *glyph) tier() byte {
	if g.static {
		return '0'
	}
	return '1'
}

// font selects the resource of a glyph.
func (w *lineWriter) font(g *glyph, first bool) {
	w.buf = append(append(append(w.buf, '/'), g.face.name...), g.tier(), ' ')
	w.buf = append(appendUnit(w.buf, w.line.size), " Tf\n"...)
	if first && w.space != 0 {
		w.buf = append(appendThousandths(w.buf, int(w.space)), " Tc\n"...)
	}
}

// run shows the glyphs of one font in one array, parted where a glyph needs
// an ActualText.
func (w *lineWriter) run(from, to int) {
	for i := from; i < to; i++ {
		g := &w.line.glyphs[i]
		if !g.own {
			w.move(i)
			w.close()
			w.buf = append(w.buf, "/Span<</ActualText<FEFF"...)
			w.buf = append(appendUTF16(w.buf, g.text), ">>>BDC\n"...)
		}
		w.move(i)
		if !w.open {
			w.string()
		}
		w.buf = appendHex(w.buf, g.id)
		w.pen += g.advance(w.line.size) + w.space
		if !g.own {
			w.close()
			w.buf = append(w.buf, "EMC\n"...)
		}
	}
	w.close()
}

// move brings the pen to glyph i unless it stands there already. It never
// opens a string.
func (w *lineWriter) move(i int) {
	d := w.line.xs[i] - w.pen
	if d > -tolerance && d < tolerance {
		return
	}
	if w.open {
		w.buf = append(w.buf, '>')
		w.open = false
	} else if !w.array {
		w.buf = append(w.buf, '[')
		w.array = true
	}
	kern := -d * 1000 / w.line.size
	w.buf = strconv.AppendInt(w.buf, int64(kern), 10)
	w.pen -= kern * w.line.size / 1000
}

func (w *lineWriter) string() {
	if !w.array {
		w.buf = append(w.buf, '[')
		w.array = true
	}
	if !w.open {
		w.buf = append(w.buf, '<')
		w.open = true
	}
}

func (w *lineWriter) close() {
	if w.open {
		w.buf = append(w.buf, '>')
	}
	if w.array {
		w.buf = append(w.buf, "]TJ\n"...)
	}
	w.open, w.array = false, false
}

// appendThousandths writes n/1000 without trailing zeros.
func appendThousandths(b []byte, n int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = append(strconv.AppendInt(b, int64(n/1000), 10), '.')
	n %= 1000
	b = append(b, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	return b
}

const hexDigits = "0123456789ABCDEF"

func appendHex(b []byte, v uint16) []byte {
	return append(b, hexDigits[v>>12], hexDigits[v>>8&15], hexDigits[v>>4&15], hexDigits[v&15])
}

// appendUTF16 writes s as UTF-16BE in hexadecimal.
func appendUTF16(b []byte, s string) []byte {
	for _, r := range s {
		if r >= 0x10000 {
			r -= 0x10000
			b = appendHex(b, uint16(0xD800+r>>10))
			b = appendHex(b, uint16(0xDC00+r&0x3FF))
			continue
		}
		b = appendHex(b, uint16(r))
	}
	return b
}
