package fonts

import (
	"unicode"
	"unicode/utf8"
)

// Chain is an order of faces in which characters are looked up.
type Chain struct{ faces []*Face }

// Faces returns the chain's faces, the first choice first. The slice is the
// caller's.
func (c Chain) Faces() []*Face { return append([]*Face(nil), c.faces...) }

// Glyph is one glyph of shaped text.
type Glyph struct {
	Face    *Face
	ID      GlyphID
	Text    string // what it stands for, for a ToUnicode map
	Advance int    // font units
}

// Reason says why there is no glyph. It is a code; the sentence for people is
// made elsewhere.
type Reason string

// The reasons.
const (
	// NoGlyph: no face has the character.
	NoGlyph Reason = "no_glyph"
	// UnknownPair: no face has this base with this selector or mark. The bare
	// base is not offered: it may be another person's name.
	UnknownPair Reason = "unknown_pair"
	// LoneSelector: a variation selector that follows no character.
	LoneSelector Reason = "lone_selector"
	// ControlCharacter: a character without a shape, such as a tab, a line
	// end, a byte order mark or a direction mark.
	ControlCharacter Reason = "control_character"
	// LostCharacter: bytes that are no UTF-8, or U+FFFD, which a decoder put
	// where it could not read the source.
	LostCharacter Reason = "lost_character"
)

// Missing is a cluster that cannot be drawn.
type Missing struct {
	Index  int // byte offset in the string
	Text   string
	Runes  []rune
	Reason Reason
}

// Shape turns a name, or any text that should look of one piece, into glyphs.
// The first face that has all of it draws all of it, a base and its selector
// counting as one; if none has all, each cluster takes its first face. What
// no face has is in the second result and has no glyph in the first.
func (c Chain) Shape(s string) ([]Glyph, []Missing) {
	return c.AppendShape(make([]Glyph, 0, utf8.RuneCountInString(s)), s)
}

// AppendShape is Shape, appending to dst.
func (c Chain) AppendShape(dst []Glyph, s string) ([]Glyph, []Missing) {
	for _, f := range c.faces {
		if all, ok := f.appendAll(dst, s); ok {
			return all, nil
		}
	}
	return c.AppendEach(dst, s)
}

// AppendEach shapes running text: each cluster by the first face that has it,
// whatever its neighbours need. The second result is that of Shape.
func (c Chain) AppendEach(dst []Glyph, s string) ([]Glyph, []Missing) {
	var missing []Missing
	for i := 0; i < len(s); {
		cl := nextCluster(s[i:])
		if g, ok := c.first(cl); ok {
			dst = append(dst, g)
		} else {
			missing = append(missing, c.missing(cl, i))
		}
		i += len(cl.Text)
	}
	return dst, missing
}

// Missing lists what Shape would report, without making glyphs. It reads no
// outlines, so a whole month can be checked before anything is drawn.
func (c Chain) Missing(s string) []Missing {
	var missing []Missing
	for i := 0; i < len(s); {
		cl := nextCluster(s[i:])
		if _, ok := c.first(cl); !ok {
			missing = append(missing, c.missing(cl, i))
		}
		i += len(cl.Text)
	}
	return missing
}

// appendAll appends the glyphs of s if the face has every one of them.
func (f *Face) appendAll(dst []Glyph, s string) ([]Glyph, bool) {
	for len(s) > 0 {
		cl := nextCluster(s)
		g, ok := f.cluster(cl)
		if !ok {
			return nil, false
		}
		dst = append(dst, g)
		s = s[len(cl.Text):]
	}
	return dst, true
}

func (c Chain) first(cl Cluster) (Glyph, bool) {
	for _, f := range c.faces {
		if g, ok := f.cluster(cl); ok {
			return g, true
		}
	}
	return Glyph{}, false
}

// cluster looks one cluster up. A no-break space is drawn by the space where
// the face has no glyph of its own for it: both are blank.
func (f *Face) cluster(cl Cluster) (Glyph, bool) {
	if isControl(cl.Base) || cl.Base == utf8.RuneError {
		return Glyph{}, false
	}
	id, ok := f.Glyph(cl.Base, cl.Selector)
	if !ok && cl.Base == 0xA0 && cl.Selector == 0 {
		id, ok = f.Glyph(' ', 0)
	}
	return Glyph{f, id, cl.Text, f.Advance(id)}, ok
}

func (c Chain) missing(cl Cluster, at int) Missing {
	return Missing{Index: at, Text: cl.Text, Runes: []rune(cl.Text), Reason: c.reason(cl)}
}

func (c Chain) reason(cl Cluster) Reason {
	switch {
	case cl.Base == utf8.RuneError:
		return LostCharacter
	case isControl(cl.Base):
		return ControlCharacter
	case isSelector(cl.Base):
		return LoneSelector
	case cl.Selector == 0:
		return NoGlyph
	}
	if _, ok := c.first(Cluster{Text: cl.Text, Base: cl.Base}); ok {
		return UnknownPair
	}
	return NoGlyph
}

// isSpace reports white space that takes room on a line.
func isSpace(r rune) bool {
	return r == ' ' || r == 0xA0 || r == 0x3000 || r >= 0x2000 && r <= 0x200A || r == 0x202F || r == 0x205F
}

// isPrivate reports the private use areas, where 外字 live.
func isPrivate(r rune) bool { return r >= 0xE000 && r <= 0xF8FF || r >= 0xF0000 }

// isControl reports characters without a shape: controls, invisible format
// characters (direction marks, joiners, byte order mark, soft hyphen), line
// and paragraph separators. Most text is settled by the first line.
func isControl(r rune) bool {
	if r >= 0x20 && r < 0x7F || r >= 0x2E80 && r < 0xE000 {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
