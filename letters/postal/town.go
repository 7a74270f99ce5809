package postal

import (
	"strings"
	"unicode/utf8"
)

// matchTown compares a town of the data with the address from at on. It
// returns how far the address is used up, or false. 大字 and 字 may stand on
// either side only, and numbers may be written in kanji or in digits.
func matchTown(town string, addr []rune, at int) (int, bool) {
	return matchFrom(town, addr, at, true)
}

// matchFrom does the work; boundary is true at the head and behind 町 or 村,
// the places where 大字 and 字 are added or left out.
func matchFrom(town string, addr []rune, at int, boundary bool) (int, bool) {
	if town == "" {
		return at, true
	}
	r, size := utf8.DecodeRuneInString(town)
	if at < len(addr) && class(r) == addr[at] {
		if end, ok := matchFrom(town[size:], addr, at+1, r == '町' || r == '村'); ok {
			return end, true
		}
	}
	if rest, next, ok := matchNumber(town, addr, at); ok {
		if end, ok := matchFrom(rest, addr, next, false); ok {
			return end, true
		}
	}
	if boundary {
		return matchOmission(town, addr, at)
	}
	return 0, false
}

// matchOmission leaves out 大字 or 字 on one side.
func matchOmission(town string, addr []rune, at int) (int, bool) {
	for _, word := range []string{"大字", "字"} {
		if rest, found := strings.CutPrefix(town, word); found && rest != "" {
			if end, ok := matchFrom(rest, addr, at, false); ok {
				return end, true
			}
		}
		if n, found := prefixRunes(addr[at:], word); found {
			if end, ok := matchFrom(town, addr, at+n, false); ok {
				return end, true
			}
		}
	}
	return 0, false
}

func prefixRunes(addr []rune, word string) (int, bool) {
	n := utf8.RuneCountInString(word)
	return n, len(addr) >= n && string(addr[:n]) == word
}

// matchNumber compares a number on both sides by its value when one side has
// kanji numerals and the other digits (郡築六番町, 郡築6番町).
func matchNumber(town string, addr []rune, at int) (rest string, next int, ok bool) {
	var head []rune
	for _, r := range town {
		r = class(r)
		if !isNumeral(r) && !isDigit(r) {
			break
		}
		head = append(head, r)
	}
	left, n := numberAt(head)
	right, m := numberAt(addr[at:])
	if n == 0 || m == 0 || left != right || isDigit(head[0]) == isDigit(addr[at]) {
		return "", 0, false
	}
	for range n {
		_, size := utf8.DecodeRuneInString(town)
		town = town[size:]
	}
	return town, at + m, true
}

// numberAt reads the whole number at the head, in digits or kanji numerals,
// and says how many runes it takes; 0 when there is none.
func numberAt(runes []rune) (string, int) {
	n := 0
	for n < len(runes) && isDigit(runes[n]) {
		n++
	}
	if n > 0 {
		return strings.TrimLeft(string(runes[:n]), "0"), n
	}
	n = numeralRun(runes)
	if value, ok := numeral(runes[:n]); ok {
		return strings.TrimLeft(value, "0"), n
	}
	return "", 0
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// cityEnds returns the places in the address where the town may begin: behind
// the city in any form in which people write it, or at the start.
func cityEnds(c city, addr []rune) []int {
	starts := []int{0}
	if n, ok := matchWhole(c.prefecture, addr, 0); ok {
		starts = []int{n}
	}
	var ends []int
	for _, form := range cityForms(c.name) {
		if n, ok := matchWhole(form, addr, starts[0]); ok {
			ends = append(ends, n)
		}
	}
	return append(ends, starts...)
}

// cityForms returns a city's name whole, without its 郡, as its ward alone,
// and without its ward.
func cityForms(name string) []string {
	forms := []string{name}
	if _, rest, found := strings.Cut(name, "郡"); found && strings.HasSuffix(name, "町") || found && strings.HasSuffix(name, "村") {
		forms = append(forms, rest)
	}
	if main, ward, found := strings.Cut(name, "市"); found && strings.HasSuffix(ward, "区") {
		forms = append(forms, ward, main+"市")
	}
	return forms
}

// matchWhole compares a name rune by rune, spellings aside.
func matchWhole(name string, addr []rune, at int) (int, bool) {
	for _, r := range name {
		if at >= len(addr) || class(r) != addr[at] {
			return 0, false
		}
		at++
	}
	return at, true
}
