package audit

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// commitLimit ends a commit that hangs, so that the next one gets its turn.
const commitLimit = 30 * time.Second

// Writer is a process's one way into the chain. It gathers the looks that
// wait, commits them at once and then releases their callers.
type Writer struct {
	log  Log
	now  func() time.Time
	turn chan struct{} // held by the commit under way

	mu      sync.Mutex
	waiting []*look
}

// look is one caller's entry on its way.
type look struct {
	dated Dated
	done  chan struct{} // closed when err stands
	err   error
}

// NewWriter makes the writer of a log; now is the clock.
func NewWriter(log Log, now func() time.Time) *Writer {
	return &Writer{log: log, now: now, turn: make(chan struct{}, 1)}
}

// Look records that somebody is about to see something, and returns when the
// record is durable. On any error the caller must show nothing: fail closed.
// A caller whose context ends stops waiting, while the record may still be
// written; a look too many in the chain does no harm, one too few does.
func (w *Writer) Look(ctx context.Context, e Entry) error {
	// A bad entry must not fail the others of its commit.
	if err := e.check(); err != nil {
		return fmt.Errorf("record look: %w", err)
	}
	l := &look{dated: Dated{w.now(), e}, done: make(chan struct{})}
	w.mu.Lock()
	w.waiting = append(w.waiting, l)
	w.mu.Unlock()
	select {
	case <-l.done:
	case <-ctx.Done():
	case w.turn <- struct{}{}:
		// The commit serves others too, so it outlives this caller.
		go w.commit(context.WithoutCancel(ctx))
	}
	select {
	case <-l.done:
		if l.err != nil {
			return fmt.Errorf("record look: %w", l.err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("record look: %w", ctx.Err())
	}
}

// commit appends all that waits and gives the turn back.
func (w *Writer) commit(ctx context.Context) {
	defer func() { <-w.turn }()
	w.mu.Lock()
	batch := w.waiting
	w.waiting = nil
	w.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, commitLimit)
	defer cancel()
	entries := make([]Dated, len(batch))
	for i, l := range batch {
		entries[i] = l.dated
	}
	_, err := w.log.Append(ctx, entries)
	for _, l := range batch {
		l.err = err
		close(l.done)
	}
}
