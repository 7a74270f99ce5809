package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Item is one grapheme cluster on its way to a line. Itemize makes items;
// the caller sets Width and Em, in one unit of its choice, before Break.
type Item struct {
	Text  string
	Run   int  // index of the Inline it came from
	Rune  rune // its one character, 0 when it has more
	Class Class
	Join  bool // no line starts here, unless nothing else fits
	Soft  bool // a line may start here although it is inside a word: in a web address
	Solid bool // no quarter em before it: a number and its counter are one word

	Width float64 // advance of the whole glyph or glyphs, full-width punctuation included
	Em    float64 // type size: half and quarter spaces follow from it
}

// Itemize appends the clusters of text to dst. A base with its variation
// selector or combining marks is one item; the rules of UAX #29 are asked only
// where a mark, a joiner or an emoji is near. Kept runs, numbers with their
// counters, dates and era years are joined.
func Itemize(dst []Item, text []Inline) []Item {
	first := len(dst)
	for run, in := range text {
		start := len(dst)
		web := !in.Keep && strings.Contains(in.Text, "://")
		c, n := utf8.DecodeRuneInString(in.Text)
		for rest := in.Text; rest != ""; {
			next, after := utf8.DecodeRuneInString(rest[n:])
			one := c
			if after > 0 && c != '\n' && !(plain(c) && plain(next)) {
				if m := clusterLen(rest); m != n {
					n, one = m, 0
					next, after = utf8.DecodeRuneInString(rest[m:])
				}
			}
			dst = append(dst, Item{Text: rest[:n], Run: run, Rune: one, Class: ClassOf(c),
				Join: in.Keep && len(dst) > start, Solid: in.Given})
			rest = rest[n:]
			c, n = next, after
		}
		if web {
			softenAddresses(dst[start:])
		}
	}
	joinNumbers(dst[first:])
	return dst
}

// clusterLen is the length in bytes of the first grapheme cluster (UAX #29).
func clusterLen(s string) int {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return len(cluster)
}

// plain says that a character neither extends a cluster nor is extended by
// a plain one.
func plain(c rune) bool {
	switch {
	case c >= 0x20 && c < 0x300, c == '\n':
		return true
	case c >= 0x3000 && c < 0xa000:
		return c < 0x302a || c > 0x309a || c > 0x3030 && c < 0x3099
	case c >= 0xf900 && c < 0xfb00, c >= 0x20000 && c < 0x30000:
		return true
	case c >= 0xff01 && c < 0xff9e:
		return true
	}
	return false
}

// softenAddresses lets a web address be broken behind its slashes: whole, it
// would tear a hole into the line before.
func softenAddresses(items []Item) {
	inside := false
	for i := 2; i < len(items); i++ {
		if !items[i].Class.latin() {
			inside = false
			continue
		}
		inside = inside || items[i-2].Text == ":" && items[i-1].Text == "/" && items[i].Text == "/"
		items[i].Soft = inside && items[i-1].Text == "/" && items[i].Text != "/"
	}
}

// Characters that numbers and dates are made of.
const (
	counters = "年月日時分秒件円枚回号番条項名人社丁通桁か契事行部階頁"
	dateMids = "年月"
	firstOf  = '元'
	joiners  = "，．、－‐"
)

// joinNumbers marks what a line break would make hard to read: 2023年2月8日,
// 令和元年, 44,855件, １，０００, 〒810-0004. Numbers, counters and eras stand
// solid, in running text as in tables.
func joinNumbers(items []Item) {
	for i := 1; i < len(items); i++ {
		a, b := &items[i-1], &items[i]
		switch {
		case a.digit() && in(b, counters):
			b.Join, b.Solid = true, true
		case b.digit() && in(a, dateMids) && i > 1 && (items[i-2].digit() || items[i-2].Rune == firstOf):
			b.Join, b.Solid = true, true
		case (a.Rune == '和' || a.Rune == '成') && i > 1 && era(items[i-2].Text+a.Text) && (b.digit() || b.Rune == firstOf):
			a.Join, b.Join, b.Solid = true, true, true
		case a.Rune == firstOf && a.Join && in(b, dateMids):
			b.Join = true
		case a.Class == FullDigit && in(b, joiners) && i+1 < len(items) && items[i+1].Class == FullDigit:
			b.Join, items[i+1].Join = true, true
		case a.Class == Insep && b.Class == Insep && a.Text == b.Text:
			b.Join = true
		}
	}
}

func era(s string) bool { return s == "令和" || s == "平成" }

func (it *Item) digit() bool {
	if it.Class == FullDigit {
		return true
	}
	return it.Class == Western && it.Text[0] >= '0' && it.Text[0] <= '9'
}

func in(it *Item, set string) bool {
	return it.Class != Western && strings.Contains(set, it.Text)
}

// visible says that an item is neither space nor punctuation: something that
// would look lost alone in a last line.
func (it *Item) visible() bool {
	c, _ := utf8.DecodeRuneInString(it.Text)
	return !unicode.IsSpace(c) && !unicode.IsPunct(c)
}
