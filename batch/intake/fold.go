package intake

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// key folds a heading or an accepted word for comparison only: width, every
// space and line break, hyphen forms, invisible characters and letter case.
// Kanji stay as they are: 髙 and 高 differ.
func key(s string) string {
	var b strings.Builder
	for _, r := range composeKana(width.Fold.String(s)) {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.IsControl(r):
		case isHyphen(r):
			b.WriteByte('-')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// composeKana joins a kana and a voicing mark that came apart in half width
// (ﾄﾞ). Only such pairs: NFC over all would change 22 kanji of names.
func composeKana(s string) string {
	if !strings.ContainsAny(s, "\u3099\u309a") {
		return s
	}
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if n := len(out); n > 0 && (r == '\u3099' || r == '\u309a') {
			if one := []rune(norm.NFC.String(string([]rune{out[n-1], r}))); len(one) == 1 {
				out[n-1] = one[0]
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

// isHyphen reports whether people use r as a hyphen. The long vowel mark
// U+30FC is none: see isDigitHyphen.
func isHyphen(r rune) bool {
	switch r {
	case '-', '\u00ad', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2015', '\u2212', '\uff0d', '\u2500', '\ufe63':
		return true
	}
	return false
}

// isDigitHyphen is isHyphen for places where only digits are expected; there
// the long vowel mark is a hyphen typed with the Japanese keyboard.
func isDigitHyphen(r rune) bool { return isHyphen(r) || r == '\u30fc' || r == '\uff70' }

// digits returns the digits of s in half width. ok is false when s holds
// anything else than digits, spaces and hyphens.
func digits(s string) (d string, ok bool) {
	var b strings.Builder
	ok = true
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteByte(byte(r))
		case r >= '０' && r <= '９':
			b.WriteByte(byte(r-'０') + '0')
		case isDigitHyphen(r), unicode.IsSpace(r):
		default:
			ok = false
		}
	}
	return b.String(), ok
}

// blank reports whether a text is empty but for spaces.
func blank(s string) bool { return strings.TrimSpace(s) == "" }

// badControl returns the first character of s that no printed or stored text
// may hold: controls, invisible format characters (text direction, zero
// width) and noncharacters. Variation selectors are none of them.
func badControl(s string) (rune, bool) {
	for _, r := range s {
		if r >= 0x20 && r < 0x7f || r >= 0x3000 && r < 0xd800 {
			continue // printable ASCII, kana and kanji: nearly everything
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r&0xfffe == 0xfffe {
			return r, true
		}
	}
	return 0, false
}
