package postal

import (
	"slices"
	"strconv"
	"strings"
)

const kanjiDigits = "〇一二三四五六七八九"

// kanjiDigit returns the value of 〇 … 九, or -1.
func kanjiDigit(r rune) int {
	if i := strings.IndexRune(kanjiDigits, r); i >= 0 {
		return i / len("〇")
	}
	return -1
}

// kanjiUnit returns 10, 100 or 1000, or 0.
func kanjiUnit(r rune) int {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	}
	return 0
}

func isNumeral(r rune) bool { return kanjiDigit(r) >= 0 || kanjiUnit(r) > 0 }

// numeralRun returns how many kanji numerals stand at the head.
func numeralRun(runes []rune) int {
	for i, r := range runes {
		if !isNumeral(r) {
			return i
		}
	}
	return len(runes)
}

// numeral writes a run of kanji numerals in Arabic digits: 二十一 = 21,
// 一〇三 = 103. It returns false for what is no number (二三十).
func numeral(run []rune) (string, bool) {
	if len(run) == 0 || len(run) > 8 {
		return "", false
	}
	if !slices.ContainsFunc(run, func(r rune) bool { return kanjiUnit(r) > 0 }) {
		var b strings.Builder
		for _, r := range run {
			b.WriteByte(byte('0' + kanjiDigit(r)))
		}
		return b.String(), true
	}
	return unitNumeral(run)
}

// unitNumeral reads numbers with 十, 百, 千 in falling order.
func unitNumeral(run []rune) (string, bool) {
	total, digit, last := 0, -1, 10000
	for _, r := range run {
		if d := kanjiDigit(r); d >= 0 {
			if digit >= 0 || d == 0 {
				return "", false
			}
			digit = d
			continue
		}
		unit := kanjiUnit(r)
		if unit >= last {
			return "", false
		}
		total += unit * max(1, digit)
		digit, last = -1, unit
	}
	return strconv.Itoa(total + max(0, digit)), true
}
