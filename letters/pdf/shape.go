package pdf

import (
	"oshirase/fonts"
	"oshirase/letters/text"
)

// glyph is one glyph of shaped text.
type glyph struct {
	face *face
	id   uint16
	w    uint16 // advance in 1/1000 em
	keep uint16 // glyphs of one group other than 0 are never parted
	text string
}

// advance is the glyph's width at a type size.
func (g *glyph) advance(size unit) unit { return unit(g.w) * size / 1000 }

// shaper turns strings into glyphs and collects what is missing.
type shaper struct {
	shared  *Shared
	missing missing
	scratch []fonts.Glyph
	keeps   uint16
}

func (s *shaper) reset() {
	s.missing = s.missing[:0]
	s.keeps = 0
}

// running shapes running text: each character by its first face.
func (s *shaper) running(dst []glyph, chain fonts.Chain, str string, keep uint16) []glyph {
	var bad []fonts.Missing
	s.scratch, bad = chain.AppendEach(s.scratch[:0], str)
	return s.take(dst, bad, keep)
}

// whole shapes a name: one face for all of it where one has all.
func (s *shaper) whole(dst []glyph, chain fonts.Chain, str string) []glyph {
	var bad []fonts.Missing
	s.scratch, bad = chain.AppendShape(s.scratch[:0], str)
	return s.take(dst, bad, 0)
}

func (s *shaper) take(dst []glyph, bad []fonts.Missing, keep uint16) []glyph {
	for i := range bad {
		s.missing.add(bad[i].Text)
	}
	for i := range s.scratch {
		g := &s.scratch[i]
		f := s.shared.faces.byID[g.Face]
		dst = append(dst, glyph{face: f, id: g.ID, w: f.widths[g.ID], keep: keep, text: g.Text})
	}
	return dst
}

// inlines shapes a block's text: bold runs in the heading face.
func (s *shaper) inlines(dst []glyph, list []text.Inline) []glyph {
	for _, in := range list {
		chain := s.shared.body
		if in.Bold {
			chain = s.shared.heading
		}
		var keep uint16
		if in.Keep {
			s.keeps++
			keep = s.keeps
		}
		dst = s.running(dst, chain, in.Text, keep)
	}
	return dst
}

// heading shapes a block's text wholly in the heading face.
func (s *shaper) headings(dst []glyph, list []text.Inline) []glyph {
	for _, in := range list {
		dst = s.running(dst, s.shared.heading, in.Text, 0)
	}
	return dst
}

// width is the natural width of a run.
func width(run []glyph, size unit) unit {
	var w unit
	for i := range run {
		w += run[i].advance(size)
	}
	return w
}
