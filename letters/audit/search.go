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
	for i := len(v.blocks) - 1; i >= 0 && !found.More; i-- {
		if !v.blocks[i].may(q, terms) {
			continue
		}
		p, err := v.read(ctx, i)
		if err != nil {
			return found, fmt.Errorf("read audit chain: %w", err)
		}
		found.take(p, q, most)
	}
	return found, nil
}

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

// read reads a block again and holds it against what is known of it.
func (v view) read(ctx context.Context, i int) (part, error) {
	known := &v.blocks[i]
	b := startAt(known.place, known.head)
	var p part
	for l, err := range v.log.Lines(ctx, known.place, blockSize) {
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
	switch p.bad = b.bad; {
	case p.bad != nil || known.faulty:
	case b.n < blockSize:
		p.bad = &BadRow{b.last.N + 1, Missing}
	case b.last != known.last:
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
		for i := 0; err == nil && i <= len(v.blocks); i++ {
			p := part{records: v.tail}
			if i < len(v.blocks) {
				if !v.blocks[i].may(q, nil) {
					continue
				}
				p, err = v.read(ctx, i)
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
