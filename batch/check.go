package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

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
	Press    Press
	NewPress func() Press // after a fault nothing of a press is trusted; nil = go on with it
	Incident *letters.Incident
	Lint     []letters.Problem // faults of the wording: missing legal block, open placeholder …
	Random   io.Reader
	Progress func(done int) // may be nil
}

// Check lays out every letter that is not cancelled and lists all findings,
// those of the month first, then by letter ID.
func (c *Checker) Check(ctx context.Context, m letters.Month) ([]Finding, error) {
	found, err := c.near(ctx, m)
	if err != nil {
		return nil, err
	}
	done := 0
	states := []letters.State{letters.Planned, letters.HeldReview, letters.Rendered, letters.RenderFailed, letters.Approved}
	err = c.Ledger.Letters(ctx, m, states, func(l letters.Letter, d letters.Dispatch) error {
		found = append(found, c.ofLetter(&l, d)...)
		if done++; c.Progress != nil && done%100 == 0 {
			c.Progress(done)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("check letters of %s: %w", m, err)
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].Letter < found[j].Letter })
	return append(c.ofIncident(), found...), nil
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
	for _, p := range c.Incident.Open {
		out = append(out, Finding{Code: "placeholder", Args: []string{p.Key, p.What}, Blocks: GateRelease})
	}
	if !c.Incident.Sheet.Confirmed {
		out = append(out, Finding{Code: "window_unconfirmed", Blocks: GateRelease})
	}
	return out
}

func (c *Checker) ofLetter(l *letters.Letter, d letters.Dispatch) []Finding {
	var out []Finding
	if d.State == letters.HeldReview {
		out = append(out, Finding{Code: "held_" + string(d.HoldReason), Letter: l.ID, Blocks: GateHeld})
		if d.HoldReason == letters.ReasonGlyph {
			return out // nothing can be laid out
		}
	}
	r, err := attempt(c.Press, l, io.Discard)
	var hold *HoldError
	switch {
	case errors.As(err, &hold) && d.State != letters.HeldReview:
		out = append(out, Finding{Code: "held_" + string(hold.Reason), Letter: l.ID, Blocks: GateHeld})
	case err != nil && hold == nil:
		out = append(out, Finding{Code: "render_failed", Letter: l.ID, Blocks: GateApprove})
		if c.NewPress != nil {
			c.Press = c.NewPress()
		}
	}
	for _, note := range r.Notes {
		out = append(out, Finding{Code: string(note), Letter: l.ID})
	}
	if l.Kind != letters.First {
		out = append(out, Finding{Code: "supplementary", Letter: l.ID, Args: idsOf(l.Refers)})
	}
	return out
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
