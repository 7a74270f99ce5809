package desk

import (
	"context"
	"sync"

	"oshirase/letters"
)

// turns has the answers about one letter compared one after the other, in this
// process: of many sent at once each would else find that none was wrong yet.
type turns struct {
	mu sync.Mutex
	of map[letters.ID]chan struct{} // closed when the turn is over
}

func newTurns() *turns { return &turns{of: map[letters.ID]chan struct{}{}} }

// take waits for a letter's turn; leave gives it back.
func (t *turns) take(ctx context.Context, id letters.ID) (leave func(), err error) {
	for {
		t.mu.Lock()
		over, taken := t.of[id]
		if !taken {
			t.of[id] = make(chan struct{})
			t.mu.Unlock()
			return func() { t.leave(id) }, nil
		}
		t.mu.Unlock()
		select {
		case <-over:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (t *turns) leave(id letters.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.of[id])
	delete(t.of, id)
}
