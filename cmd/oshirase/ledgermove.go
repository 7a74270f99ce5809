package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"oshirase/letters/store"
)

// moveJSON is what migrate --to reports.
type moveJSON struct {
	To    string `json:"to"` // postgresql
	Rows  int64  `json:"rows"`
	Looks int64  `json:"looks"` // records of the audit chain
}

// moveLedger copies the ledger and its audit chain into an empty PostgreSQL
// database. Both have another epoch afterwards, so that neither sends anything
// until two people have said which goes on.
func (h *house) moveLedger(ctx context.Context, to string) (err error) {
	if !strings.HasPrefix(to, "postgres://") && !strings.HasPrefix(to, "postgresql://") {
		return fail(exitUsage, "migrate_to", errors.New("not a PostgreSQL URL"))
	}
	unlock, err := h.lockWork()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := h.note(ctx, keeping(h.p.accountName(), "ledger_move", h.store.LedgerID())); err != nil {
		return err
	}
	schema, err := h.store.Schema(ctx)
	if err != nil {
		return err
	}
	out := moveJSON{To: "postgresql"}
	now := h.p.now()
	err = store.Restore(ctx, to, store.Options{Now: h.p.now, Random: h.p.random}, schema, now.UnixMicro(), func(l *store.Load) error {
		if err := h.store.Snapshot(ctx, counted{l, &out.Rows}); err != nil {
			return err
		}
		return h.moveChain(ctx, l, &out.Looks)
	})
	if errors.Is(err, store.ErrNotEmpty) {
		return fail(exitRefused, "migrate_exists", err)
	}
	if err != nil {
		return err
	}
	if err := h.store.NewEpoch(ctx, h.p.random); err != nil {
		return fmt.Errorf("close the ledger that was moved: %w", err)
	}
	if err := h.p.report("migrate_to", out); err != nil {
		return err
	}
	return errWaits // two people decide before anything is sent
}

// counted is a store.Dump into a store.Load.
type counted struct {
	*store.Load
	rows *int64
}

func (c counted) Row(values []any) error {
	*c.rows++
	return c.Load.Row(values)
}

// moveChain copies the audit chain, record by record.
func (h *house) moveChain(ctx context.Context, l *store.Load, n *int64) (err error) {
	log, closeLog, err := h.chain()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	for r, err := range log.Since(ctx, 0) {
		if err != nil {
			return fmt.Errorf("audit chain: %w", err)
		}
		line, err := r.Line()
		if err != nil {
			return err
		}
		if err := l.Audit(store.ChainedLine{N: r.N, Hash: r.Hash, Line: string(line)}); err != nil {
			return err
		}
		*n++
	}
	return nil
}
