package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"oshirase/letters/store"
)

// onceWaits is how long `work --once` waits for a database that went away;
// without --once work waits as long as it takes.
const onceWaits = time.Minute

// reconnect waits until the ledger can be reached again. The round that failed
// has ended, so nothing is in hand: what this home still holds by the ledger's
// account, such as a claim whose commit was cut off, is given up like after a
// restart.
func (w *workshop) reconnect(ctx context.Context, once bool) error {
	w.h.p.log.Warn("ledger cannot be reached; waiting for it")
	for pause, waited := 100*time.Millisecond, time.Duration(0); ; pause = min(2*pause, 5*time.Second) {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil // a stop was asked for; the loop ends
		case <-timer.C:
		}
		waited += pause
		n, err := w.h.store.EndLeases(ctx, w.worker)
		if err == nil {
			w.h.p.log.Warn("ledger is back", slog.Int("leases_ended", n))
		}
		if !errors.Is(err, store.ErrUnreachable) || once && waited >= onceWaits {
			return err
		}
	}
}
