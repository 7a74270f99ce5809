package intake

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// cp932 is Microsoft's code page 932 as a table from lead<<8|trail to the
// character, 0 where the code page has none. x/text gives NEC row 13, the
// NEC-selected (ED, EE) and the IBM extensions (FA–FC); it turns the 1,880
// codes of the user area F040–F9FC into U+FFFD without an error, so those are
// mapped here as Windows maps them, to U+E000–U+E757.
type cp932 []rune

// userArea is the first lead byte of 外字, userEnd the first beyond them.
const userArea, userEnd = 0xf0, 0xfa

func newCP932() cp932 {
	table := make(cp932, 1<<16)
	decoder := japanese.ShiftJIS.NewDecoder()
	var dst [8]byte
	for lead := 0x81; lead <= 0xfc; lead++ {
		for trail := 0x40; trail <= 0xfc; trail++ {
			if !isLead(byte(lead)) || trail == 0x7f {
				continue
			}
			code := lead<<8 | trail
			if lead >= userArea && lead < userEnd {
				table[code] = userCharacter(lead, trail)
				continue
			}
			n, _, err := decoder.Transform(dst[:], []byte{byte(lead), byte(trail)}, true)
			if r, size := utf8.DecodeRune(dst[:n]); err == nil && size == n && r != utf8.RuneError {
				table[code] = r
			}
		}
	}
	return table
}

func userCharacter(lead, trail int) rune {
	if trail > 0x7f {
		trail--
	}
	return rune(0xe000 + 188*(lead-userArea) + trail - 0x40)
}

func isLead(b byte) bool { return b >= 0x81 && b <= 0x9f || b >= 0xe0 && b <= 0xfc }

// character decodes the first character of b: its rune and length in bytes. A
// byte that is none gives utf8.RuneError and length 1, so that a broken lead
// byte never eats the comma, quote or line break behind it.
func (t cp932) character(b []byte) (rune, int) {
	switch c := b[0]; {
	case c < 0x80:
		return rune(c), 1
	case c >= 0xa1 && c <= 0xdf: // half-width katakana
		return rune(c) - 0xa1 + 0xff61, 1
	case isLead(c) && len(b) > 1:
		if r := t[int(c)<<8|int(b[1])]; r != 0 {
			return r, 2
		}
	}
	return utf8.RuneError, 1
}

// twin reports whether a code is one of the codes whose character has another
// code too: NEC row 13, NEC-selected and IBM extensions and their originals
// in JIS X 0208. Reading it loses nothing; only the very code is not kept.
func (t cp932) twin(lead byte) bool {
	return lead == 0x87 || lead == 0xed || lead == 0xee || lead >= 0xfa
}

// decode turns bytes into text; broken holds where U+FFFD stands for a byte
// that is no character.
func (t cp932) decode(raw []byte, offset int64) (text string, broken []breakage) {
	var b strings.Builder
	b.Grow(len(raw) + len(raw)/2)
	for i := 0; i < len(raw); {
		r, n := t.character(raw[i:])
		if r == utf8.RuneError {
			broken = append(broken, breakage{b.Len(), offset + int64(i)})
		}
		b.WriteRune(r)
		i += n
	}
	return b.String(), broken
}
