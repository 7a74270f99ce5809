package pdf

import (
	"oshirase/fonts"
	"oshirase/letters/text"
)

// glyph is one glyph of shaped text.
type glyph struct {
	face   *face
	text   string
	id     uint16
	w      uint16 // advance in 1/1000 em
	static bool   // of the face's static subset
	own    bool   // stands for its text without an ActualText
}

// glyph is glyph id of the face, standing for text.
func (f *face) glyph(id uint16, text string) glyph {
	return glyph{face: f, text: text, id: id, w: f.widths[id],
		static: f.isStatic(id), own: f.speaksForItself(id, text)}
}

// advance is the glyph's width at a type size.
func (g *glyph) advance(size unit) unit { return unit(g.w) * size / 1000 }

// style says how a run of text is shaped and set.
type style struct {
	size    unit
	measure unit
	indent  unit
	justify bool
	heading bool // all of it in the heading face, not only bold runs
	whole   bool // one face for all of it where one has all: a name, an address
	tight   bool // as given: no space between digits and kanji
	place   bool // an address: broken at its joints
	name    bool // a name: broken behind its blanks
}

// shaper turns text into glyphs and collects what is missing.
type shaper struct {
	shared  *Shared
	missing missing
	scratch []fonts.Glyph
	items   []text.Item
	letterMemory
	first   []int // of each item: its first glyph
	breaker text.Breaker
	cache   lineCache
}

// shape fills items and glyphs with the text. It returns false when something
// is missing; the letter is held then, and nothing is set.
func (s *shaper) shape(list []text.Inline, st *style) bool {
	s.items = text.Itemize(s.items[:0], list)
	s.first = s.first[:0]
	before := len(s.missing)
	for from := 0; from < len(s.items); {
		if s.items[from].Class == text.Newline {
			s.first = append(s.first, len(s.glyphs))
			from++
			continue
		}
		to, size := from, 0
		for to < len(s.items) && s.items[to].Run == s.items[from].Run && s.items[to].Class != text.Newline {
			size += len(s.items[to].Text)
			to++
		}
		s.segment(from, to, size, list[s.items[from].Run], st)
		from = to
	}
	return len(s.missing) == before
}

// segment shapes the items of one inline between two forced line ends.
func (s *shaper) segment(from, to, size int, in text.Inline, st *style) {
	chain := &s.shared.body
	if st.heading || in.Bold {
		chain = &s.shared.heading
	}
	if s.direct(from, to, chain, st) {
		return
	}
	str := in.Text
	if size != len(str) {
		str = s.joined(from, to)
	}
	var bad []fonts.Missing
	if st.whole {
		s.scratch, bad = chain.AppendShape(s.scratch[:0], str)
	} else {
		s.scratch, bad = chain.AppendEach(s.scratch[:0], str)
	}
	for i := range bad {
		s.missing.add(bad[i].Text)
	}
	s.align(from, to, st.size)
}

// direct shapes the items by the chain's table. It reports false, and leaves
// nothing, where that has not all of them.
func (s *shaper) direct(from, to int, chain *chain, st *style) bool {
	first, glyphs := len(s.first), len(s.glyphs)
	for i := from; i < to; i++ {
		it := &s.items[i]
		c := chain.find(it.Rune)
		if c.id == 0 || st.whole && c.face != chain.order {
			s.first, s.glyphs = s.first[:first], s.glyphs[:glyphs]
			return false
		}
		s.first = append(s.first, len(s.glyphs))
		s.glyphs = append(s.glyphs, glyph{face: s.shared.faces.list[c.face], text: it.Text,
			id: c.id, w: c.w, static: c.static, own: c.own})
		it.Em, it.Width = float64(st.size), float64(unit(c.w)*st.size/1000)
	}
	return true
}

// joined is the text of a part of an inline.
func (s *shaper) joined(from, to int) string {
	var b []byte
	for _, it := range s.items[from:to] {
		b = append(b, it.Text...)
	}
	return string(b)
}

// align gives each item the glyphs that stand for its bytes. A glyph that
// stands for more than one item belongs to the first and joins the others.
func (s *shaper) align(from, to int, size unit) {
	next, owed := 0, 0
	for i := from; i < to; i++ {
		it := &s.items[i]
		s.first = append(s.first, len(s.glyphs))
		it.Em, it.Width = float64(size), 0
		if owed > 0 {
			it.Join = true
		}
		owed -= len(it.Text)
		for owed < 0 && next < len(s.scratch) {
			g := &s.scratch[next]
			f := s.shared.faces.byID[g.Face.ID()]
			out := f.glyph(g.ID, g.Text)
			it.Width += float64(out.advance(size))
			s.glyphs = append(s.glyphs, out)
			owed += len(g.Text)
			next++
		}
	}
}

// glyphsOf returns the range of glyphs of items first up to end.
func (s *shaper) glyphsOf(first, end int) (int, int) {
	to := len(s.glyphs)
	if end < len(s.first) {
		to = s.first[end]
	}
	return s.first[first], to
}
