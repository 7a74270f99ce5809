package desk

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"oshirase/letters"
)

// ErrBrokenChain says that the audit chain is not whole: an analysis of it
// would prove nothing.
var ErrBrokenChain = errors.New("audit chain is broken")

// Anchor is a day's signed head of the chain.
type Anchor struct {
	Date letters.Date
	N    int64
	Hash string
}

// ChainState is the chain as it stands, not read through.
type ChainState struct {
	Records int64
	Hash    string
	Anchors []Anchor // the newest first
}

// ChainVerdict is what reading the whole chain found. Bad is the number of the
// first record that is not as it was written, 0 when all are.
type ChainVerdict struct {
	Records, Unanchored, Bad int64
	Anchors                  int
	Fault                    string
}

// chainPage is what chain.html gets; Verdict is nil before it was asked for.
type chainPage struct {
	ChainState
	Verdict *ChainVerdict
}

const anchorsShown = 31

func (d *Desk) chainPage(v *Visit) (chainPage, error) {
	state, err := d.o.Chain.Chain(v.Context())
	if len(state.Anchors) > anchorsShown {
		state.Anchors = state.Anchors[:anchorsShown]
	}
	return chainPage{ChainState: state}, err
}

func (d *Desk) chain(v *Visit) error {
	page, err := d.chainPage(v)
	if err != nil {
		return err
	}
	return v.Show("chain", page)
}

// verifyChain reads the chain through. It is a POST since it takes a while.
func (d *Desk) verifyChain(v *Visit) error {
	if err := v.Record("audit_verify", "log", "", "done"); err != nil {
		return err
	}
	verdict, err := d.o.Chain.Verify(v.Context())
	if err != nil {
		return err
	}
	page, err := d.chainPage(v)
	if err != nil {
		return err
	}
	page.Verdict = &verdict
	return v.Show("chain", page)
}

// AccessMonth is the monthly analysis of looks (閲覧の解析).
type AccessMonth struct {
	Looks int
	Users []AccessUser
}

// AccessUser is one person's month.
type AccessUser struct {
	Name                                                   string
	Role                                                   letters.Role
	Looks, Letters, WithoutInquiry, Night, Misses, Stopped int
	Hours                                                  [24]int
	Flags                                                  []string
}

// accessPage is what access.html gets.
type accessPage struct {
	Month       letters.Month
	First, Last letters.Date    // of the month
	Months      []letters.Month // to choose from
	Looks       int
	Users       []accessLine
}

// accessLine is a person's month, the hours in shades from 0 to 4.
type accessLine struct {
	AccessUser
	Shades [24]hour
}

type hour struct{ Hour, Looks, Shade int }

// monthsShown is how many months back the analysis is offered.
const monthsShown = 12

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
	page.Looks = a.Looks
	for _, u := range a.Users {
		page.Users = append(page.Users, shaded(u))
	}
	return v.Show("access", page)
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

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
