package letters

import (
	"errors"
	"fmt"
	"time"
)

// Month is a batch month, written 2023-02.
type Month string

// ErrBadMonth says that a string is not a month of the form YYYY-MM.
var ErrBadMonth = errors.New("not a month of the form YYYY-MM")

// ParseMonth accepts exactly YYYY-MM.
func ParseMonth(s string) (Month, error) {
	if _, err := time.Parse("2006-01", s); err != nil || len(s) != 7 {
		return "", fmt.Errorf("%q: %w", s, ErrBadMonth)
	}
	return Month(s), nil
}

// MonthOf returns the month of an instant in Japan.
func MonthOf(t time.Time) Month { return Month(t.In(Tokyo()).Format("2006-01")) }

// Date is a civil date in Japan, written 2022-10-03; "" means none. Dates
// compare as strings.
type Date string

// ErrBadDate says that a string is not a date of the form YYYY-MM-DD.
var ErrBadDate = errors.New("not a date of the form YYYY-MM-DD")

// ParseDate accepts exactly YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil || len(s) != 10 {
		return "", fmt.Errorf("%q: %w", s, ErrBadDate)
	}
	return Date(s), nil
}

// DateOf returns the date of an instant in Japan: 23:30 UTC is tomorrow.
func DateOf(t time.Time) Date { return Date(t.In(Tokyo()).Format(time.DateOnly)) }

// Time returns the date's midnight in Japan; the zero time for "".
func (d Date) Time() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Tokyo())
	if err != nil {
		return time.Time{}
	}
	return t
}

// AddDays returns the date n days later.
func (d Date) AddDays(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// Tokyo is Japan standard time. Japan has had no summer time since 1951 and
// the program handles no earlier instant, so a fixed zone is exact and needs
// no zone files.
func Tokyo() *time.Location { return time.FixedZone("Asia/Tokyo", 9*60*60) }
