package postal

import (
	"unicode"

	"golang.org/x/text/width"
)

// folded is an address made comparable: one width, no spaces. ends[i] is the
// byte offset in the original text behind runes[i], so that what follows a
// match can be returned exactly as it was written.
type folded struct {
	text  string
	runes []rune
	ends  []int
}

// fold prepares an address for comparison.
func fold(text string) folded {
	f := folded{text: text, runes: make([]rune, 0, len(text)/3+8), ends: make([]int, 0, len(text)/3+8)}
	for i, r := range text {
		end := i + runeSize(text[i:])
		if mark := voiceMark(r); mark != 0 && len(f.runes) > 0 {
			if v := voiced(f.runes[len(f.runes)-1], mark); v != 0 {
				f.runes[len(f.runes)-1], f.ends[len(f.ends)-1] = v, end
				continue
			}
		}
		if unicode.IsSpace(r) {
			continue
		}
		f.runes = append(f.runes, class(r))
		f.ends = append(f.ends, end)
	}
	return f
}

// rest returns the original text behind the first n folded runes.
func (f folded) rest(n int) string {
	if n == 0 {
		return f.text
	}
	return f.text[f.ends[n-1]:]
}

// class maps the spellings of one place name that people use for each other
// to one rune: the width, ヶ/ケ/が/ガ, ノ/の/之 and small ッ. Old forms of
// kanji (冨 for 富) are other characters and stay what they are.
func class(r rune) rune {
	if r < 0x80 {
		return r
	}
	if w := width.LookupRune(r).Folded(); w != 0 {
		r = w
	}
	switch r {
	case 'ヶ', 'が', 'ガ':
		return 'ケ'
	case 'の', '之':
		return 'ノ'
	case 'ッ', 'っ', 'つ':
		return 'ツ'
	}
	return r
}

// voiceMark returns the half-width voicing mark as its combining meaning:
// 1 = dakuten, 2 = handakuten, 0 = none.
func voiceMark(r rune) rune {
	switch r {
	case 'ﾞ':
		return 1
	case 'ﾟ':
		return 2
	}
	return 0
}

// voiced joins a katakana and a voicing mark: カ + ﾞ = ガ (then its class).
func voiced(r, mark rune) rune {
	if r == 'ウ' && mark == 1 {
		return 'ヴ'
	}
	plain := "カキクケコサシスセソタチツテトハヒフヘホ"
	for _, p := range plain {
		if p == r && (mark == 1 || r >= 'ハ') {
			return class(r + mark)
		}
	}
	return 0
}

func runeSize(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}
