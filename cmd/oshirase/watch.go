package main

import (
	"context"
	"errors"
	"log/slog"

	"oshirase/batch/metrics"
)

// watch answers those who watch the machine, on a port of this machine, until
// the returned function is called. Without an address there is none.
func (h *house) watch(ctx context.Context, command, address string, journal func() int64, desk *metrics.Desk) (stop func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	l, err := metrics.Listen(ctx, address)
	if errors.Is(err, metrics.ErrNotHere) {
		return nil, fail(exitRefused, "metrics_open", err, address)
	}
	if err != nil {
		return nil, fail(exitFailed, "metrics_listen", err, address)
	}
	h.p.log.Info("metrics answer", slog.String("address", l.Addr().String()))
	s := metrics.Source{Ledger: h.store, Command: command, Version: version, Journal: journal, Desk: desk, Now: h.p.now}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	return func() error { cancel(); return <-done }, nil
}
