package fonts

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Cluster is what is drawn by one glyph: a character, alone or with the
// variation selector or combining mark that modifies it.
type Cluster struct {
	Text     string // as written
	Base     rune
	Selector rune // 0 = none
}

// Clusters cuts a string without losing a byte: the texts joined are s.
//
//   - A variation selector stays with the character before it; one that
//     follows none is a cluster of its own.
//   - か + U+3099 is the same character as が (canonical equivalence), hence
//     one cluster with base が; likewise é written as e + U+0301.
//   - か + U+309A is one cluster where JIS X 0213 has that sequence as a
//     character; other kana marks stand alone.
//   - A combining mark of U+0300–036F stays with its base in any case: drawn
//     by itself it would stand beside it.
func Clusters(s string) []Cluster {
	if s == "" {
		return nil
	}
	list := make([]Cluster, 0, utf8.RuneCountInString(s))
	for len(s) > 0 {
		c := nextCluster(s)
		list = append(list, c)
		s = s[len(c.Text):]
	}
	return list
}

// nextCluster cuts the first cluster off a string that is not empty.
func nextCluster(s string) Cluster {
	base, n := utf8.DecodeRuneInString(s)
	c := Cluster{Text: s[:n], Base: base}
	if n == len(s) || isSelector(base) {
		return c
	}
	switch s[n] { // lead bytes of all that may follow
	case 0xCC, 0xCD, 0xE3, 0xEF, 0xF3:
	default:
		return c
	}
	mark, m := utf8.DecodeRuneInString(s[n:])
	switch {
	case isSelector(mark):
		c.Selector = mark
	case isMark(mark) && !isControl(base) && !isSpace(base):
		return c.withMark(s, mark, n+m)
	default:
		return c
	}
	c.Text = s[:n+m]
	return c
}

// withMark joins a base and a combining mark, and a second mark where the
// three are one character (ệ).
func (c Cluster) withMark(s string, mark rune, end int) Cluster {
	text := s[:end]
	if next, n := utf8.DecodeRuneInString(s[end:]); isMark(next) {
		if r, ok := composed(s[:end+n]); ok {
			return Cluster{Text: s[:end+n], Base: r}
		}
	}
	if r, ok := composed(text); ok {
		return Cluster{Text: text, Base: r}
	}
	if isKanaMark(mark) && !(mark == 0x309A && hasSequence(c.Base)) {
		return c
	}
	return Cluster{Text: text, Base: c.Base, Selector: mark}
}

// composed is the one code point that is canonically equivalent to s.
func composed(s string) (rune, bool) {
	t := norm.NFC.String(s)
	r, n := utf8.DecodeRuneInString(t)
	return r, n == len(t) && n < len(s)
}

func isKanaMark(r rune) bool { return r == 0x3099 || r == 0x309A }
func isMark(r rune) bool     { return isKanaMark(r) || r >= 0x300 && r <= 0x36F }

// hasSequence reports the bases of the 14 kana sequences of JIS X 0213:2004
// with U+309A: か き く け こ, カ キ ク ケ コ セ ツ ト and small ㇷ.
func hasSequence(r rune) bool {
	switch r {
	case 0x304B, 0x304D, 0x304F, 0x3051, 0x3053,
		0x30AB, 0x30AD, 0x30AF, 0x30B1, 0x30B3, 0x30BB, 0x30C4, 0x30C8, 0x31F7:
		return true
	}
	return false
}
