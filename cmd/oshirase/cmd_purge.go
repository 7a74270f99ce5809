package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"oshirase/letters"
	"oshirase/letters/audit"
	"oshirase/letters/store"
)

// purgeFlags are the flags of purge.
type purgeFlags struct {
	by, reason                 string
	propose, confirm, withdraw bool
}

func (p *program) cmdPurge() *cobra.Command {
	var f purgeFlags
	c := p.command("purge MONTH", func(cmd *cobra.Command, given []string) error {
		m, err := letters.ParseMonth(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.purge(cmd.Context(), m, f) })
	})
	c.Args = args(cobra.ExactArgs(1))
	fl := c.Flags()
	fl.StringVar(&f.by, "as", "", p.words.flag("as"))
	fl.StringVar(&f.reason, "reason", "", p.words.flag("decide_reason"))
	fl.BoolVar(&f.propose, "propose", false, p.words.flag("purge_propose"))
	fl.BoolVar(&f.confirm, "confirm", false, p.words.flag("purge_confirm"))
	fl.BoolVar(&f.withdraw, "withdraw", false, p.words.flag("withdraw"))
	c.MarkFlagsMutuallyExclusive("propose", "confirm", "withdraw")
	return c
}

// purgeJSON says what a purge takes, or took, and whether it may.
type purgeJSON struct {
	Month letters.Month `json:"month"`
	Step  string        `json:"step"` // dry_run, proposed, withdrawn, purged
	letters.Purgeable
	Files       map[string]int `json:"files"` // of the home, by folder
	KeptUntil   letters.Date   `json:"kept_until"`
	Allowed     bool           `json:"allowed"`
	ProposedBy  string         `json:"proposed_by,omitempty"`
	ProposedAt  string         `json:"proposed_at,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	ConfirmedBy string         `json:"confirmed_by,omitempty"`
	ConfirmedAt string         `json:"confirmed_at,omitempty"`
	FinishedAt  string         `json:"finished_at,omitempty"`
}

// purge is the command purge: a dry run, one person's proposal, and another's
// confirmation, which deletes.
func (h *house) purge(ctx context.Context, m letters.Month, f purgeFlags) error {
	if h.cfg.Retention.Days < 1 {
		return fail(exitUsage, "purge_days", errors.New("no retention is set"))
	}
	out, err := h.purgePlan(ctx, m)
	if err != nil {
		return err
	}
	switch {
	case f.propose:
		err = h.proposePurge(ctx, f, &out)
	case f.confirm:
		err = h.confirmPurge(ctx, f, &out)
	case f.withdraw:
		err = h.withdrawPurge(ctx, f, &out)
	default:
		return h.purgeDry(out)
	}
	if err != nil {
		return h.refusedPurge(m, err)
	}
	return h.p.report("purge", out)
}

// purgePlan gathers what stands of the month.
func (h *house) purgePlan(ctx context.Context, m letters.Month) (purgeJSON, error) {
	out := purgeJSON{Month: m, Step: "dry_run"}
	var err error
	if out.Purgeable, err = h.store.Purgeable(ctx, m); err != nil {
		return out, err
	}
	if out.Files, err = h.purgeFiles(ctx, m); err != nil {
		return out, err
	}
	until := time.UnixMicro(out.Last).Add(h.retention())
	out.KeptUntil = letters.DateOf(until)
	stands, err := h.store.Purge(ctx, m)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return out, err
	}
	out.stands(stands)
	out.Allowed = out.Undone == 0 && !h.p.now().Before(until) && stands.ConfirmedAt == 0
	return out, nil
}

func (out *purgeJSON) stands(p letters.Purge) {
	out.ProposedBy, out.Reason, out.ConfirmedBy = p.ProposedBy, p.Reason, p.ConfirmedBy
	out.ProposedAt, out.ConfirmedAt, out.FinishedAt = instant(p.ProposedAt), instant(p.ConfirmedAt), instant(p.FinishedAt)
	if p.FinishedAt > 0 {
		out.Step = "purged"
	}
}

func (h *house) retention() time.Duration {
	return time.Duration(h.cfg.Retention.Days) * 24 * time.Hour
}

// purgeDry says what would go, and ends with 4 when it may not go yet, with 5
// when a second person's word is awaited.
func (h *house) purgeDry(out purgeJSON) error {
	if err := h.p.report("purge", out); err != nil {
		return err
	}
	switch {
	case out.FinishedAt != "":
		return nil
	case out.ConfirmedAt != "":
		return fail(exitRefused, "purge_unfinished", errors.New("a purge was interrupted"), string(out.Month))
	case !out.Allowed:
		return h.tooEarly(out)
	case out.ProposedBy != "":
		return errWaits
	}
	return nil
}

// tooEarly says why a month is still needed.
func (h *house) tooEarly(out purgeJSON) error {
	if out.Undone > 0 {
		return fail(exitRefused, "purge_undone", store.ErrUndone, string(out.Month), thousands(out.Undone))
	}
	return fail(exitRefused, "purge_early", errors.New("within the retention"), string(out.Month), string(out.KeptUntil))
}

func (h *house) proposePurge(ctx context.Context, f purgeFlags, out *purgeJSON) error {
	if f.reason == "" {
		return fail(exitUsage, "decide_reason", errors.New("no reason"))
	}
	if err := h.p.signIn(ctx, h.store, f.by, letters.RolePrepare, letters.RoleApprove); err != nil {
		return err
	}
	if out.ConfirmedAt != "" {
		return store.ErrPurged
	}
	if !out.Allowed {
		return h.tooEarly(*out)
	}
	if err := h.notePurge(ctx, f.by, "purge_propose", out, "tried"); err != nil {
		return err
	}
	p := letters.Purge{Month: out.Month, Reason: f.reason, ProposedBy: f.by, ProposedAt: h.p.now().UnixMicro()}
	if err := h.store.ProposePurge(ctx, p); err != nil {
		return err
	}
	out.Step, out.ProposedBy, out.Reason, out.ProposedAt = "proposed", f.by, f.reason, instant(p.ProposedAt)
	return nil
}

func (h *house) withdrawPurge(ctx context.Context, f purgeFlags, out *purgeJSON) error {
	if err := h.p.signIn(ctx, h.store, f.by, letters.RolePrepare, letters.RoleApprove); err != nil {
		return err
	}
	if err := h.notePurge(ctx, f.by, "purge_withdraw", out, "tried"); err != nil {
		return err
	}
	out.Step = "withdrawn"
	return h.store.WithdrawPurge(ctx, out.Month)
}

// confirmPurge deletes. What was interrupted after the ledger's part is
// finished by the same word again.
func (h *house) confirmPurge(ctx context.Context, f purgeFlags, out *purgeJSON) error {
	if err := h.p.signIn(ctx, h.store, f.by, letters.RoleApprove); err != nil {
		return err
	}
	if out.FinishedAt != "" {
		return store.ErrPurged
	}
	if err := h.notePurge(ctx, f.by, "purge", out, "tried"); err != nil {
		return err
	}
	if out.ConfirmedAt == "" {
		if !out.Allowed {
			return h.tooEarly(*out)
		}
		before := h.p.now().Add(-h.retention()).UnixMicro()
		if err := h.store.ConfirmPurge(ctx, out.Month, f.by, before, h.p.random); err != nil {
			return err
		}
	}
	if err := h.forgetFiles(ctx, out.Month); err != nil {
		return fmt.Errorf("delete files of %s: %w", out.Month, err)
	}
	if err := h.store.Compact(ctx); err != nil {
		return err
	}
	if err := h.store.FinishPurge(ctx, out.Month); err != nil {
		return err
	}
	if err := h.notePurge(ctx, f.by, "purge", out, "done"); err != nil {
		return err
	}
	stands, err := h.store.Purge(ctx, out.Month)
	out.stands(stands)
	return err
}

// notePurge puts who deletes what into the audit chain: the month, and how many
// letters.
func (h *house) notePurge(ctx context.Context, by, action string, out *purgeJSON, outcome string) error {
	return h.note(ctx, audit.Entry{Actor: by, Action: action, Object: string(out.Month), Reason: strconv.Itoa(out.Letters),
		Outcome: outcome, Client: "terminal"})
}

func (h *house) refusedPurge(m letters.Month, err error) error {
	for key, kind := range map[string]error{"month_purged": store.ErrPurged, "purge_pending": store.ErrPending, "purge_none": store.ErrNoProposal,
		"decide_own": store.ErrOwnProposal, "purge_moved": store.ErrMoved} {
		if errors.Is(err, kind) {
			return fail(exitRefused, key, err, string(m))
		}
	}
	if errors.Is(err, store.ErrBusy) {
		return fail(exitFailed, "purge_busy", err, string(m))
	}
	return err
}

// unpurged refuses what needs a person's data of a month that has none.
func (h *house) unpurged(ctx context.Context, m letters.Month) error {
	p, err := h.store.Purge(ctx, m)
	if errors.Is(err, store.ErrNotFound) || err == nil && p.ConfirmedAt == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return fail(exitRefused, "month_purged", store.ErrPurged, string(m))
}
