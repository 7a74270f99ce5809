package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"oshirase/letters"
)

// AccessMonth is the monthly analysis of looks (閲覧の解析).
type AccessMonth struct {
	Looks, LookUps, FailedSignIns int
	OfficeFrom, OfficeTo          string // 08:00
	OfficeHolidays                bool   // also at weekends and on holidays
	Users                         []AccessUser
	Unexplained                   []Unexplained
}

// AccessUser is one person's month.
type AccessUser struct {
	Name                           string
	Role                           letters.Role
	LookUps, Searches              int // of them by attributes
	Looks, Letters, Unmasked       int
	WithoutInquiry, Outside, Night int
	Misses, Refused, Stopped       int
	Hours                          [24]int
	Flags                          []string
}

// Unexplained is a letter that a person looked at on a day without recording
// an inquiry.
type Unexplained struct {
	Actor   string
	Letter  letters.ID
	Day     letters.Date
	First   int64 // the first of the looks
	Looks   int
	Outside bool // some of them outside the office's hours
}

// accessPage is what access.html gets.
type accessPage struct {
	Month       letters.Month
	First, Last letters.Date    // of the month
	Months      []letters.Month // to choose from
	AccessMonth
	Lines []accessLine
	Skip  int // people on the pages before
	Next  int // what the next page skips, 0 on the last
	Rest  int // unexplained looks that the page leaves out
}

// accessLine is a person's month, the hours in shades from 0 to 4.
type accessLine struct {
	AccessUser
	Shades [24]hour
}

type hour struct{ Hour, Looks, Shade int }

// monthsShown is how many months back the analysis is offered.
const monthsShown = 12

// What a page lists at most.
const (
	peopleShown      = 20
	unexplainedShown = 50
)

func (d *Desk) access(v *Visit) error {
	now := d.o.Now()
	page := accessPage{Month: letters.MonthOf(now)}
	first := letters.Date(page.Month + "-01").Time()
	for i := range monthsShown {
		page.Months = append(page.Months, letters.MonthOf(first.AddDate(0, -i, 0)))
	}
	if typed := v.Query("month"); typed != "" {
		m, err := letters.ParseMonth(typed)
		if err != nil {
			return refuse(http.StatusNotFound, "not_found")
		}
		page.Month = m
	}
	page.First = letters.Date(page.Month + "-01")
	page.Last = letters.DateOf(page.First.Time().AddDate(0, 1, -1))
	if err := v.Record("audit_report", string(page.Month), "", "done"); err != nil {
		return err
	}
	a, err := d.o.Chain.Access(v.Context(), page.Month)
	if errors.Is(err, ErrBrokenChain) {
		return &Refusal{Status: http.StatusConflict, Key: "chain_broken", Err: err}
	}
	if err != nil {
		return err
	}
	page.AccessMonth = a
	page.cut(v.Query("skip"))
	return v.Show("access", page)
}

// cut leaves what one page can show: people who stand out come first, and
// looks without an inquiry stand on the first page.
func (p *accessPage) cut(skip string) {
	p.Skip, _ = strconv.Atoi(skip) // nonsense asks for the first page
	p.Skip = min(max(p.Skip, 0), len(p.Users))
	for _, u := range p.Users[p.Skip:min(p.Skip+peopleShown, len(p.Users))] {
		p.Lines = append(p.Lines, shaded(u))
	}
	if p.Skip+peopleShown < len(p.Users) {
		p.Next = p.Skip + peopleShown
	}
	if n := len(p.Unexplained); n > unexplainedShown {
		p.Unexplained, p.Rest = p.Unexplained[:unexplainedShown], n-unexplainedShown
	}
}

// shaded paints a person's hours against the busiest of them.
func shaded(u AccessUser) accessLine {
	line := accessLine{AccessUser: u}
	most := slices.Max(u.Hours[:])
	for h, n := range u.Hours {
		shade := 0
		if n > 0 {
			shade = 1 + 3*(n-1)/max(most, 1)
		}
		line.Shades[h] = hour{h, n, shade}
	}
	return line
}
