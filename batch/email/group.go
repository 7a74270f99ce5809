package email

import (
	"context"
	"errors"
	"sync"

	"oshirase/letters"
)

// commit is one change of state with its line of the journal. After do, err
// says why it is not safely recorded, and stepped whether the ledger has it.
type commit struct {
	step    letters.Step
	record  *Record // nil = none
	stepped bool
	err     error
	done    chan struct{}
}

// group lets whoever comes while a commit is on its way share the next one.
type group struct {
	once    sync.Once
	turn    chan struct{} // held by the one who writes
	mu      sync.Mutex
	waiting []*commit
}

// do returns when every one of wants is recorded or has its error.
func (g *group) do(ctx context.Context, write func(context.Context, []*commit), wants []*commit) {
	if len(wants) == 0 {
		return
	}
	g.once.Do(func() { g.turn = make(chan struct{}, 1) })
	for _, c := range wants {
		c.done = make(chan struct{})
	}
	g.mu.Lock()
	g.waiting = append(g.waiting, wants...)
	g.mu.Unlock()
	last := wants[len(wants)-1]
	select {
	case <-last.done:
		return
	case g.turn <- struct{}{}:
	}
	defer func() { <-g.turn }()
	g.mu.Lock()
	all := g.waiting
	g.waiting = nil
	g.mu.Unlock()
	if len(all) == 0 {
		return // another took ours along
	}
	write(ctx, all)
	for _, c := range all {
		close(c.done)
	}
}

// write commits steps together, then writes their lines with one fsync. A line
// follows its step, but for an outcome that finds its letter changed by
// another: what we know is written all the same, whoever has the letter by now.
func (q *LedgerQueue) write(ctx context.Context, all []*commit) {
	ctx = context.WithoutCancel(ctx) // it serves others too
	steps := make([]letters.Step, len(all))
	for i, c := range all {
		steps[i] = c.step
	}
	var lines []Record
	var written []*commit
	for i, err := range q.Ledger.StepEach(ctx, steps) {
		c := all[i]
		c.err, c.stepped = err, err == nil
		known := c.step.To != letters.HandingOver && errors.Is(err, letters.ErrConflict)
		if c.record != nil && (c.stepped || known) {
			lines, written = append(lines, *c.record), append(written, c)
		}
	}
	if len(lines) == 0 {
		return
	}
	if err := q.Journal(ctx, lines); err != nil {
		for _, c := range written {
			c.err = errors.Join(c.err, err)
		}
	}
}
