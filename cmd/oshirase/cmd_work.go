package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"oshirase/batch/email"
	"oshirase/batch/printing"
	"oshirase/letters"
	"oshirase/letters/store"
)

func (p *program) cmdWork() *cobra.Command {
	var once bool
	c := p.command("work", func(cmd *cobra.Command, _ []string) error {
		err := p.withHomeWithin(cmd.Context(), startLimit(once), func(h *house) error { return h.workUntil(cmd.Context(), once) })
		if once {
			return err // stopped before its end it has not done what was asked
		}
		return p.untilStopped(cmd.Context(), err)
	})
	c.Args = args(cobra.NoArgs)
	c.Flags().BoolVar(&once, "once", false, p.words.flag("once"))
	return c
}

// pause is how long work waits before it looks again when nothing was due.
const pause = 10 * time.Second

// runJSON is one print run that was made.
type runJSON struct {
	ID      string `json:"id"`
	Letters int    `json:"letters"`
	Sheets  int    `json:"sheets"`
}

// workJSON is what work did.
type workJSON struct {
	Runs      []runJSON `json:"runs"`
	Folder    string    `json:"folder,omitempty"`
	Accepted  int       `json:"accepted"`
	Deferred  int       `json:"deferred"`
	Refused   int       `json:"refused"`
	Uncertain int       `json:"uncertain"`
	NotSent   int       `json:"not_sent"`
	Paused    bool      `json:"paused,omitempty"` // a person has paused the mails

	Ahead int          `json:"mails_ahead,omitempty"` // wait for their posting day,
	From  letters.Date `json:"mails_from,omitempty"`  // the first of which this is

	NotDropped bool  `json:"print_not_dropped,omitempty"` // a run waits for the printer's server
	whyNot     error // why it does
}

// workUntil does what is queued: once, or until it is told to stop.
func (h *house) workUntil(ctx context.Context, once bool) (err error) {
	unlock, err := h.lockWork()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	var w *workshop
	err = h.p.atStart(ctx, startLimit(once), func() (err error) {
		w, err = h.newWorkshop(ctx)
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.journal.Close()) }()
	stopWatch, err := h.watch(ctx, "work", h.cfg.Metrics.Listen, func() int64 { return w.journal.Head().N }, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopWatch()) }()
	out := workJSON{Runs: []runJSON{}}
	for ctx.Err() == nil {
		err := w.round(ctx, &out)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // a stop is not an error
		}
		if errors.Is(err, store.ErrUnreachable) {
			if err = w.reconnect(ctx, once, err); err == nil {
				continue
			}
		}
		if errors.Is(err, email.ErrBrake) { // what was sent before is told first
			if told := h.worked(context.WithoutCancel(ctx), out); !errors.Is(told, errWaits) {
				err = errors.Join(err, told)
			}
		}
		if err != nil {
			return err
		}
		if once {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return h.worked(context.WithoutCancel(ctx), out)
}

// worked reports; an uncertain letter waits for people.
func (h *house) worked(ctx context.Context, out workJSON) error {
	out.Uncertain = 0
	err := h.store.InState(ctx, letters.Uncertain, func(letters.Dispatch) error { out.Uncertain++; return nil })
	if err != nil {
		return fmt.Errorf("count uncertain letters: %w", err)
	}
	ahead, err := h.store.MailsAhead(ctx, "", letters.DateOf(h.p.now()))
	if err != nil {
		return err
	}
	out.Ahead, out.From = ahead.Count, ahead.First
	if len(out.Runs) > 0 {
		out.Folder = h.printRoot()
	}
	if err := h.p.report("work", out); err != nil {
		return err
	}
	if out.NotDropped && errors.Is(out.whyNot, printing.ErrHostKey) {
		return fail(exitFailed, "print_host_key", printing.ErrHostKey, h.cfg.Print.SFTPHost)
	}
	if out.NotDropped {
		return fail(exitFailed, "print_drop", printing.ErrNotDropped)
	}
	if out.Uncertain > 0 {
		return errWaits
	}
	return nil
}

// lockWork refuses a second work process on a SQLite ledger. On PostgreSQL
// several share the work; each home's journal has its own lock.
func (h *house) lockWork() (func() error, error) {
	f, err := os.OpenFile(h.p.inHome("work.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open work lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, fail(exitRefused, "work_running", errors.Join(err, f.Close()))
	}
	return f.Close, nil
}

// round settles what a crash left, makes print runs, and sends mails.
func (w *workshop) round(ctx context.Context, out *workJSON) error {
	if _, _, err := w.h.store.Expire(ctx, w.h.p.now()); err != nil {
		return fmt.Errorf("end old leases: %w", err)
	}
	if _, err := w.h.store.DueDeferred(ctx, w.h.p.now()); err != nil {
		return fmt.Errorf("queue deferred mails: %w", err)
	}
	runs, err := w.shop.Once(ctx)
	for _, r := range runs {
		out.Runs = append(out.Runs, runJSON{r.ID, r.Letters, r.Sheets})
	}
	out.NotDropped, out.whyNot = errors.Is(err, printing.ErrNotDropped), err
	switch { // the mails need not wait for the printer's server
	case out.NotDropped:
		w.h.p.log.Warn("print run not dropped", slog.String("error", err.Error()))
	case errors.Is(err, printing.ErrUncertain) && w.shop.Drop != nil:
		w.h.p.log.Error("print run is uncertain", slog.String("error", err.Error()))
	case err != nil && ctx.Err() == nil:
		return err
	}
	if ctx.Err() != nil {
		return nil
	}
	out.Paused = false
	if err := w.mails(ctx, out); err != nil {
		return err
	}
	return w.journalKnown(ctx)
}

// mails sends what is due. Without a server the letters wait and status says so.
func (w *workshop) mails(ctx context.Context, out *workJSON) error {
	if w.h.cfg.Mail.Host == "" {
		waiting := 0
		err := w.h.store.InState(ctx, letters.QueuedEmail, func(letters.Dispatch) error { waiting++; return nil })
		if err == nil && waiting > 0 {
			fmt.Fprintln(w.h.p.err, w.h.p.words.sentence("mail_unset"))
		}
		return err
	}
	mailer, err := w.mailer()
	if err != nil {
		return err
	}
	if err := w.tryBrake(ctx, &mailer); err != nil {
		return err
	}
	t, err := mailer.Run(ctx)
	out.Accepted += t.Accepted
	out.Deferred += t.Deferred
	out.Refused += t.Refused
	out.NotSent += t.NotSent
	if t.Accepted > 0 {
		err = errors.Join(err, w.h.store.MailGoes(ctx))
	}
	switch {
	case errors.Is(err, email.ErrBrake):
		err = errors.Join(err, w.h.store.BrakeMail(ctx, w.h.p.now()))
		return fail(exitFailed, "mail_brake", err)
	case errors.Is(err, email.ErrPaused):
		out.Paused = true
		return nil
	}
	return err
}

// tryBrake sends the first mail after a brake alone: when it is taken the
// brake is off, at once and not at the end of a long round.
func (w *workshop) tryBrake(ctx context.Context, m *email.Worker) error {
	since, err := w.h.store.MailBrakedSince(ctx)
	if err != nil || since == 0 {
		return err
	}
	m.Canary = 1
	m.Go = func(ctx context.Context, so email.Totals) error {
		if so.Accepted == 0 {
			return nil // the brake counts on by itself
		}
		return w.h.store.MailGoes(context.WithoutCancel(ctx))
	}
	return nil
}
