package audit

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// broken stands before a file and fails on demand.
type broken struct {
	file
	failWrite, failSync bool
}

var errDisk = errors.New("disk says no")

func (b *broken) Write(p []byte) (int, error) {
	if b.failWrite {
		n, _ := b.file.Write(p[:len(p)/2])
		return n, errDisk
	}
	return b.file.Write(p)
}

func (b *broken) Sync() error {
	if b.failSync {
		return errDisk
	}
	return b.file.Sync()
}

// stuck is a log whose Append waits until it is let go.
type stuck struct {
	Log
	entered, release chan struct{}
}

func (s stuck) Append(ctx context.Context, e []Dated) (Head, error) {
	s.entered <- struct{}{}
	<-s.release
	return s.Log.Append(ctx, e)
}

// memory is the least a database has to offer.
type memory struct {
	mu   sync.Mutex
	rows []Record
}

func (m *memory) AppendChained(_ context.Context, build func(Head) ([]Record, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := build(m.head()); err != nil { // a transaction that had to start over
		return err
	}
	records, err := build(m.head())
	m.rows = append(m.rows, records...)
	return err
}

func (m *memory) head() Head {
	if len(m.rows) == 0 {
		return Head{}
	}
	last := m.rows[len(m.rows)-1]
	return Head{last.N, last.Hash}
}

func (m *memory) Head(context.Context) (Head, error) { return m.head(), nil }

func (m *memory) Since(_ context.Context, n int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, r := range m.rows {
			if r.N > n && !yield(r, nil) {
				return
			}
		}
	}
}

// Lines gives the rows as a table would: a deleted one leaves its number out.
func (m *memory) Lines(_ context.Context, after Place, most int) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		n := 0
		for i, r := range m.rows {
			if int64(i) < after.Offset {
				continue
			}
			text, err := r.Line()
			if !yield(Line{Place{r.N, int64(i) + 1}, text}, err) {
				return
			}
			if n++; n == most {
				return
			}
		}
	}
}
