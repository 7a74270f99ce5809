package pdf

import (
	"math"
	"strconv"

	"oshirase/letters/text"
)

// line is one set line: glyphs at their distances from the line's left edge,
// and the page operators that show it there. Lines are never changed once
// made; many letters share those of the fixed wording.
type line struct {
	glyphs []glyph
	xs     []unit
	indent unit
	width  unit // what the ink may fill, from the left edge on
	size   unit
	show   []byte
	static uint64
	extras []extra
}

// lineCache keeps the lines of paragraphs that have been set before. Setting
// is a function of text and style alone, so a hit and a miss draw the same.
// What is set for the first time is kept for a while; only what comes again,
// the wording that letters share, is kept for good.
type lineCache struct {
	key   []byte
	once  map[string][]*line
	again map[string][]*line
}

// Bounds of the cache; texts of a month's wording are some hundreds.
const (
	onceLimit  = 512
	againLimit = 4096
)

func (c *lineCache) find(list []text.Inline, st *style) ([]*line, bool) {
	k := c.key[:0]
	for _, n := range []int{int(st.size), int(st.measure), int(st.indent), st.flags()} {
		k = append(strconv.AppendInt(k, int64(n), 36), ' ')
	}
	for _, in := range list {
		k = strconv.AppendInt(k, int64(len(in.Text)), 36)
		k = append(k, byte('A'+flag(in.Bold)+flag(in.Keep)<<1+flag(in.Given)<<2))
		k = append(k, in.Text...)
	}
	c.key = k
	lines, ok := c.again[string(k)]
	if ok {
		return lines, true
	}
	if lines, ok = c.once[string(k)]; ok {
		if c.again == nil || len(c.again) >= againLimit {
			c.again = make(map[string][]*line, 256)
		}
		c.again[string(k)] = lines
	}
	return lines, ok
}

func (c *lineCache) keep(lines []*line) {
	if c.once == nil {
		c.once = make(map[string][]*line, onceLimit)
	}
	if len(c.once) >= onceLimit {
		clear(c.once)
	}
	c.once[string(c.key)] = lines
}

func (st *style) flags() int {
	return flag(st.justify) | flag(st.heading)<<1 | flag(st.whole)<<2 | flag(st.tight)<<3 | flag(st.place)<<4 | flag(st.name)<<5
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// set breaks text into lines. It returns none when something is missing.
func (s *shaper) set(list []text.Inline, st style) []*line {
	if lines, ok := s.cache.find(list, &st); ok {
		return lines
	}
	if !s.shape(list, &st) {
		return nil
	}
	switch {
	case st.place:
		text.JoinPlace(s.items)
	case st.name:
		text.JoinName(s.items)
	}
	broken, xs := s.breaker.Break(s.items, float64(st.measure),
		text.Options{Justify: st.justify, Indent: float64(st.indent), Grid: st.tight})
	out := make([]*line, len(broken))
	for i, b := range broken {
		out[i] = s.line(b, xs, st.size)
	}
	s.cache.keep(out)
	return out
}

// word sets a short text on one line of its own width.
func (s *shaper) word(str string, size unit, heading bool) *line {
	lines := s.set([]text.Inline{{Text: str}}, style{size: size, measure: 1 << 30, heading: heading, tight: true})
	if len(lines) == 0 {
		return &line{size: size}
	}
	return lines[0]
}

// line copies one line out of the breaker's memory and writes its operators.
func (s *shaper) line(b text.Line, xs []float64, size unit) *line {
	from, to := s.glyphsOf(b.First, b.End)
	l := &line{glyphs: append([]glyph(nil), s.glyphs[from:to]...), xs: make([]unit, 0, to-from),
		indent: round(b.Indent), width: round(b.Width), size: size}
	for i := b.First; i < b.End; i++ {
		x := round(xs[i])
		gf, gt := s.glyphsOf(i, i+1)
		for g := gf; g < gt; g++ {
			l.xs = append(l.xs, x)
			x += s.glyphs[g].advance(size)
		}
	}
	l.trim()
	l.write()
	return l
}

// trim drops spaces at the line's end: they take no room.
func (l *line) trim() {
	n := len(l.glyphs)
	for n > 0 && (l.glyphs[n-1].text == " " || l.glyphs[n-1].text == "　") {
		n--
	}
	if n > 0 {
		l.glyphs, l.xs = l.glyphs[:n], l.xs[:n]
	}
}

func round(v float64) unit { return unit(math.Round(v)) }
