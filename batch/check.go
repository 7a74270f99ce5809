package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"

	"oshirase/letters"
)

// Finding is one thing that check has to say. Its sentence stands in
// templates/problems under Code.
type Finding struct {
	Code   string
	Letter letters.ID // "" when it concerns the month
	Args   []string
	Blocks Gate // what it stands in the way of
}

// Gate is a step that a finding stands in the way of.
type Gate string

const (
	Nothing     Gate = ""        // to be known
	GateHeld    Gate = "held"    // waits for a person's decision
	GateApprove Gate = "approve" // approve refuses
	GateRelease Gate = "release" // release refuses outside the demo
)

// CheckLedger is what check needs of the ledger.
type CheckLedger interface {
	PlanLedger
	Letters(ctx context.Context, m letters.Month, states []letters.State, each func(letters.Letter, letters.Dispatch) error) error
}

// Checker proves everything that must hold before a person approves.
type Checker struct {
	Ledger   CheckLedger
	NewPress func() Press // one a worker; after a fault nothing of it is trusted. nil = no letter can be laid out
	Workers  int
	Incident *letters.Incident
	Lint     []letters.Problem // faults of the wording: missing legal block …
	Unfilled []letters.Problem // texts that nobody has filled yet
	Random   io.Reader
	Progress func(done int) // may be nil
}

// Check lays out every letter that is not cancelled and lists all findings,
// those of the month first, then by letter ID: the same with any number of
// workers.
func (c *Checker) Check(ctx context.Context, m letters.Month) ([]Finding, error) {
	found, err := c.near(ctx, m)
	if err != nil {
		return nil, err
	}
	ofLetters, err := c.letters(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("check letters of %s: %w", m, err)
	}
	found = append(found, ofLetters...)
	sort.SliceStable(found, func(i, j int) bool { return found[i].Letter < found[j].Letter })
	return append(c.ofIncident(), found...), nil
}

// letters checks the month's letters with all workers.
func (c *Checker) letters(ctx context.Context, m letters.Month) ([]Finding, error) {
	if c.NewPress == nil {
		return nil, nil
	}
	todo := make(chan piece, 64)
	var lock sync.Mutex
	var found []Finding
	var workers sync.WaitGroup
	for range max(1, c.Workers) {
		workers.Go(func() {
			own := c.work(todo)
			lock.Lock()
			defer lock.Unlock()
			found = append(found, own...)
		})
	}
	done := 0
	states := []letters.State{letters.Planned, letters.HeldReview, letters.Rendered, letters.RenderFailed, letters.Approved}
	err := c.Ledger.Letters(ctx, m, states, func(l letters.Letter, d letters.Dispatch) error {
		select {
		case todo <- piece{l, d}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if done++; c.Progress != nil && done%100 == 0 {
			c.Progress(done)
		}
		return nil
	})
	close(todo)
	workers.Wait()
	return found, err
}

// work checks letters until there are none.
func (c *Checker) work(todo <-chan piece) (found []Finding) {
	press := c.NewPress()
	for p := range todo {
		list, broken := ofLetter(press, &p.letter, p.dispatch)
		if found = append(found, list...); broken {
			press = c.NewPress()
		}
	}
	return found
}

// ofIncident lists placeholders, unconfirmed geometry and faults of the wording.
func (c *Checker) ofIncident() []Finding {
	var out []Finding
	for _, p := range c.Lint {
		out = append(out, Finding{Code: p.Code, Args: p.Args, Blocks: GateApprove})
	}
	if c.Incident.Demo {
		return out
	}
	for _, p := range c.Unfilled {
		out = append(out, Finding{Code: "placeholder", Args: p.Args, Blocks: GateApprove})
	}
	if !c.Incident.Sheet.Confirmed {
		out = append(out, Finding{Code: "window_unconfirmed", Blocks: GateRelease})
	}
	return out
}

// ofLetter lays a letter out and says what a person should know of it. broken
// says that the press must not be used again.
func ofLetter(press Press, l *letters.Letter, d letters.Dispatch) (out []Finding, broken bool) {
	r, err := attempt(press, l, io.Discard)
	var hold *HoldError
	held := d.State == letters.HeldReview
	switch {
	case errors.As(err, &hold):
		out = append(out, holdOf(l.ID, hold))
		if held && d.HoldReason != hold.Reason {
			out = append(out, holdOf(l.ID, &HoldError{Reason: d.HoldReason}))
		}
	case held:
		out = append(out, holdOf(l.ID, &HoldError{Reason: d.HoldReason}))
	case err != nil:
		out = append(out, Finding{Code: "render_failed", Letter: l.ID, Blocks: GateApprove})
	}
	for _, note := range r.Notes {
		out = append(out, Finding{Code: string(note), Letter: l.ID})
	}
	if l.Kind != letters.First {
		out = append(out, Finding{Code: "supplementary", Letter: l.ID, Args: []string{strings.Join(idsOf(l.Refers), " ")}})
	}
	return out, err != nil && hold == nil
}

// holdOf names the reason and, of a glyph that no face has, the characters
// with their code points; nothing else of a name ever leaves the ledger.
func holdOf(id letters.ID, h *HoldError) Finding {
	f := Finding{Code: "held_" + string(h.Reason), Letter: id, Blocks: GateHeld}
	if h.Reason == letters.ReasonGlyph {
		f.Args = []string{strings.Join(h.Points, " ")}
	}
	return f
}

// near plans the month once more, in memory, for its near matches.
func (c *Checker) near(ctx context.Context, m letters.Month) ([]Finding, error) {
	files, err := c.Ledger.Files(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	p, err := plan(ctx, c.Ledger, keep(files, nil, nil), PlanInput{Month: m, Order: c.Incident.Catalogue, Random: c.Random})
	if err != nil {
		return nil, err
	}
	var out []Finding
	for _, n := range p.Near {
		out = append(out, Finding{Code: string(n.Why), Letter: n.A, Args: []string{n.B.Groups()}})
	}
	return out, nil
}

func idsOf(ids []letters.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.Groups()
	}
	return out
}
