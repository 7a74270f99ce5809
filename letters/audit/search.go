package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Found is what Newest found. Bad is the first record of the chain, as far as
// it was read, that is not as it was written, or nil.
type Found struct {
	Records []Record // the newest first
	More    bool     // there are older ones
	Bad     *BadRow
}

// Newest returns the newest records that the query lets through, at most most
// of them. A broken chain is shown as it stands, and said to be broken.
func (x *Index) Newest(ctx context.Context, q Query, most int) (Found, error) {
	terms := q.terms()
	v, err := x.view(ctx, func() {
		if reasons, ok := x.reasonTerms(q.Reason); ok {
			terms = append(terms, reasons)
		}
	})
	found := Found{Bad: v.bad}
	if err != nil {
		return found, err
	}
	found.take(part{records: v.tail}, q, most)
	run := 2 // blocks read in one go
	for end := len(v.blocks); end > 0 && !found.More; {
		begin := end
		for begin > 0 && end-begin < run && v.blocks[begin-1].may(q, terms) {
			begin--
		}
		if begin == end {
			end--
			continue
		}
		p, err := v.read(ctx, begin, end)
		if err != nil {
			return found, fmt.Errorf("read audit chain: %w", err)
		}
		found.take(p, q, most)
		end, run = begin, min(2*run, runMost)
	}
	return found, nil
}

// runMost is how many blocks are read in one go at most.
const runMost = 64

func (f *Found) take(p part, q Query, most int) {
	for _, r := range slices.Backward(p.records) {
		if !q.Matches(r) {
			continue
		}
		if len(f.Records) == most {
			f.More = true
			break
		}
		f.Records = append(f.Records, r)
	}
	if p.bad != nil && (f.Bad == nil || p.bad.N < f.Bad.N) {
		f.Bad = p.bad
	}
}

// part is what was read in one go.
type part struct {
	records []Record
	bad     *BadRow
}

// read reads the blocks from begin to before end again and holds them against
// what is known of them.
func (v view) read(ctx context.Context, begin, end int) (part, error) {
	known, n, whole := v.blocks[begin:end], blockSize*(end-begin), true
	b := startAt(known[0].place, known[0].head)
	var p part
	for l, err := range v.log.Lines(ctx, known[0].place, n) {
		if isTorn(err) {
			break
		}
		if err != nil {
			return p, err
		}
		if r, ok := b.line(l); ok {
			p.records = append(p.records, r)
		}
	}
	for i := range known {
		whole = whole && !known[i].faulty
	}
	switch p.bad = b.bad; {
	case p.bad != nil || !whole:
	case b.n < n:
		p.bad = &BadRow{b.last.N + 1, Missing}
	case b.last != known[len(known)-1].last:
		p.bad = &BadRow{b.last.N, WrongHash} // computed anew to here
	}
	return p, nil
}

// Between yields the records of a span of time in the chain's order, and
// reads the blocks that have any. A chain that is not whole, as far as it was
// read, is *BadRow: nothing can be said of a span of it.
func (x *Index) Between(ctx context.Context, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		v, err := x.view(ctx, func() {})
		if err == nil && v.bad != nil {
			err = v.bad
		}
		for end := 0; err == nil && end <= len(v.blocks); {
			p, begin := part{records: v.tail}, end
			for end < len(v.blocks) && end-begin < runMost && v.blocks[end].may(q, nil) {
				end++
			}
			switch {
			case begin < end:
				p, err = v.read(ctx, begin, end)
			case end < len(v.blocks):
				end++
				continue
			default:
				end++ // the tail is the last
			}
			if err == nil && p.bad != nil {
				err = p.bad
			}
			for _, r := range p.records {
				if err == nil && q.Matches(r) && !yield(r, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(Record{}, fmt.Errorf("read audit chain: %w", err))
		}
	}
}

// Checked passes the records of the whole chain on, as Verify wants them, and
// makes its blocks anew: one that is not as the index has it ends the loop
// with *BadRow, WrongIndex, and the index is made anew when it is next used.
func (x *Index) Checked(ctx context.Context, records iter.Seq2[Record, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		v, err := x.view(ctx, func() {})
		if err != nil {
			yield(Record{}, err)
			return
		}
		i, b := 0, startAt(Place{}, Head{})
		for r, err := range records {
			if !yield(r, err) || err != nil {
				return
			}
			if i == len(v.blocks) {
				continue
			}
			b.record(r)
			if b.n++; b.n < blockSize {
				continue
			}
			if got := b.finish(Place{N: r.N}); !got.same(&v.blocks[i]) {
				yield(Record{}, errors.Join(&BadRow{got.head.N + 1, WrongIndex}, x.drop(ctx)))
				return
			}
			i++
		}
	}
}

func (x *Index) drop(ctx context.Context) error {
	select {
	case x.turn <- struct{}{}:
		x.reset()
		<-x.turn
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
