package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"oshirase/letters/store"
)

// How long a command waits for a database that is away.
const (
	noWait     = time.Duration(0) // a person sits before it and hears at once
	onceWaits  = time.Minute      // work --once, at its start and later
	startWaits = 10 * time.Minute // work and serve at their start: the machine they stand on may have come up first
	forever    = time.Duration(-1)
)

// atStart takes a first step on the ledger, and waits for it where the
// database is away.
func (p *program) atStart(ctx context.Context, limit time.Duration, step func() error) error {
	err := step()
	if !errors.Is(err, store.ErrUnreachable) || limit == noWait {
		return err
	}
	return p.await(ctx, limit, err, step)
}

// await takes a step again and again that found the database away, for limit
// at most, and says so once in the log. Any error but store.ErrUnreachable
// ends it: a wrong password does not get right by waiting. A stop that is
// asked for is context.Canceled.
func (p *program) await(ctx context.Context, limit time.Duration, away error, step func() error) error {
	begun := time.Now()
	p.log.Warn("ledger cannot be reached; waiting for it", slog.String("error", away.Error()))
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		err := step()
		if err == nil {
			p.log.Warn("ledger is back", slog.Duration("waited", time.Since(begun)))
		}
		if !errors.Is(err, store.ErrUnreachable) || limit >= 0 && time.Since(begun) >= limit {
			return err
		}
	}
}

// untilStopped ends a command that runs until it is told to stop: then it has
// done its work, however early in its start the word came.
func (p *program) untilStopped(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		return err
	}
	p.log.Info("stopped", slog.String("error", err.Error()))
	return nil
}

// startLimit is how long work waits for its ledger at its start.
func startLimit(once bool) time.Duration {
	if once {
		return onceWaits
	}
	return startWaits
}

// reconnect waits until the ledger can be reached again. The round that failed
// has ended, so nothing is in hand: what this home still holds by the ledger's
// account, such as a claim whose commit was cut off, is given up like after a
// restart. Without --once it waits as long as it takes. A stop that is asked
// for is no error; the loop ends.
func (w *workshop) reconnect(ctx context.Context, once bool, away error) error {
	limit := forever
	if once {
		limit = onceWaits
	}
	err := w.h.p.await(ctx, limit, away, func() error {
		n, err := w.h.store.EndLeases(ctx, w.worker)
		if n > 0 {
			w.h.p.log.Warn("leases ended", slog.Int("leases", n))
		}
		return err
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}
