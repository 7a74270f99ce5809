package pdf

import (
	"hash/maphash"
	"slices"

	"oshirase/letters/text"
)

// lineCache finds the lines of text that has been set before. Setting is a
// function of text and style alone, so a hit and a miss draw the same. Lines
// set once are kept for their letter, in memory that the next letter uses
// again; those that come again in another letter, the wording that letters
// share, are kept for good.
type lineCache struct {
	seed    maphash.Seed
	begun   bool
	hash    uint64 // of the text looked up last
	letter  map[uint64]entry
	wording map[uint64]entry
	seen    [seenTexts]uint64 // hashes of texts that letters before have set
}

// entry is set text with all that its lines follow from.
type entry struct {
	list  []text.Inline
	style style
	lines []*line
}

// Bounds of the cache; texts of a month's wording are some hundreds.
const (
	wordingLimit = 4096
	seenTexts    = 2048
)

func (e *entry) is(list []text.Inline, st *style) bool {
	return e.style == *st && slices.Equal(e.list, list)
}

// find looks text up.
func (c *lineCache) find(list []text.Inline, st *style) ([]*line, bool) {
	c.hash = c.sum(list, st)
	if e, ok := c.letter[c.hash]; ok && e.is(list, st) {
		return e.lines, true
	}
	e, ok := c.wording[c.hash]
	return e.lines, ok && e.is(list, st)
}

func (c *lineCache) sum(list []text.Inline, st *style) uint64 {
	if !c.begun {
		*c = lineCache{seed: maphash.MakeSeed(), begun: true,
			letter: map[uint64]entry{}, wording: map[uint64]entry{}}
	}
	const odd = 0x9E3779B97F4A7C15 // 2^64 over the golden ratio
	h := uint64(st.size)<<40 ^ uint64(st.measure)<<8 ^ uint64(st.indent)<<20
	for _, in := range list {
		h = (h^maphash.String(c.seed, in.Text))*odd + h>>32
	}
	return h
}

// keep stores the lines of the text looked up last: in the letter's memory,
// or in their own when another letter has set the same before.
func (c *lineCache) keep(m *letterMemory, list []text.Inline, st *style, lines []*line) []*line {
	before := &c.seen[c.hash%seenTexts]
	if *before != c.hash {
		*before = c.hash
		c.letter[c.hash] = entry{m.keepInlines(list), *st, lines}
		return lines
	}
	if len(c.wording) >= wordingLimit {
		clear(c.wording)
	}
	own := make([]*line, len(lines))
	for i, l := range lines {
		own[i] = l.clone()
	}
	c.wording[c.hash] = entry{slices.Clone(list), *st, own}
	return own
}

// nextLetter forgets what only the letter before has set.
func (c *lineCache) nextLetter() { clear(c.letter) }

// letterMemory is what the lines of one letter consist of. The next letter
// uses it again. Where it grows, earlier lines stay where they are.
type letterMemory struct {
	glyphs  []glyph
	xs      []unit
	shows   []byte
	extras  []extra
	lines   []line
	lists   []*line
	inlines []text.Inline
}

func (m *letterMemory) reset() {
	m.glyphs, m.xs, m.shows, m.extras = m.glyphs[:0], m.xs[:0], m.shows[:0], m.extras[:0]
	m.lines, m.lists, m.inlines = m.lines[:0], m.lists[:0], m.inlines[:0]
}

func (m *letterMemory) keepLine(l line) *line {
	m.lines = append(m.lines, l)
	return &m.lines[len(m.lines)-1]
}

func (m *letterMemory) keepInlines(list []text.Inline) []text.Inline {
	n := len(m.inlines)
	m.inlines = append(m.inlines, list...)
	return slices.Clip(m.inlines[n:])
}

// clone copies a line into memory of its own.
func (l *line) clone() *line {
	own := *l
	own.glyphs, own.xs = slices.Clone(l.glyphs), slices.Clone(l.xs)
	own.show, own.extras = slices.Clone(l.show), slices.Clone(l.extras)
	return &own
}
