package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"oshirase/letters"
)

// desk is a book whose letters can be laid out.
type desk struct {
	*book
	stream []letters.Letter
	states map[letters.ID]letters.Dispatch
}

func (d *desk) Letters(_ context.Context, _ letters.Month, _ []letters.State, each func(letters.Letter, letters.Dispatch) error) error {
	for _, l := range d.stream {
		if err := each(l, d.states[l.ID]); err != nil {
			return err
		}
	}
	return nil
}

// deskOf holds letters with the last digits given, in this order.
func deskOf(ids ...string) *desk {
	d := &desk{book: newBook(), states: make(map[letters.ID]letters.Dispatch)}
	for _, id := range ids {
		d.stream = append(d.stream, letters.Letter{ID: letters.ID(id), Kind: letters.First})
	}
	return d
}

func checker(d *desk) *Checker {
	return &Checker{Ledger: d, Workers: 1, Incident: &letters.Incident{Demo: true}, Random: dice(),
		NewPress: func() Press { return &handPress{} }}
}

// said writes findings as "code letter gate".
func said(all []Finding) []string {
	var out []string
	for _, f := range all {
		out = append(out, fmt.Sprintf("%s %s %s", f.Code, f.Letter, f.Blocks))
	}
	return out
}

func TestCheckListsTheMonthThenLetters(t *testing.T) {
	t.Parallel()
	d := deskOf("27", "15", "13", "11", "14")
	d.stream[3].Kind, d.stream[3].Refers = letters.Supplementary, []letters.ID{"99"}
	d.states["14"] = letters.Dispatch{State: letters.HeldReview, HoldReason: letters.ReasonAddress}
	c := checker(d)
	c.Lint = []letters.Problem{{Code: "no_cause"}}
	c.Unfilled = []letters.Problem{{Code: "placeholder", Args: []string{"signatory"}}}
	c.Incident = &letters.Incident{}
	found, err := c.Check(t.Context(), "2023-02")
	if err != nil {
		t.Fatal(err)
	}
	// The letters after a fault are drawn by a fresh press: 15 is held, not failed.
	want := []string{"no_cause  approve", "placeholder  approve", "window_unconfirmed  release", "supplementary 11 ",
		"render_failed 13 approve", "held_address 14 held", "held_geometry 15 held", "render_failed 27 approve"}
	if got := said(found); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCheckListsNearMatchesAmongTheLetters(t *testing.T) {
	t.Parallel()
	b := newBook()
	son := customer(2)
	son.Name, son.Phone = customer(1).Name, "0920000002"
	son.SupplyPoint = customer(2).SupplyPoint
	if _, err := importer(b).Import(t.Context(), order(list("a", customer(1), son))); err != nil {
		t.Fatal(err)
	}
	d := deskOf("0000000000000013", "9999999999999913") // both fail to draw
	d.book = b
	found, err := checker(d).Check(t.Context(), "2023-02")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 3 || found[1].Code != string(NearSplit) || found[1].Blocks != Nothing {
		t.Fatalf("got %q, want the near match between the letters", said(found))
	}
	if !slices.IsSortedFunc(found, func(a, b Finding) int { return compareIDs(a.Letter, b.Letter) }) {
		t.Errorf("got %q, want the order of letter IDs", said(found))
	}
}

func compareIDs(a, b letters.ID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestProofSetDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	d := &desk{book: newBook()}
	for i := range 40 {
		l := letters.Letter{ID: letters.ID(fmt.Sprintf("%016d", i)), Kind: letters.First, Channel: letters.Print}
		l.Recipient.Name = "電力 太郎"[:9+3*(i%2)]
		for c := range i % 5 { // some have no case at all
			l.Cases = append(l.Cases, letters.Case{SupplyPoint: fmt.Sprint(c), System: "CC", Supply: letters.Low, Unrecorded: i%3 == 0})
		}
		if i == 39 {
			l.Recipient.Address = "𠮷見本"
		}
		d.stream = append(d.stream, l)
	}
	rare := func(s string) int {
		n := 0
		for _, r := range s {
			if r > 0xffff {
				n++
			}
		}
		return n
	}
	first, err := ProofSet(t.Context(), d, "2023-02", rare)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(d.stream)
	second, err := ProofSet(t.Context(), d, "2023-02", rare)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := chosenIDs(second), chosenIDs(first); !slices.Equal(got, want) {
		t.Errorf("backwards: got %v, want %v", got, want)
	}
	last := first[len(first)-1]
	if !slices.Contains(last.Why, ProofRareGlyph) || last.Letter.ID != "0000000000000039" || len(first) > 15 {
		t.Errorf("the set %v lacks the rarest glyph or is not small", chosenIDs(first))
	}
}

func chosenIDs(set []Chosen) []string {
	var out []string
	for _, c := range set {
		out = append(out, fmt.Sprint(c.Letter.ID, c.Why))
	}
	return out
}

func TestNearMatchesAreProposedOnce(t *testing.T) {
	t.Parallel()
	phone := func(s string) func(*letters.PlanRow) { return func(r *letters.PlanRow) { r.Phone = s } }
	for _, c := range []struct {
		what string
		rows []letters.PlanRow
		want []letters.Reason
	}{
		{"one person", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "2", "A")}, nil},
		{"two telephones", []letters.PlanRow{viewing(1, "1", "A", phone("p")), viewing(2, "2", "A", phone("q"))}, []letters.Reason{NearSplit}},
		{"one telephone at two addresses", []letters.PlanRow{viewing(1, "1", "A1", phone("p")), viewing(2, "2", "A2", phone("p"))}, []letters.Reason{NearPhone}},
		{"one contract, two names", []letters.PlanRow{viewing(1, "1", "A", phone("p")), viewing(2, "1", "B", phone("p"))}, []letters.Reason{NearPhone}},
		{"a change of occupant", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "1", "B")}, []letters.Reason{NearSupply}},
		{"strangers", []letters.PlanRow{viewing(1, "1", "A", phone("p")), viewing(2, "2", "B", phone("q"))}, nil},
	} {
		var got []letters.Reason
		for _, n := range mustPlan(t, PlanInput{Rows: c.rows}).Near {
			got = append(got, n.Why)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, got, c.want)
		}
	}
}

