package templates

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"oshirase/letters"
)

// Date prints a date in the incident's style: 2023年2月8日 or 令和5年2月8日.
// "" gives "".
func (s *Set) Date(d letters.Date) string {
	if d == "" {
		return ""
	}
	return s.dateText(string(d))
}

// Month prints a month in the incident's style, 2023年2月.
func (s *Set) Month(m letters.Month) string { return s.Date(letters.Date(m)) }

// Digits prints digits in the incident's style, half or full width.
func (s *Set) Digits(digits string) string {
	if s.settings.Digits != "full" {
		return digits
	}
	var b strings.Builder
	for _, r := range digits {
		if r >= '0' && r <= '9' {
			r += '０' - '0'
		}
		b.WriteRune(r)
	}
	return b.String()
}

var dateMark = regexp.MustCompile(`\{\d{4}(-\d{2}){0,2}\}`)

// expandDates replaces the marks {2023}, {2023-02} and {2023-02-08} of an
// incident text by the date as it is printed.
func (s *Set) expandDates(text string) string {
	return dateMark.ReplaceAllStringFunc(text, func(mark string) string {
		return s.dateText(strings.Trim(mark, "{}"))
	})
}

// dateText prints 2023, 2023-02 or 2023-02-08. Western years are printed
// whole; era years by the day the era began: 平成 1989-01-08, 令和
// 2019-05-01, its first year being 元年.
func (s *Set) dateText(iso string) string {
	word := func(key string) string { return s.words.Get("date", key) }
	parts := strings.Split(iso, "-")
	out := s.yearText(iso, parts[0]) + word("year")
	for i, unit := range []string{"month", "day"} {
		if len(parts) > i+1 {
			out += s.Digits(strings.TrimPrefix(parts[i+1], "0")) + word(unit)
		}
	}
	return out
}

func (s *Set) yearText(iso, year string) string {
	n, err := strconv.Atoi(year)
	if err != nil || s.settings.Dates != "era" || iso < "1989-01-08" {
		return s.Digits(year)
	}
	era, first := "heisei", 1989
	if iso >= "2019-05" { // a bare year belongs to the era in which it began
		era, first = "reiwa", 2019
	}
	if n == first {
		return s.words.Get("date", era) + s.words.Get("date", "first_year")
	}
	return s.words.Get("date", era) + s.Digits(fmt.Sprint(n-first+1))
}
