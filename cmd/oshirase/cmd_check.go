package main

import (
	"context"
	"slices"
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
		all = append(all, findingJSON{f.Code, f.Letter, f.Blocks, reason, advice})
	}
	waits := slices.ContainsFunc(found, func(f batch.Finding) bool { return f.Blocks != batch.Nothing })
	err = h.p.report("check", struct {
		Month    letters.Month `json:"month"`
		Groups   []groupJSON   `json:"groups"`
		Findings []findingJSON `json:"findings"`
		Waits    bool          `json:"waits"`
	}{m, group(all), all, waits})
	if err == nil && waits {
		return errWaits
	}
	return err
}

func (h *house) findings(ctx context.Context, m letters.Month) ([]batch.Finding, error) {
	newPress, err := h.presses()
	if err != nil {
		return nil, err
	}
	c := batch.Checker{Ledger: h.store, Press: newPress(), NewPress: newPress, Incident: h.set.Incident(),
		Lint: h.set.Lint(), Random: h.p.random, Progress: h.p.progress("check", -1)}
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

// group gathers findings by code in the order of their first appearance.
func group(all []findingJSON) []groupJSON {
	var out []groupJSON
	for _, f := range all {
		i := slices.IndexFunc(out, func(g groupJSON) bool { return g.Code == f.Code && g.Code != "placeholder" })
		if i < 0 {
			out = append(out, groupJSON{Code: f.Code, Blocks: f.Blocks, Reason: f.Reason, Advice: f.Advice})
			i = len(out) - 1
		}
		out[i].Count++
		if len(out[i].First) < 3 && f.Letter != "" {
			out[i].First = append(out[i].First, f)
		}
	}
	return out
}
