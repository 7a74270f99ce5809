package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"oshirase/letters"
)

// fold makes the careful key of a text (名寄せキー): width, spaces, hyphen
// forms and the abbreviations of company forms are folded and nothing else.
// 髙 and 高 stay different. A key is compared, never printed.
func fold(s string) string {
	s = strings.Map(withoutSpace, width.Fold.String(s))
	s = strings.Map(oneHyphen, composeKana(s))
	return companyForms.Replace(s)
}

func withoutSpace(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	return r
}

func oneHyphen(r rune) rune {
	if isHyphen(r) {
		return '-'
	}
	return r
}

// composeKana joins a kana and the voicing mark that width folding left
// beside it. Kanji are left alone: NFC would change 22 of them (神, 隆 …).
func composeKana(s string) string {
	if !strings.ContainsAny(s, "\u3099\u309a") {
		return s
	}
	var b strings.Builder
	rs := []rune(s)
	for i := 0; i < len(rs); i++ {
		if i+1 < len(rs) && (rs[i+1] == '\u3099' || rs[i+1] == '\u309a') && unicode.In(rs[i], unicode.Hiragana, unicode.Katakana) {
			b.WriteString(norm.NFC.String(string(rs[i : i+2])))
			i++
			continue
		}
		b.WriteRune(rs[i])
	}
	return b.String()
}

// isHyphen knows the forms in which a hyphen arrives. ー is one too: between
// digits it is typed for a hyphen, and in a key nothing else depends on it.
func isHyphen(r rune) bool {
	return strings.ContainsRune("-‐‑‒–—―−ー─━\ufe58\ufe63", r)
}

// companyForms never changes; it is safe for use by many goroutines.
var companyForms = strings.NewReplacer(
	"㈱", "株式会社", "(株)", "株式会社",
	"㈲", "有限会社", "(有)", "有限会社",
	"㈾", "合資会社", "(資)", "合資会社",
	"㈴", "合名会社", "(名)", "合名会社",
	"(同)", "合同会社",
)

// KeyOf returns the keys under which a row is folded: equal case keys are the
// same contract viewed in the same system, equal fold keys the same person at
// the same address, and equal person keys those with nothing that speaks
// against one letter. 個人法人区分 is in no key, for it may be a guess: planning
// compares it where it is given. Without a usable address nobody is told apart
// by name alone, so such a row folds only with rows of its own supply point.
func KeyOf(r letters.Row) letters.KeyedRow {
	name := fold(r.Name)
	place := []string{name, r.PostalCode, fold(r.Address), fold(r.Building)}
	if place[1] == "" || place[2] == "" || slices.Contains(r.Held, letters.ReasonAddress) {
		place = append(place, r.SupplyPoint)
	}
	foldKey := digest(place...)
	return letters.KeyedRow{
		Row:       r,
		CaseKey:   digest(r.SupplyPoint, name, string(r.System), r.RetailerCode),
		FoldKey:   foldKey,
		PersonKey: digest(foldKey, fold(r.Kana), r.Phone),
	}
}

// digest hashes fields, each ended by a NUL byte, to 16 bytes in hex. No field
// holds a NUL: control characters are refused when a list is read.
func digest(fields ...string) string {
	h := sha256.New()
	for _, f := range fields {
		h.Write([]byte(f))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
