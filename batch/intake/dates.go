package intake

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"oshirase/letters"
)

// dates reads written dates: 2022-10-03, 2022/10/3, 2022年10月3日,
// 令和4年10月3日, R4.10.3, in any width.
type dates struct {
	form *regexp.Regexp // era, year, mark, month, mark, day, mark
	eras map[string]Era
	DateWords
}

func compileDates(w DateWords) (dates, error) {
	d := dates{eras: map[string]Era{}, DateWords: w}
	var names []string
	for _, era := range w.Era {
		if _, err := letters.ParseDate(string(era.From)); err != nil || len(era.Names) == 0 {
			return d, fmt.Errorf("words.toml: era: %w", ErrHeadings)
		}
		for _, name := range era.Names {
			d.eras[key(name)] = era
			names = append(names, name)
		}
	}
	if w.Year == "" || w.Month == "" || w.Day == "" || len(names) == 0 {
		return d, fmt.Errorf("words.toml: date: %w", ErrHeadings)
	}
	first := regexp.QuoteMeta(key(w.FirstYear))
	d.form = regexp.MustCompile(`^(` + alternatives(names) + `)?([0-9]{1,4}|` + first + `)([-/.]|` +
		regexp.QuoteMeta(key(w.Year)) + `)([0-9]{1,2})([-/.]|` + regexp.QuoteMeta(key(w.Month)) + `)([0-9]{1,2})(` +
		regexp.QuoteMeta(key(w.Day)) + `)?$`)
	return d, nil
}

// parse returns the date that a text means; ok is false for every other text,
// for days that do not exist and for days outside their era.
func (d *dates) parse(text string) (letters.Date, bool) {
	if plain, err := letters.ParseDate(text); err == nil && plain >= "1900" {
		return plain, true
	}
	m := d.form.FindStringSubmatch(key(text))
	if m == nil || !d.marksAgree(m[3], m[5], m[7]) {
		return "", false
	}
	year, ok := d.year(m[1], m[2])
	month, _ := strconv.Atoi(m[4])
	day, _ := strconv.Atoi(m[6])
	if !ok {
		return "", false
	}
	date, ok := civil(year, month, day)
	era := d.eras[m[1]]
	if !ok || m[1] != "" && (date < era.From || era.To != "" && date > era.To) {
		return "", false
	}
	return date, true
}

// marksAgree refuses mixtures such as 2022/10-3 and 2022年10/3.
func (d *dates) marksAgree(first, second, third string) bool {
	if first == key(d.Year) {
		return second == key(d.Month) && third == key(d.Day)
	}
	return first == second && third == ""
}

// year turns the written year into one of the Western calendar. Without an
// era it has four digits: 22/10/3 could be two different years.
func (d *dates) year(era, text string) (int, bool) {
	if text == key(d.FirstYear) {
		text = "1"
		if era == "" {
			return 0, false
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, false
	}
	if era == "" {
		return n, len(text) == 4
	}
	start := d.eras[era].From.Time().Year()
	return start + n - 1, len(text) <= 2
}

// civil checks that the day exists.
func civil(year, month, day int) (letters.Date, bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || year < 1900 {
		return "", false
	}
	return letters.Date(t.Format(time.DateOnly)), true
}

// serialDate turns a spreadsheet's day number into a date; the time of day is
// dropped. The 1900 calendar of Excel holds a 29 February 1900 that never
// was, so its days before March 1900 are refused rather than guessed.
func serialDate(serial float64, since1904 bool) (letters.Date, bool) {
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	least := 61.0
	if since1904 {
		base, least = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC), 1
	}
	if !(serial >= least && serial < 2_958_466) { // 9999-12-31
		return "", false
	}
	day := base.AddDate(0, 0, int(serial))
	return letters.Date(day.Format(time.DateOnly)), true
}
