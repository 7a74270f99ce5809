package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"oshirase/letters"
)

func (p *program) cmdStatus() *cobra.Command {
	c := p.command("status [MONTH]", func(cmd *cobra.Command, given []string) error {
		return p.withHome(cmd.Context(), func(h *house) error {
			months, err := h.monthsOf(cmd.Context(), given)
			if err != nil {
				return err
			}
			return h.status(cmd.Context(), months, len(given) == 1)
		})
	})
	c.Args = args(cobra.MaximumNArgs(1))
	return c
}

// monthsOf returns the month that was named, or all of them.
func (h *house) monthsOf(ctx context.Context, given []string) ([]letters.MonthInfo, error) {
	if len(given) == 0 {
		return h.store.Months(ctx)
	}
	m, err := letters.ParseMonth(given[0])
	if err != nil {
		return nil, err
	}
	info, err := h.store.Month(ctx, m)
	return []letters.MonthInfo{info}, err
}

// monthJSON is where one month stands.
type monthJSON struct {
	Month letters.Month      `json:"month"`
	State letters.MonthState `json:"state"`
	letters.Counts
	Date     letters.Date          `json:"date"`
	States   map[letters.State]int `json:"states"`
	Files    []fileStateJSON       `json:"files"`
	Approved string                `json:"approved_by,omitempty"`
	Packets  bool                  `json:"packets_approved"`
	Waits    []waitJSON            `json:"waits"`
	Purged   string                `json:"purged_at,omitempty"` // when its personal data were deleted
}

// fileStateJSON is a list that was taken in.
type fileStateJSON struct {
	SHA256 string            `json:"sha256"`
	Name   string            `json:"name"`
	Rows   int               `json:"rows"`
	State  letters.FileState `json:"state"`
}

// statusJSON is what status reports: the counts of the month that is named, or
// of all months together, at the top, and every month in the list.
type statusJSON struct {
	letters.Counts
	Month  letters.Month `json:"month,omitempty"`
	Months []monthJSON   `json:"months"`
	doingJSON
}

// status is the command status.
func (h *house) status(ctx context.Context, months []letters.MonthInfo, one bool) error {
	out := statusJSON{Months: []monthJSON{}}
	for _, info := range months {
		m, err := h.monthStatus(ctx, info)
		if err != nil {
			return err
		}
		out.Months = append(out.Months, m)
	}
	if one {
		out.Month, out.Counts = out.Months[0].Month, out.Months[0].Counts
	}
	var err error
	if out.doingJSON, err = h.doing(ctx, out.Month); err != nil {
		return err
	}
	if one {
		return h.p.report("status", out)
	}
	all, err := h.countUp(ctx, "", "")
	if err != nil {
		return err
	}
	out.Counts = all.Counts
	return h.p.report("status", out)
}

func (h *house) monthStatus(ctx context.Context, info letters.MonthInfo) (monthJSON, error) {
	n, err := h.monthCounts(ctx, info.Month)
	if err != nil {
		return monthJSON{}, err
	}
	states, _, err := h.store.StateCounts(ctx, info.Month)
	if err != nil {
		return monthJSON{}, fmt.Errorf("count states of %s: %w", info.Month, err)
	}
	files, err := h.store.Files(ctx, info.Month)
	if err != nil {
		return monthJSON{}, fmt.Errorf("list files of %s: %w", info.Month, err)
	}
	out := monthJSON{Month: info.Month, State: info.State, Counts: n, Date: info.Date, States: states,
		Approved: info.ApprovedBy, Packets: info.PacketsHash != "", Purged: instant(info.PurgedAt), Files: []fileStateJSON{}}
	for _, f := range files {
		out.Files = append(out.Files, fileStateJSON{f.SHA256, f.Name, f.RowsRead, f.State})
	}
	out.Waits, err = h.waiting(ctx, info.Month, states)
	return out, err
}

func (p *program) cmdReconcile() *cobra.Command {
	c := p.command("reconcile [MONTH]", func(cmd *cobra.Command, given []string) error {
		return p.withHome(cmd.Context(), func(h *house) error {
			var m letters.Month
			if len(given) == 1 {
				var err error
				if m, err = letters.ParseMonth(given[0]); err != nil {
					return err
				}
			}
			return h.reconcile(cmd.Context(), m)
		})
	})
	c.Args = args(cobra.MaximumNArgs(1))
	return c
}

// brokenJSON is one invariant that does not hold.
type brokenJSON struct {
	Invariant string   `json:"invariant"`
	Count     int      `json:"count"`
	IDs       []string `json:"ids"`
	Gone      int      `json:"gone,omitempty"` // of count: their files are not there
}

// reconcile is the command reconcile: the invariants of the ledger as queries,
// and the print folders and packets read back.
func (h *house) reconcile(ctx context.Context, m letters.Month) error {
	found, err := h.store.Reconcile(ctx, m)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	more, err := h.reconcileOutside(ctx, m)
	if err != nil {
		return err
	}
	out := []brokenJSON{}
	for _, b := range append(found, more...) {
		out = append(out, brokenJSON{b.Invariant, b.Count, b.IDs, b.Gone})
	}
	err = h.p.report("reconcile", struct {
		Balanced bool         `json:"balanced"`
		Broken   []brokenJSON `json:"broken"`
	}{len(out) == 0, out})
	if err == nil && len(out) > 0 {
		return fail(exitFailed, "unbalanced", fmt.Errorf("%d invariants broken", len(out)), fmt.Sprint(len(out)))
	}
	return err
}
