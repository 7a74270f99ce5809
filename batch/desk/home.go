package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"oshirase/letters"
)

// BoardLedger is what the month board reads.
type BoardLedger interface {
	Months(ctx context.Context) ([]letters.MonthInfo, error)
	Month(ctx context.Context, m letters.Month) (letters.MonthInfo, error)
	Files(ctx context.Context, m letters.Month) ([]letters.SourceFile, error)
	StateCounts(ctx context.Context, m letters.Month) (map[letters.State]int, map[letters.Channel]map[letters.State]int, error)
}

// homePage is what home.html gets when a role has no page of its own.
type homePage struct{}

// boardPage is what board.html gets: the newest month first. Earlier months
// stand in one line each.
type boardPage struct {
	Proposals int // that wait for a second person
	Months    []boardMonth
	Earlier   []boardMonth
}

// monthsWhole is how many months the board shows with all that waits.
const monthsWhole = 6

// boardMonth is where a month stands and what waits for whom.
type boardMonth struct {
	letters.MonthInfo
	Letters int
	Stages  []stage
	Waits   []wait
}

// stage is one part of the way of a month's letters, with how many are there.
type stage struct {
	Key   string
	Count int
}

// wait is something that waits for somebody.
type wait struct {
	Who   string
	State letters.State
	Count int
}

func homeViews() []view {
	return []view{{"home", homePage{}}, {"board", boardPage{Months: []boardMonth{{}}, Earlier: []boardMonth{{}}}}}
}

func homeRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/{$}", Anyone: true, Serve: (*Desk).home},
		{Method: http.MethodGet, Path: "/board", Roles: []letters.Role{letters.RolePrepare, letters.RoleApprove}, Nav: "board", Serve: (*Desk).board},
	}
}

// home takes a person to where their role begins.
func (d *Desk) home(v *Visit) error {
	if path := d.roleHome(v.User); path != "" {
		return v.Go(path, v.Query("note"))
	}
	return v.Show("home", homePage{})
}

func (d *Desk) board(v *Visit) error {
	months, err := d.o.Ledger.Months(v.Context())
	if err != nil {
		return fmt.Errorf("board: %w", err)
	}
	open, err := d.o.Ledger.OpenDecisions(v.Context())
	if err != nil {
		return fmt.Errorf("board: %w", err)
	}
	page := boardPage{Proposals: len(open)}
	for _, info := range slices.Backward(months) {
		states, _, err := d.o.Ledger.StateCounts(v.Context(), info.Month)
		if err != nil {
			return fmt.Errorf("board: %w", err)
		}
		if m := boardOf(info, states); len(page.Months) < monthsWhole {
			page.Months = append(page.Months, m)
		} else {
			page.Earlier = append(page.Earlier, m)
		}
	}
	return v.Show("board", page)
}

// stages is the way of a letter as a month's board shows it.
func stages() []struct {
	key    string
	states []letters.State
} {
	return []struct {
		key    string
		states []letters.State
	}{
		{"made", []letters.State{letters.Planned, letters.HeldReview, letters.RenderFailed, letters.Rendered}},
		{"approved", []letters.State{letters.Approved}},
		{"leaving", []letters.State{letters.QueuedPrint, letters.InPrintRun, letters.QueuedEmail, letters.Claimed, letters.HandingOver, letters.Deferred}},
		{"left", []letters.State{letters.HandedOver, letters.Posted, letters.Accepted, letters.Closed}},
		{"trouble", []letters.State{letters.Uncertain, letters.Returned, letters.Bounced, letters.Failed5xx, letters.Withdrawn}},
	}
}

// waiters says who must do something about letters in a state.
func waiters() []struct {
	state letters.State
	who   string
} {
	return []struct {
		state letters.State
		who   string
	}{
		{letters.HeldReview, "prepare"}, {letters.Planned, "prepare"}, {letters.RenderFailed, "prepare"},
		{letters.Rendered, "approve"}, {letters.Approved, "approve"},
		{letters.QueuedPrint, "work"}, {letters.QueuedEmail, "work"}, {letters.Deferred, "work"},
		{letters.HandedOver, "printer"},
		{letters.Uncertain, "two"}, {letters.Returned, "two"}, {letters.Bounced, "two"}, {letters.Failed5xx, "two"},
	}
}

func boardOf(info letters.MonthInfo, states map[letters.State]int) boardMonth {
	m := boardMonth{MonthInfo: info}
	for _, s := range stages() {
		st := stage{Key: s.key}
		for _, state := range s.states {
			st.Count += states[state]
		}
		m.Letters += st.Count
		m.Stages = append(m.Stages, st)
	}
	for _, w := range waiters() {
		if n := states[w.state]; n > 0 {
			m.Waits = append(m.Waits, wait{w.who, w.state, n})
		}
	}
	return m
}
