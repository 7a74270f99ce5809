package pdf

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"oshirase/fonts"
)

// hardName is one made-up name that breaks lesser systems. must says what has
// to become of it: "print", "hold", or "" where only the faces can tell.
type hardName struct{ kind, text, must string }

// madeUpNames draws n names from the faces' own coverage and from Unicode's
// tables; the same n gives the same names. Every kind of the list is in it.
func madeUpNames(lib *fonts.Library, n int) []hardName {
	g := &nameGenerator{r: rand.New(rand.NewPCG(20230207, 44855)), mincho: lib.Faces()[0], ipamj: lib.Faces()[2]}
	kinds := g.kinds()
	out := make([]hardName, 0, n)
	for i := 0; len(out) < n; i++ {
		k := kinds[i%len(kinds)]
		out = append(out, hardName{k.kind, k.draw(), k.must})
	}
	return out
}

type nameGenerator struct {
	r             *rand.Rand
	mincho, ipamj *fonts.Face
}

type nameKind struct {
	kind, must string
	draw       func() string
}

// kinds lists the kinds in turn; those with many characters to show stand in
// it several times.
func (g *nameGenerator) kinds() []nameKind {
	bmp := nameKind{"old form", "print", func() string { return g.family(g.covered(g.mincho, 0x4E00, 0x9FFF)) }}
	compat := nameKind{"compatibility ideograph", "print", func() string { return g.family(g.covered(g.mincho, 0xF900, 0xFAFF)) }}
	sip := nameKind{"plane 2", "print", func() string { return g.family(g.covered(g.ipamj, 0x20000, 0x2FA1F)) }}
	adobe := nameKind{"Adobe-Japan1 variant", "print", func() string { return g.family(g.pair(g.mincho)) }}
	moji := nameKind{"Moji_Joho variant", "print", func() string { return g.family(g.pair(g.ipamj)) }}
	return []nameKind{
		bmp, sip, adobe, moji, compat, {"rare ideograph", "", func() string { return g.family(g.any(0x3400, 0x4DBF)) }},
		{"both collections", "print", func() string { return g.pair(g.mincho) + g.pair(g.ipamj) + "　電子" }},
		{"unknown pair", "hold", func() string { return g.family(g.any(0x4E00, 0x9FFF) + "\U000E01EF") }},
		bmp, sip, {"house character", "hold", func() string { return g.family(g.any(0xE000, 0xE757)) }},
		adobe, moji, {"half-width kana", "print", g.halfKana}, {"combining kana mark", "print", g.combiningKana},
		{"long company", "", g.company}, {"enclosed", "", func() string { return g.oneOf("㈱㈲㈹㍿①⑳Ⅻ㊞〆〇々ゝゞ") + "見本電気" }},
		{"Latin", "", g.latin}, {"emoji", "hold", func() string { return g.family(g.any(0x1F300, 0x1F64F)) }},
		sip, {"control", "hold", func() string { return g.family(g.oneOf("\x00\x01\t\v\x7F\u0085\u2028\u2029")) }},
		{"zero width", "hold", func() string { return g.family(g.oneOf("\u200B\u200C\u200D\u2060\uFEFF\u00AD\u200E\u202E")) }},
		{"Hangul", "hold", func() string { return g.family(g.any(0xAC00, 0xD7A3)) }},
		{"simplified Chinese", "", func() string { return g.family(g.oneOf("电输们这来东车长门马鸟龙")) }},
		{"other script", "", func() string {
			return g.family(g.inTable(unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Thai))
		}},
		{"lost character", "hold", func() string { return g.family(g.oneOf("\uFFFD\uFFFE\uFFFF")) }},
		{"broken bytes", "hold", func() string { return "電\xE9\x9B　力" }},
		{"lone selector", "hold", func() string { return "\U000E0100電力　太郎" }},
		{"any letter", "", func() string { return g.family(g.inTable(unicode.Letter)) }},
	}
}

// family is a surname with the character in it, and a given name.
func (g *nameGenerator) family(char string) string {
	return g.oneOf("電送配変発") + char + "　" + g.oneOf("太花灯明") + g.oneOf("郎子一美")
}

func (g *nameGenerator) oneOf(s string) string {
	list := []rune(s)
	return string(list[g.r.IntN(len(list))])
}

func (g *nameGenerator) any(from, to rune) string { return string(from + g.r.Int32N(to-from+1)) }

// covered draws until the face has the character.
func (g *nameGenerator) covered(f *fonts.Face, from, to rune) string {
	for {
		r := from + g.r.Int32N(to-from+1)
		if _, ok := f.Glyph(r, 0); ok {
			return string(r)
		}
	}
}

// pair draws a base and a selector that the face has as one.
func (g *nameGenerator) pair(f *fonts.Face) string {
	for {
		base := 0x4E00 + g.r.Int32N(0x9FFF-0x4E00)
		selector := 0xE0100 + g.r.Int32N(0x20)
		if _, ok := f.Glyph(base, selector); ok {
			return string(base) + string(selector)
		}
	}
}

// inTable draws a character of the tables that Unicode has assigned.
func (g *nameGenerator) inTable(tables ...*unicode.RangeTable) string {
	for {
		if r := g.r.Int32N(0x30000); unicode.In(r, tables...) {
			return string(r)
		}
	}
}

func (g *nameGenerator) halfKana() string {
	var b strings.Builder
	for range 4 + g.r.IntN(8) {
		b.WriteRune('ｱ' + g.r.Int32N('ﾝ'-'ｱ'+1))
		if g.r.IntN(3) == 0 {
			b.WriteString("ﾞ")
		}
	}
	return b.String() + " ﾀﾛｳ"
}

func (g *nameGenerator) combiningKana() string {
	return g.oneOf("かきくけこさしすせそ") + "\u3099" + g.oneOf("はひふへほ") + "\u309A　" + g.oneOf("かきくけこ") + "\u309A子"
}

func (g *nameGenerator) company() string {
	parts := []string{"サンプル", "見本", "ホールディングス", "九州沖縄統括本部", "＆", "・", "Energy ", "第二", "配送センター", "技術支援機構"}
	name := g.oneOf("㈱") + "見本"
	for want := 20 + g.r.IntN(60); len([]rune(name)) < want; {
		name += parts[g.r.IntN(len(parts))]
	}
	return name
}

// latin is a name with accents, composed or as base and mark.
func (g *nameGenerator) latin() string {
	if g.r.IntN(2) == 0 {
		return fmt.Sprintf("Jos%s Denry%sku", g.oneOf("éèêë"), g.oneOf("ōôö"))
	}
	return "S" + g.oneOf("aeou") + g.oneOf("\u0300\u0301\u0302\u0308\u0304") + "den " + g.any(0xC0, 0x17F) + "lva"
}