// A panic of a press never reaches check, nor does its value.
func TestAttemptKeepsThePanicsValueBack(t *testing.T) {
	t.Parallel()
	_, err := attempt(&handPress{}, &letters.Letter{ID: "3", Recipient: letters.Recipient{Name: "電力 太郎"}}, io.Discard)
	if err == nil || slices.Contains([]rune(err.Error()), '太') {
		t.Errorf("want an error without the name")
	}
}

// Check says the same, in the same order, with any number of workers.
func TestCheckIsTheSameWithAnyNumberOfWorkers(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 500 {
		ids = append(ids, fmt.Sprintf("%04d", i*7919%500))
	}
	var got [2][]string
	for i, workers := range []int{1, 8} {
		d := deskOf(ids...)
		d.stream[3].Kind, d.stream[3].Refers = letters.Supplementary, []letters.ID{"99"}
		c := checker(d)
		seen := 0
		c.Workers, c.Progress = workers, func(done int) { seen = done }
		found, err := c.Check(t.Context(), "2023-02")
		if err != nil {
			t.Fatal(err)
		}
		if got[i] = said(found); seen != 500 {
			t.Errorf("%d workers: progress ends at %d of 500", workers, seen)
		}
	}
	if !slices.Equal(got[0], got[1]) || len(got[0]) != 151 {
		t.Errorf("one worker finds %d things, eight find %d others or in another order; want 151", len(got[0]), len(got[1]))
	}
}

// A stopped check ends, with its reason and without a worker left behind.
func TestCheckCanBeStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	d := deskOf(slices.Repeat([]string{"11"}, 1000)...)
	c := checker(d)
	c.Workers, c.Progress = 3, func(int) { stop() }
	if _, err := c.Check(ctx, "2023-02"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}
