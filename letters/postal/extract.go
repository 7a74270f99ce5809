package postal

import (
	"strings"

	"golang.org/x/text/width"
)

// extract takes from 住所B what goes into the barcode (manual p19 and p20).
// The order of the rules is the one in which all examples of the manual come
// out as printed. Dashes of every form, like any other character that is not
// taken, become the one hyphen.
func extract(addressB string) string {
	text := convertNumerals(clean(addressB))
	taken := make([]byte, len(text))
	for i, r := range text {
		taken[i] = takeable(text, i, r)
	}
	dropFloorMark(taken)
	return closeLetters(collapse(taken))
}

// clean folds width, raises case (rule 1) and deletes & / ・ . (rule 2).
func clean(s string) []rune {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if w := width.LookupRune(r); w.Folded() != 0 {
			r = w.Folded()
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if !strings.ContainsRune("&/・.", r) {
			out = append(out, r)
		}
	}
	return out
}

// numeralMarks are the words before which kanji numerals count as numbers
// (supplementary rule 1). 丁 and 番 stand for 丁目 and 番地 too.
var numeralMarks = []string{"丁", "番", "号", "地割", "線", "の", "ノ"}

func convertNumerals(text []rune) []rune {
	out := make([]rune, 0, len(text))
	for i := 0; i < len(text); {
		n := numeralRun(text[i:])
		if n == 0 {
			out = append(out, text[i])
			i++
			continue
		}
		digits, ok := numeral(text[i : i+n])
		if ok && marked(text[i+n:]) {
			out = append(out, []rune(digits)...)
		} else {
			out = append(out, text[i:i+n]...)
		}
		i += n
	}
	return out
}

func marked(after []rune) bool {
	for _, mark := range numeralMarks {
		if m := []rune(mark); len(after) >= len(m) && string(after[:len(m)]) == mark {
			return true
		}
	}
	return false
}

// takeable returns the character to take at i, or ' ': digits, hyphens, and
// letters that stand alone (rules 3 and 4).
func takeable(text []rune, i int, r rune) byte {
	switch {
	case r >= '0' && r <= '9', r == '-':
		return byte(r)
	case !isLetter(r):
		return ' '
	case i > 0 && isLetter(text[i-1]), i+1 < len(text) && isLetter(text[i+1]):
		return ' '
	}
	return byte(r)
}

func isLetter(r rune) bool { return r >= 'A' && r <= 'Z' }

// dropFloorMark blanks an F directly behind a digit (supplementary rules 2
// and 3: 2F is floor 2).
func dropFloorMark(taken []byte) {
	for i := 1; i < len(taken); i++ {
		if taken[i] == 'F' && taken[i-1] >= '0' && taken[i-1] <= '9' {
			taken[i] = ' '
		}
	}
}

// collapse turns each stretch of blanks and hyphens into one hyphen and drops
// the first and last (rules 4 to 6).
func collapse(taken []byte) string {
	fields := strings.FieldsFunc(string(taken), func(r rune) bool { return r == ' ' || r == '-' })
	return strings.Join(fields, "-")
}

// closeLetters removes the hyphens beside a letter (supplementary rule 4);
// letters that thereby meet stay (rule 5).
func closeLetters(s string) string {
	var b strings.Builder
	for i := range len(s) {
		beside := i > 0 && isLetter(rune(s[i-1])) || i+1 < len(s) && isLetter(rune(s[i+1]))
		if s[i] != '-' || !beside {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
