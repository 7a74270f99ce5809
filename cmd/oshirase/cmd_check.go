package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/letters"
)

func (p *program) cmdCheck() *cobra.Command {
	c := p.command("check MONTH", func(cmd *cobra.Command, given []string) error {
		m, err := letters.ParseMonth(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.check(cmd.Context(), m) })
	})
	c.Args = args(cobra.ExactArgs(1))
	return c
}

// findingJSON is one finding with its sentence.
type findingJSON struct {
	Code   string     `json:"code"`
	Letter letters.ID `json:"letter,omitempty"`
	Blocks batch.Gate `json:"blocks,omitempty"`
	Reason string     `json:"reason"`
	Advice string     `json:"advice"`
}

// groupJSON counts the findings of one code.
type groupJSON struct {
	Code   string        `json:"code"`
	Count  int           `json:"count"`
	Blocks batch.Gate    `json:"blocks,omitempty"`
	Reason string        `json:"reason"`
	Advice string        `json:"advice"`
	First  []findingJSON `json:"-"`
	Differ bool          `json:"-"` // each has a reason of its own
}

// check is the command check.
func (h *house) check(ctx context.Context, m letters.Month) error {
	if _, err := h.store.Month(ctx, m); err != nil {
		return err
	}
	found, err := h.findings(ctx, m)
	if err != nil {
		return err
	}
	all := make([]findingJSON, 0, len(found))
	for _, f := range found {
		reason, advice := h.set.Problem(letters.Problem{Code: f.Code, Args: f.Args})
		reason = strings.TrimSpace(reason)
		all = append(all, findingJSON{f.Code, f.Letter, f.Blocks, reason, advice})
	}
	waits := slices.ContainsFunc(found, func(f batch.Finding) bool { return f.Blocks != batch.Nothing })
	err = h.p.report("check", struct {
		Month    letters.Month `json:"month"`
		Groups   []groupJSON   `json:"groups"`
		Findings []findingJSON `json:"findings"`
		Waits    bool          `json:"waits"`
	}{m, h.group(all), all, waits})
	if err == nil && waits {
		return errWaits
	}
	return err
}

func (h *house) findings(ctx context.Context, m letters.Month) ([]batch.Finding, error) {
	c := batch.Checker{Ledger: h.store, Workers: h.cfg.Render.Workers, Incident: h.set.Incident(),
		Lint: h.set.Lint(), Unfilled: h.set.Unfilled(), Random: h.p.random, Progress: h.p.progress("check", -1)}
	newPress, err := h.presses()
	switch {
	case err == nil:
		c.NewPress = newPress
	case len(c.Lint) == 0: // else the wording's own faults say why there is no press
		return nil, err
	}
	found, err := c.Check(ctx, m)
	if err != nil {
		return nil, err
	}
	harm, err := h.store.HarmReports(ctx, time.Time{})
	if err == nil && harm > 0 {
		found = append([]batch.Finding{{Code: "harm_reports", Args: []string{thousands(harm)}}}, found...)
	}
	return found, err
}

// More is how many letters of the group the report does not name.
func (g groupJSON) More() int {
	if len(g.First) == 0 {
		return 0
	}
	return g.Count - len(g.First)
}

// shownFindings is how many letters of a group the report names; --json names
// them all.
const shownFindings = 10

// group gathers findings by code, what stops the month first and what is only
// to be known last, else in the order of their first appearance. Where
// their reasons differ, because they name characters or letters, a group shows
// what is common and each letter its own.
func (h *house) group(all []findingJSON) []groupJSON {
	var out []groupJSON
	for _, f := range all {
		i := slices.IndexFunc(out, func(g groupJSON) bool { return g.Code == f.Code && g.Code != "placeholder" })
		if i < 0 {
			out = append(out, groupJSON{Code: f.Code, Blocks: f.Blocks, Reason: f.Reason, Advice: f.Advice})
			i = len(out) - 1
		}
		out[i].Count++
		if out[i].Reason != f.Reason {
			out[i].Differ = true
			out[i].Reason, out[i].Advice = h.set.Problem(letters.Problem{Code: f.Code, Args: []string{"…"}})
		}
		if len(out[i].First) < shownFindings && f.Letter != "" {
			out[i].First = append(out[i].First, f)
		}
	}
	gates := []batch.Gate{batch.GateApprove, batch.GateRelease, batch.GateHeld, batch.Nothing}
	slices.SortStableFunc(out, func(a, b groupJSON) int { return slices.Index(gates, a.Blocks) - slices.Index(gates, b.Blocks) })
	return out
}
