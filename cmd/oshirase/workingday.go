package main

import (
	"errors"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/jp"

	"oshirase/letters"
)

// workingDays reports of a day whether it is neither a weekend nor a national
// holiday (国民の祝日に関する法律) nor within 29 December to 3 January.
func workingDays() func(day time.Time) bool {
	c := cal.NewBusinessCalendar()
	for _, h := range jp.Holidays { // the library writes the equinox of a year into the holiday: everybody gets their own
		own := *h
		c.AddHoliday(&own)
	}
	return func(day time.Time) bool {
		yearEnd := day.Month() == time.December && day.Day() >= 29 || day.Month() == time.January && day.Day() <= 3
		return c.IsWorkday(day) && !yearEnd
	}
}

// nextWorkingDay is the working day after an instant.
func nextWorkingDay(now time.Time) letters.Date {
	works, day := workingDays(), now.In(letters.Tokyo())
	for {
		if day = day.AddDate(0, 0, 1); works(day) {
			return letters.DateOf(day)
		}
	}
}

// officeHours are the hours in which the house looks letters up.
type officeHours struct {
	from, to time.Duration // since midnight in Japan
	holidays bool          // also at weekends and on holidays
}

var errOfficeHours = errors.New("not hours of the form 08:00-20:00")

// hours reads audit.office_hours.
func (c auditConfig) hours() (officeHours, error) {
	from, to, two := strings.Cut(c.OfficeHours, "-")
	o := officeHours{holidays: c.OfficeHolidays}
	for _, m := range []struct {
		text string
		into *time.Duration
	}{{from, &o.from}, {to, &o.to}} {
		t, err := time.Parse("15:04", strings.TrimSpace(m.text))
		if m.text == "24:00" {
			t, err = time.Date(0, 1, 2, 0, 0, 0, 0, time.UTC), nil
		}
		if err != nil || !two {
			return o, errOfficeHours
		}
		*m.into = t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	if o.from >= o.to {
		return o, errOfficeHours
	}
	return o, nil
}

// open reports of an instant whether it lies within the hours.
func (o officeHours) open() func(at time.Time) bool {
	works, known := workingDays(), map[letters.Date]bool{}
	return func(at time.Time) bool {
		day := letters.DateOf(at)
		since := at.Sub(day.Time())
		if since < o.from || since >= o.to {
			return false
		}
		if _, ok := known[day]; !ok {
			known[day] = o.holidays || works(day.Time())
		}
		return known[day]
	}
}
