package letters

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Claim is what a caller says of themselves and the agent types.
type Claim struct {
	LastFour string // last four digits of the contact number
	Name     string
	Postcode string
}

// ByPhone reports whether the last four digits agree. A letter without a
// telephone number, or a claim of another length, never agrees.
func (c Claim) ByPhone(s Subject) bool {
	four, ok := Digits(c.LastFour)
	return ok && len(four) == 4 && len(s.Phone) >= 4 && strings.HasSuffix(s.Phone, four)
}

// ByName reports whether name and postcode agree: the name as it is written,
// in its customary variant, or as its kana is.
func (c Claim) ByName(s Subject) bool {
	code, ok := Digits(c.Postcode)
	return ok && len(code) == 7 && code == s.PostalCode && SameName(c.Name, s)
}

// SameName reports whether a typed name is the letter's. It forgives what a
// voice cannot tell: width, spaces, honorifics, hiragana for katakana, and
// variants of one kanji (髙 for 高). It is for finding and checking only;
// nothing is printed or folded by it.
func SameName(typed string, s Subject) bool {
	key := spokenName(typed)
	return key != "" && (key == spokenName(s.Name) || s.Kana != "" && key == spokenName(s.Kana))
}

func spokenName(s string) string {
	s = norm.NFKC.String(width.Fold.String(s))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || strings.ContainsRune("-‐‑–—―−・", r) || unicode.In(r, unicode.Variation_Selector):
			return -1
		case r >= 'ぁ' && r <= 'ゖ':
			return r + 'ァ' - 'ぁ'
		}
		return unicode.ToLower(r)
	}, s)
	for _, h := range []string{"様", "御中", "サマ"} {
		s = strings.TrimSuffix(s, h)
	}
	return variants.Replace(s)
}

// variants maps kanji that a caller cannot be heard to distinguish to one.
// It never changes; it is safe for use by many goroutines.
var variants = strings.NewReplacer(
	"髙", "高", "﨑", "崎", "嵜", "崎", "碕", "崎", "濵", "浜", "濱", "浜", "邊", "辺", "邉", "辺",
	"齋", "斉", "齊", "斉", "斎", "斉", "澤", "沢", "廣", "広", "國", "国", "眞", "真", "惠", "恵",
	"櫻", "桜", "嶋", "島", "嶌", "島", "𠮷", "吉", "瀨", "瀬", "德", "徳", "曻", "昇", "桒", "桑",
	"株式会社", "(株)", "有限会社", "(有)",
)

// MaskedName shows the first character of each part of a name: 電力 太郎 is
// 電＊ 太＊. A name without a space keeps its first character alone, and a part
// of one character is masked whole: else 林 健 would stand there.
func MaskedName(name string) string {
	letters := slices.DeleteFunc([]rune(name), func(r rune) bool { return unicode.In(r, unicode.Variation_Selector) })
	var b strings.Builder
	for i, r := range letters {
		first := i == 0 || unicode.IsSpace(letters[i-1])
		last := i+1 == len(letters) || unicode.IsSpace(letters[i+1])
		if unicode.IsSpace(r) || first && !last {
			b.WriteRune(r)
		} else {
			b.WriteRune('＊')
		}
	}
	return b.String()
}

// MaskedEnd shows the last n characters of a number.
func MaskedEnd(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.Repeat("＊", 4) + s[len(s)-n:]
}
