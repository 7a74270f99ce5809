package main

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"oshirase/batch/desk"
	"oshirase/letters/audit"
)

// chainPatience is how long the desk waits for a verification before it shows
// how far it is.
const chainPatience = 3 * time.Second

// chainCheck is the desk's verification of the whole chain: one at a time, in
// the background, since a long chain takes longer than a browser waits.
type chainCheck struct {
	life context.Context // of the desk
	wait sync.WaitGroup
	read atomic.Int64

	mu      sync.Mutex
	running chan struct{} // closed at its end; nil when none runs
	last    desk.ChainCheck
}

func (c *chainCheck) state() desk.ChainCheck {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.last
	s.Running, s.Read = c.running != nil, c.read.Load()
	return s
}

// Chain is desk.AuditReader's.
func (d deskChain) Chain(ctx context.Context) (s desk.ChainState, err error) {
	head, err := d.log.Head(ctx)
	if _, broken := errors.AsType[*audit.BadRow](err); err != nil && !broken {
		return s, err
	}
	anchors, err := audit.ReadAnchors(d.h.auditPath(d.h.cfg.Audit.AnchorFile))
	if err != nil {
		return s, err
	}
	s = desk.ChainState{Records: head.N, Hash: head.Hash, Check: d.check.state()}
	for _, a := range slices.Backward(anchors) {
		s.Anchors = append(s.Anchors, desk.Anchor{Date: a.Date, N: a.N, Hash: a.Hash})
	}
	return s, nil
}

// Verify is desk.AuditReader's.
func (d deskChain) Verify(ctx context.Context) error {
	c := d.check
	c.mu.Lock()
	if c.running == nil {
		c.running = make(chan struct{})
		c.read.Store(0)
		c.wait.Go(d.runCheck)
	}
	done := c.running
	c.mu.Unlock()
	select {
	case <-done:
	case <-time.After(chainPatience):
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (d deskChain) runCheck() {
	c := d.check
	v, err := d.verify(c.life)
	if err != nil && c.life.Err() == nil {
		d.h.p.log.LogAttrs(c.life, slog.LevelError, "verify the audit chain", slog.String("error", err.Error()))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = desk.ChainCheck{At: d.h.p.now().UnixMicro(), Failed: err != nil, Verdict: v}
	close(c.running)
	c.running = nil
}

// verify reads the whole chain and holds anchors and index against it.
func (d deskChain) verify(ctx context.Context) (desk.ChainVerdict, error) {
	v, err := d.h.verified(ctx, d.log, d.h.ownAnchors(), d.counted, func(all iter.Seq2[audit.Record, error]) iter.Seq2[audit.Record, error] {
		return d.index.Checked(ctx, all)
	})
	out := desk.ChainVerdict{Records: v.Records, Unanchored: v.Unanchored, Anchors: v.Anchors}
	if v.Bad != nil {
		out.Bad, out.Fault = max(v.Bad.N, 1), string(v.Bad.Fault)
	}
	return out, err
}

// counted notes how far the verification is.
func (d deskChain) counted(records iter.Seq2[audit.Record, error]) iter.Seq2[audit.Record, error] {
	return func(yield func(audit.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				d.check.read.Store(r.N)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
