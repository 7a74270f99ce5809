package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Index finds records in a long chain without reading all of it. It knows of
// each block of the chain what may be found in it, and only says which blocks
// need not be read: what it returns was read from the chain just now, and
// each block that is read is held against the hash it had before.
//
// It stands in memory alone, made by this process of lines whose hashes it
// checked. Nothing of it is stored, so that nothing stands beside the chain
// that could disagree with it, and appending costs nothing more. It takes
// some ten MiB for a million records, and two or three seconds of a processor to
// make.
type Index struct {
	log  Log
	turn chan struct{} // held by who reads on

	blocks  []block
	open    builder
	reasons map[string]bool // every reason there is; nil when they are too many
	proven  map[Anchor]bool
}

// reasonsMost is how many different reasons are remembered: they are codes,
// with a word behind them where a person typed one.
const reasonsMost = 20_000

// NewIndex makes the index of a log; it reads nothing yet.
func NewIndex(log Log) *Index {
	x := &Index{log: log, turn: make(chan struct{}, 1)}
	x.reset()
	return x
}

func (x *Index) reset() {
	x.blocks, x.open = nil, startAt(Place{}, Head{})
	x.reasons, x.proven = map[string]bool{}, map[Anchor]bool{}
}

// view is the index as it stood at one moment: its blocks never change.
type view struct {
	log    Log
	blocks []block
	tail   []Record // behind the last block
	bad    *BadRow
}

// CatchUp reads what was appended since. The first time that is the whole
// chain; stopped before its end, it goes on from there the next time.
func (x *Index) CatchUp(ctx context.Context) error {
	_, err := x.view(ctx, func() {})
	return err
}

// view catches up; more is called with the index still held.
func (x *Index) view(ctx context.Context, more func()) (v view, err error) {
	select {
	case x.turn <- struct{}{}:
	case <-ctx.Done():
		return view{}, ctx.Err()
	}
	defer func() { <-x.turn }()
	if v.tail, err = x.catchUp(ctx); err != nil {
		return v, fmt.Errorf("read audit chain: %w", err)
	}
	more()
	v.log, v.blocks, v.bad = x.log, x.blocks, x.open.bad
	return v, nil
}

// catchUp reads on, block by block, and returns what fills none yet.
func (x *Index) catchUp(ctx context.Context) (tail []Record, err error) {
	x.open = reopened(x.open)
	for l, err := range x.log.Lines(ctx, x.open.place, 0) {
		if isTorn(err) {
			break // never acknowledged; the next append mends it
		}
		if err != nil {
			return nil, err
		}
		if r, ok := x.open.line(l); ok {
			x.remember(r.Reason)
			tail = append(tail, r)
		}
		if x.open.n == blockSize {
			x.blocks, tail = append(x.blocks, x.open.finish(l.Place)), tail[:0]
		}
	}
	return tail, nil
}

// reopened forgets the lines of a block that was not full.
func reopened(b builder) builder {
	fresh := startAt(b.place, b.head)
	if b.bad != nil && b.bad.N <= b.head.N {
		fresh.bad = b.bad
	}
	return fresh
}

func isTorn(err error) bool {
	bad, ok := errors.AsType[*BadRow](err)
	return ok && bad.Fault == Torn
}

func (x *Index) remember(reason string) {
	if x.reasons == nil || x.reasons[reason] {
		return
	}
	x.reasons[strings.Clone(reason)] = true
	if len(x.reasons) > reasonsMost {
		x.reasons = nil
	}
}

// reasonTerms are the terms of the reasons that hold a part; false when they
// are not known.
func (x *Index) reasonTerms(part string) ([]uint32, bool) {
	if part == "" || x.reasons == nil {
		return nil, false
	}
	var all []uint32
	for reason := range x.reasons {
		if strings.Contains(reason, part) {
			all = append(all, term(byReason, reason))
		}
	}
	return all, true
}
