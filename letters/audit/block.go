package audit

import (
	"slices"
	"strings"
)

// blockSize is how many records a block of the index has.
const blockSize = 64

// block is what the index knows of blockSize records that follow each other:
// enough to read past them when they hold nothing of what is asked for, and
// to see that they are still what they were when they are read.
type block struct {
	place    Place    // before its first line
	head     Head     // before its first record
	last     Head     // its last record
	from, to int64    // the earliest and the latest instant, µs
	terms    []uint32 // sorted
	faulty   bool     // some line is no record, or does not follow: always read
}

// may reports whether the block may hold a record that the query lets
// through.
func (b *block) may(q Query, terms [][]uint32) bool {
	if b.faulty {
		return true
	}
	from, to := q.span()
	if b.to < from || b.from >= to || q.Before != 0 && b.head.N+1 >= q.Before {
		return false
	}
	for _, oneOf := range terms {
		if !slices.ContainsFunc(oneOf, b.has) {
			return false
		}
	}
	return true
}

func (b *block) has(t uint32) bool {
	_, ok := slices.BinarySearch(b.terms, t)
	return ok
}

// same reports whether two blocks know the same.
func (b *block) same(o *block) bool {
	return b.place.N == o.place.N && b.head == o.head && b.last == o.last && b.from == o.from && b.to == o.to &&
		b.faulty == o.faulty && slices.Equal(b.terms, o.terms)
}

// builder makes blocks of lines as they come, and checks that each record
// follows the one before.
type builder struct {
	block
	n   int     // lines in the block so far
	bad *BadRow // the first line of all that is not as it was written
}

// startAt is a builder of the block behind a place.
func startAt(p Place, h Head) builder {
	return builder{block: block{place: p, head: h, last: h, from: 1<<63 - 1, to: -1 << 63, terms: make([]uint32, 0, 8*blockSize)}}
}

// line takes a line and returns its record; ok is false when it is none.
func (b *builder) line(l Line) (r Record, ok bool) {
	b.n++
	r, err := ParseLine(l.Text, l.N)
	if err != nil {
		b.fault(l.N, Unreadable)
		b.last = Head{N: b.last.N + 1}
		return r, false
	}
	b.record(r)
	return r, true
}

// record takes the next record.
func (b *builder) record(r Record) {
	if fault := r.follows(b.last); fault != "" {
		b.fault(b.last.N+1, fault)
	}
	b.last = Head{r.N, r.Hash}
	b.from, b.to = min(b.from, r.At), max(b.to, r.At)
	t := termsOf(r)
	b.terms = append(b.terms, t[:]...)
}

func (b *builder) fault(n int64, f Fault) {
	b.faulty = true
	if b.bad == nil {
		b.bad = &BadRow{n, f}
	}
}

// finish returns the block that is full, and begins the next one behind it.
func (b *builder) finish(end Place) block {
	slices.Sort(b.terms)
	b.last.Hash = strings.Clone(b.last.Hash) // of a line that goes
	done := b.block
	done.terms = slices.Clone(slices.Compact(b.terms))
	next := startAt(end, b.last)
	next.terms, next.bad = b.terms[:0], b.bad
	*b = next
	return done
}
