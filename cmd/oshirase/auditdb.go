package main

import (
	"context"
	"errors"
	"iter"
	"math"

	"oshirase/letters/audit"
	"oshirase/letters/store"
)

// errEnough ends a loop over records that its reader has left.
var errEnough = errors.New("enough")

// chainInLedger is the audit chain in a PostgreSQL ledger: the ledger locks
// and stores, letters/audit chains.
type chainInLedger struct{ store *store.Store }

// AppendChained is audit.Sequencer's.
func (c chainInLedger) AppendChained(ctx context.Context, build func(audit.Head) ([]audit.Record, error)) error {
	return c.store.AuditAppend(ctx, func(n int64, hash string) ([]store.ChainedLine, error) {
		records, err := build(audit.Head{N: n, Hash: hash})
		if err != nil {
			return nil, err
		}
		lines := make([]store.ChainedLine, 0, len(records))
		for _, r := range records {
			line, err := r.Line()
			if err != nil {
				return nil, err
			}
			lines = append(lines, store.ChainedLine{N: r.N, Hash: r.Hash, Line: string(line)})
		}
		return lines, nil
	})
}

// Head is audit.Sequencer's.
func (c chainInLedger) Head(ctx context.Context) (audit.Head, error) {
	n, hash, err := c.store.AuditHead(ctx)
	return audit.Head{N: n, Hash: hash}, err
}

// Since is audit.Sequencer's.
func (c chainInLedger) Since(ctx context.Context, n int64) iter.Seq2[audit.Record, error] {
	return func(yield func(audit.Record, error) bool) {
		for l, err := range c.Lines(ctx, audit.Place{N: n}, 0) {
			var r audit.Record
			if err == nil {
				r, err = audit.ParseLine(l.Text, l.N)
			}
			if err == nil && r.N != l.N {
				err = &audit.BadRow{N: l.N, Fault: audit.WrongNumber}
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// Lines is audit.Sequencer's.
func (c chainInLedger) Lines(ctx context.Context, after audit.Place, most int) iter.Seq2[audit.Line, error] {
	if most == 0 {
		most = math.MaxInt
	}
	return func(yield func(audit.Line, error) bool) {
		stopped := false
		err := c.store.AuditLines(ctx, after.N, most, func(n int64, line []byte) error {
			if !yield(audit.Line{Place: audit.Place{N: n}, Text: line}, nil) {
				stopped = true
				return errEnough
			}
			return nil
		})
		if err != nil && !stopped {
			yield(audit.Line{}, err)
		}
	}
}
