package audit

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Dated is an entry and the instant it was asked for.
type Dated struct {
	At    time.Time
	Entry Entry
}

// Log is an audit chain.
type Log interface {
	// Append chains the entries in their order and returns the new head when
	// all of them are durable; on an error the caller must take it that none
	// is.
	Append(ctx context.Context, entries []Dated) (Head, error)
	// Head returns the last record.
	Head(ctx context.Context) (Head, error)
	// Since yields the records after number n in order. What cannot be read
	// as a record ends the loop with an error, *BadRow where its place is
	// known.
	Since(ctx context.Context, n int64) iter.Seq2[Record, error]
}

// Sequencer is what a storage of chained records offers: the file of this
// package, or the database of another.
type Sequencer interface {
	// AppendChained locks the chain against every other writer, in this
	// process or another, gives build the current head, and makes what build
	// returns durable before it unlocks and returns. When build or anything
	// else fails, nothing is appended. build may be called again when the
	// storage has to start over.
	AppendChained(ctx context.Context, build func(Head) ([]Record, error)) error
	// Head and Since are as in Log.
	Head(ctx context.Context) (Head, error)
	Since(ctx context.Context, n int64) iter.Seq2[Record, error]
}

// Chain makes a Log of a storage.
func Chain(s Sequencer) Log { return chained{s} }

type chained struct{ Sequencer }

func (c chained) Append(ctx context.Context, entries []Dated) (Head, error) {
	for _, d := range entries {
		if err := d.Entry.check(); err != nil {
			return Head{}, err
		}
	}
	var last Head
	err := c.AppendChained(ctx, func(head Head) ([]Record, error) {
		records := make([]Record, 0, len(entries))
		for _, d := range entries {
			r, err := next(head, d.At, d.Entry)
			if err != nil {
				return nil, err
			}
			head = Head{r.N, r.Hash}
			records = append(records, r)
		}
		last = head
		return records, nil
	})
	if err != nil {
		return Head{}, fmt.Errorf("append to audit chain: %w", err)
	}
	return last, nil
}
