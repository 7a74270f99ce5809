package pdf

import (
	"math"
	"slices"

	"oshirase/letters/text"
)

// line is one set line: glyphs at their distances from the line's left edge,
// and the page operators that show it there. Lines are never changed once
// made; many letters share those of the fixed wording, the others are valid
// while their letter is drawn.
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
	n := len(s.lists)
	for _, b := range broken {
		s.lists = append(s.lists, s.line(b, xs, st.size))
	}
	return s.cache.keep(&s.letterMemory, list, &st, slices.Clip(s.lists[n:]))
}

// nextLetter gives the memory of the letter before free.
func (s *shaper) nextLetter() {
	s.cache.nextLetter()
	s.reset()
}

// word sets a short text on one line of its own width.
func (s *shaper) word(str string, size unit, heading bool) *line {
	lines := s.set([]text.Inline{{Text: str}}, style{size: size, measure: 1 << 30, heading: heading, tight: true})
	if len(lines) == 0 {
		return &line{size: size}
	}
	return lines[0]
}

// line keeps one line and writes its operators.
func (s *shaper) line(b text.Line, xs []float64, size unit) *line {
	from, to := s.glyphsOf(b.First, b.End)
	n := len(s.xs)
	for i := b.First; i < b.End; i++ {
		x := round(xs[i])
		gf, gt := s.glyphsOf(i, i+1)
		for g := gf; g < gt; g++ {
			s.xs = append(s.xs, x)
			x += s.glyphs[g].advance(size)
		}
	}
	l := s.keepLine(line{glyphs: s.glyphs[from:to:to], xs: slices.Clip(s.xs[n:]),
		indent: round(b.Indent), width: round(b.Width), size: size})
	l.trim()
	l.write(&s.letterMemory)
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

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
