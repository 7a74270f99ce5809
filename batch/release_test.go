package batch

import (
	"context"
	"errors"
	"testing"
	"time"

	"oshirase/letters"
)

// approvals is a ledger of one month for approve and release.
type approvals struct {
	info     letters.MonthInfo
	n        int
	again    int // rendered after the month's approval
	ready    map[letters.Channel]int
	approved string
	postOn   letters.Date
	queued   int
}

func (a *approvals) Month(context.Context, letters.Month) (letters.MonthInfo, error) {
	return a.info, nil
}
func (a *approvals) BatchHash(context.Context, letters.Month) (string, int, error) {
	return "hash", a.n, nil
}
func (a *approvals) Approve(_ context.Context, _ letters.Month, by, hash string, _ time.Time) error {
	a.approved = by + " " + hash
	return nil
}
func (a *approvals) AgainHash(context.Context, letters.Month) (string, int, error) {
	return "again", a.again, nil
}
func (a *approvals) ApproveAgain(_ context.Context, _ letters.Month, by, hash string, _ time.Time) error {
	a.approved = by + " " + hash
	return nil
}
func (a *approvals) ApprovedDates(context.Context, letters.Month) ([]letters.Date, error) {
	return []letters.Date{a.info.Date}, nil
}
func (a *approvals) OtherEdition(_ context.Context, m letters.Month, _ []letters.State, renderer, template string) ([]letters.Month, error) {
	if renderer == a.info.Renderer && template == a.info.Template {
		return nil, nil
	}
	return []letters.Month{m}, nil
}
func (a *approvals) Releasable(context.Context, letters.Month) (map[letters.Channel]int, error) {
	return a.ready, nil
}
func (a *approvals) Release(_ context.Context, _ letters.Month, _ letters.Channel, limit int, on letters.Date, _ string, _ time.Time) (int, error) {
	a.postOn = on
	a.queued = a.ready[letters.Print] + a.ready[letters.Email]
	if limit > 0 {
		a.queued = min(a.queued, limit)
	}
	return a.queued, nil
}

// morning is 2023-02-01 in Japan, still January in Greenwich.
func morning() time.Time { return time.Date(2023, 1, 31, 23, 0, 0, 0, time.UTC) }

func edition() Edition { return Edition{Template: "t1", Renderer: "r1"} }

func approvedMonth(date letters.Date) *approvals {
	return &approvals{info: letters.MonthInfo{Month: "2023-02", State: letters.MonthApproved, Date: date, Template: "t1", Renderer: "r1"},
		n: 10, ready: map[letters.Channel]int{letters.Print: 7, letters.Email: 3}}
}

func TestReleaseGuards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what         string
		date, postOn letters.Date
		expect       int
		change       func(*approvals)
		want         error
		on           letters.Date
	}{
		{what: "printed for today", date: "2023-02-01", expect: 10, on: "2023-02-01"},
		{what: "printed for two weeks on", date: "2023-02-15", expect: 10, on: "2023-02-15"},
		{what: "posted after the printed date", date: "2023-02-03", postOn: "2023-02-06", expect: 10, on: "2023-02-06"},
		{what: "printed for yesterday", date: "2023-01-31", expect: 10, want: ErrPostingDate},
		{what: "printed for yesterday, posted tomorrow", date: "2023-01-31", postOn: "2023-02-02", expect: 10, want: ErrPostingDate},
		{what: "printed too far ahead", date: "2023-02-16", expect: 10, want: ErrPostingDate},
		{what: "posted too far ahead", date: "2023-02-03", postOn: "2023-02-16", expect: 10, want: ErrPostingDate},
		{what: "posted before the printed date", date: "2023-02-03", postOn: "2023-02-02", expect: 10, want: ErrPostingDate},
		{what: "no printed date", postOn: "2023-02-02", expect: 10, want: ErrPostingDate},
		{what: "one letter too many expected", date: "2023-02-01", expect: 11, want: ErrExpectation},
		{what: "one letter too few expected", date: "2023-02-01", expect: 9, want: ErrExpectation},
		{what: "not approved", date: "2023-02-01", expect: 10, want: ErrNotApproved,
			change: func(a *approvals) { a.info.State = letters.MonthOpen }},
		{what: "another wording", date: "2023-02-01", expect: 10, want: ErrStale,
			change: func(a *approvals) { a.info.Template = "t0" }},
		{what: "another renderer", date: "2023-02-01", expect: 10, want: ErrStale,
			change: func(a *approvals) { a.info.Renderer = "r0" }},
	} {
		a := approvedMonth(c.date)
		if c.change != nil {
			c.change(a)
		}
		res, err := Release(t.Context(), a, ReleaseOrder{Month: "2023-02", PostOn: c.postOn, Expect: &c.expect}, edition(), morning())
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, err, c.want)
		}
		if a.postOn != c.on || c.want != nil && res.Queued != 0 || c.want == nil && res.Queued != 10 {
			t.Errorf("%s: queued %d on %q, want on %q", c.what, res.Queued, a.postOn, c.on)
		}
	}
}

func TestReleaseDryRunQueuesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel      letters.Channel
		limit        int
		print, email int
	}{
		{"", 0, 7, 3}, {letters.Print, 0, 7, 0}, {letters.Email, 0, 0, 3},
		{"", 8, 7, 1}, {"", 5, 5, 0}, {letters.Email, 2, 0, 2},
	} {
		a := approvedMonth("2023-02-01")
		res, err := Release(t.Context(), a, ReleaseOrder{Month: "2023-02", Channel: c.channel, Limit: c.limit}, edition(), morning())
		if err != nil || !res.Dry || a.queued != 0 {
			t.Errorf("%q %d: dry %v, queued %d, %v: want a dry run", c.channel, c.limit, res.Dry, a.queued, err)
		}
		if res.Print != c.print || res.Email != c.email {
			t.Errorf("%q %d: got %d on paper and %d mails, want %d and %d", c.channel, c.limit, res.Print, res.Email, c.print, c.email)
		}
	}
}

func TestApproveGuards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		change func(*approvals)
		want   error
	}{
		{"as rendered", func(*approvals) {}, nil},
		{"approved already", func(a *approvals) { a.info.State = letters.MonthApproved }, ErrMonthApproved},
		{"a next generation in an approved month", func(a *approvals) { a.info.State, a.again = letters.MonthApproved, 1 }, nil},
		{"a next generation of another wording", func(a *approvals) {
			a.info.State, a.info.Template, a.again = letters.MonthApproved, "t0", 1
		}, ErrStale},
		{"no letters", func(a *approvals) { a.n = 0 }, ErrNothing},
		{"another wording", func(a *approvals) { a.info.Template = "t0" }, ErrStale},
		{"another renderer", func(a *approvals) { a.info.Renderer = "r0" }, ErrStale},
	} {
		a := approvedMonth("2023-02-01")
		a.info.State = letters.MonthOpen
		c.change(a)
		_, _, err := Approve(t.Context(), a, "2023-02", "shonin", edition(), morning())
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, err, c.want)
		}
		if got := a.approved != ""; got != (c.want == nil) {
			t.Errorf("%s: approved = %v", c.what, got)
		}
	}
}
