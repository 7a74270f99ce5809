package printing

import (
	"context"
	"fmt"
	"sync"
)

// Join adds drawn pages to their print file and returns the number of the
// first, from 1.
type Join func() (firstPage int, err error)

// drawn is one letter that a worker has drawn.
type drawn struct {
	join Join
	err  error
}

// task is a letter to be drawn, and where its pages go.
type task struct {
	item Item
	out  chan drawn
}

// aheadOf is how many letters a worker may be ahead of the file.
const aheadOf = 8

// drawAhead draws letters with several workers and hands them over in the
// order of the items: what stands in the file depends on the order alone.
func (m Maker) drawAhead(ctx context.Context, file PrintFile, items []Item, join func(Item, Join) error) error {
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	workers := max(1, m.Workers)
	tasks, order := make(chan task), make(chan chan drawn, aheadOf*workers)
	running.Go(func() { feed(ctx, items, tasks, order) })
	for range workers {
		running.Go(func() {
			for t := range tasks {
				t.out <- drawOne(ctx, file, t.item)
			}
		})
	}
	for _, it := range items {
		var d drawn
		select {
		case out := <-order:
			d = <-out
		case <-ctx.Done():
			return ctx.Err()
		}
		if d.err != nil {
			return fmt.Errorf("letter %s: %w", it.LetterID, d.err)
		}
		if err := join(it, d.join); err != nil {
			return err
		}
	}
	return nil
}

// feed hands the items to the workers, and their answers' places, in order, to
// the one who joins them.
func feed(ctx context.Context, items []Item, tasks chan<- task, order chan<- chan drawn) {
	defer close(tasks)
	for _, it := range items {
		t := task{it, make(chan drawn, 1)}
		select {
		case tasks <- t:
		case <-ctx.Done():
			return
		}
		select {
		case order <- t.out:
		case <-ctx.Done():
			return
		}
	}
}

// drawOne draws one letter. A panic is an error; its value, which could be a
// piece of a name, is not repeated.
func drawOne(ctx context.Context, file PrintFile, it Item) (d drawn) {
	defer func() {
		if x := recover(); x != nil {
			d = drawn{err: fmt.Errorf("panic (%T) while drawing", x)}
		}
	}()
	d.join, d.err = file.Draw(ctx, it.LetterID, it.Generation)
	return d
}
