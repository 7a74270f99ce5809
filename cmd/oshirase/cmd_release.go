package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/letters"
	"oshirase/letters/store"
)

// releaseFlags are the flags of release.
type releaseFlags struct {
	by, only, postOn      string
	expect, canary, limit int
}

func (p *program) cmdRelease() *cobra.Command {
	var f releaseFlags
	c := p.command("release MONTH", func(cmd *cobra.Command, given []string) error {
		o, err := f.order(cmd, given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.release(cmd.Context(), o, f.canary > 0) })
	})
	c.Args = args(cobra.ExactArgs(1))
	fl := c.Flags()
	fl.StringVar(&f.by, "as", "", p.words.flag("as"))
	fl.IntVar(&f.expect, "expect", 0, p.words.flag("expect"))
	fl.StringVar(&f.only, "only", "", p.words.flag("only"))
	fl.IntVar(&f.canary, "canary", 0, p.words.flag("canary"))
	fl.IntVar(&f.limit, "limit", 0, p.words.flag("limit"))
	fl.StringVar(&f.postOn, "post-on", "", p.words.flag("post_on"))
	return c
}

// order turns the flags into a release; without --expect it is a dry run.
func (f *releaseFlags) order(cmd *cobra.Command, month string) (o batch.ReleaseOrder, err error) {
	if o.Month, err = letters.ParseMonth(month); err != nil {
		return o, err
	}
	o.By, o.Limit = f.by, f.limit
	switch f.only {
	case "", string(letters.Print), string(letters.Email):
		o.Channel = letters.Channel(f.only)
	default:
		return o, fail(exitUsage, "only", errors.New("no such channel"), f.only)
	}
	if f.canary > 0 { // a canary is a small first tranche of mails
		o.Channel, o.Limit = letters.Email, f.canary
	}
	if f.postOn != "" {
		if o.PostOn, err = letters.ParseDate(f.postOn); err != nil {
			return o, err
		}
	}
	if cmd.Flags().Changed("expect") {
		o.Expect = &f.expect
	}
	return o, nil
}

// release is the command release.
func (h *house) release(ctx context.Context, o batch.ReleaseOrder, canary bool) error {
	if o.Expect != nil {
		if err := h.p.signIn(ctx, h.store, o.By, letters.RoleApprove); err != nil {
			return err
		}
		if err := h.filled(); err != nil {
			return err
		}
	}
	now, err := h.edition()
	if err != nil {
		return err
	}
	var ledger batch.ReleaseLedger = h.store
	if canary {
		ledger = canaryLedger{h.store}
	}
	if err := h.canaryAnswered(ctx, o); err != nil {
		return err
	}
	res, err := batch.Release(ctx, ledger, o, now, h.p.now())
	if errors.Is(err, batch.ErrExpectation) {
		return fail(exitRefused, "release_count", err, thousands(*o.Expect), thousands(res.Print+res.Email))
	}
	if err != nil {
		return err
	}
	unbriefed, err := h.unbriefed(ctx, o.Month)
	if err != nil {
		return err
	}
	return h.p.report("release", struct {
		Month     letters.Month `json:"month"`
		Dry       bool          `json:"dry_run"`
		Print     int           `json:"print"`
		Email     int           `json:"email"`
		Total     int           `json:"total"`
		Queued    int           `json:"queued"`
		Unbriefed int           `json:"retailers_not_briefed"`
	}{o.Month, res.Dry, res.Print, res.Email, res.Print + res.Email, res.Queued, unbriefed})
}

// canaryAnswered refuses to release more mails while the first few have no
// answer of the mail server yet.
func (h *house) canaryAnswered(ctx context.Context, o batch.ReleaseOrder) error {
	if o.Expect == nil || o.Channel == letters.Print {
		return nil
	}
	waits, err := h.store.CanaryWaits(ctx, o.Month)
	if err == nil && waits > 0 {
		err = fail(exitRefused, "canary_waits", errors.New("the first mails wait for their answer"), thousands(waits))
	}
	return err
}

// canaryLedger releases a first few mails, marked as such: the rest stays
// approved until they were accepted and a person releases it.
type canaryLedger struct{ *store.Store }

func (l canaryLedger) Release(ctx context.Context, m letters.Month, _ letters.Channel, limit int, on letters.Date, by string, at time.Time) (int, error) {
	return l.ReleaseCanary(ctx, m, limit, on, by, at)
}

// filled refuses outside the demo while a placeholder is open or the window
// is not confirmed.
func (h *house) filled() error {
	in := h.set.Incident()
	if in.Demo {
		return nil
	}
	open := len(in.Open)
	if !in.Sheet.Confirmed {
		open++
	}
	if open > 0 {
		return fail(exitRefused, "placeholders", batch.ErrPlaceholders, fmt.Sprint(open))
	}
	return nil
}

// unbriefed counts the retailers concerned whose packet is not yet offered.
func (h *house) unbriefed(ctx context.Context, m letters.Month) (int, error) {
	info, err := h.store.Month(ctx, m)
	if err != nil || info.PacketsHash != "" {
		return 0, err
	}
	concerned := make(map[string]bool)
	err = h.store.PacketRows(ctx, m, func(r letters.PacketRow) error {
		concerned[r.RetailerCode] = true
		return nil
	})
	return len(concerned), err
}
