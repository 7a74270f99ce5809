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

// Place is where a stored line ends: it has the number N, and in a file the
// next one begins at Offset. The zero Place is the chain's start.
type Place struct{ N, Offset int64 }

// Line is a stored line, read by nobody yet. Text is the reader's until the
// next line comes.
type Line struct {
	Place
	Text []byte
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
	// Lines yields what is stored after a place, whatever it is, and reads
	// nothing before it: at most most lines, 0 for all. Half a line at the end
	// of a file ends the loop with *BadRow, Torn.
	Lines(ctx context.Context, after Place, most int) iter.Seq2[Line, error]
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
	// Head, Since and Lines are as in Log.
	Head(ctx context.Context) (Head, error)
	Since(ctx context.Context, n int64) iter.Seq2[Record, error]
	Lines(ctx context.Context, after Place, most int) iter.Seq2[Line, error]
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
