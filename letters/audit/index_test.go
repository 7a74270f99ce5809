package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oshirase/letters"
)

// anyone draws an entry of few people, many letters and odd reasons; one in
// a thousand is of somebody who is hardly ever there.
func anyone(r *rand.Rand) Entry {
	e := Entry{Actor: fmt.Sprintf("agent%d", r.IntN(12)), Action: []string{"lookup", "letter", "unmask", "search"}[r.IntN(4)],
		Object: fmt.Sprintf("%016d", r.IntN(2000)), Reason: []string{"number", "content name", "content 電話", "", `quoted "T-1"`}[r.IntN(5)],
		Outcome: []string{"shown", "asked", "stopped"}[min(r.IntN(40), 2)], Client: "192.0.2.1"}
	if r.IntN(1000) == 0 {
		e.Actor, e.Action, e.Reason = "rare", "approve", "once "+fmt.Sprint(r.IntN(9))
	}
	return e
}

// grow appends n entries whose instants go on, and now and then back.
func grow(t *testing.T, log Log, r *rand.Rand, at time.Time, n int) time.Time {
	t.Helper()
	var list []Dated
	for range n {
		at = at.Add(time.Duration(r.IntN(600)) * time.Second)
		list = append(list, Dated{at.Add(-time.Duration(r.IntN(2)*r.IntN(3000)) * time.Second), anyone(r)})
	}
	if _, err := log.Append(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return at
}

// anything draws a query; most ask for something that is there.
func anything(r *rand.Rand, begin, end time.Time, n int) Query {
	var q Query
	some := func() bool { return r.IntN(3) == 0 }
	e := anyone(r)
	if some() {
		q.From = begin.Add(time.Duration(r.Int64N(int64(end.Sub(begin)))))
	}
	if some() {
		q.To = begin.Add(time.Duration(r.Int64N(int64(end.Sub(begin)))))
	}
	if some() {
		q.Actors = [][]string{{}, {e.Actor}, {"rare"}, {"rare", e.Actor, "nobody"}, {anyone(r).Actor, anyone(r).Actor}, {"nobody"}}[r.IntN(6)]
	}
	for _, m := range []struct {
		to    *string
		value string
	}{{&q.Action, e.Action}, {&q.Object, e.Object}, {&q.Outcome, e.Outcome}, {&q.Reason, []string{"once", "content", "T-1", "電", "no such"}[r.IntN(5)]}} {
		if some() {
			*m.to = m.value
		}
	}
	if some() {
		q.Before = 1 + r.Int64N(int64(n))
	}
	return q
}

// plainly is what Newest must find: the whole chain read and sifted.
func plainly(all []Record, q Query, most int) (f Found) {
	for _, r := range all {
		if q.Matches(r) {
			f.Records = append(f.Records, r)
		}
	}
	slices.Reverse(f.Records)
	if len(f.Records) > most {
		f.Records, f.More = f.Records[:most], true
	}
	return f
}

func storages(t *testing.T) map[string]Sequencer {
	f, _ := fresh(t)
	return map[string]Sequencer{"file": f, "table": new(memory)}
}

// TestIndexFindsWhatReadingAllFinds asks at random, while the chain grows.
func TestIndexFindsWhatReadingAllFinds(t *testing.T) {
	t.Parallel()
	for name, s := range storages(t) {
		log := Chain(s)
		r, x := rand.New(rand.NewPCG(11, 12)), NewIndex(log)
		end, found, n := clock(), 0, 0
		for _, more := range []int{0, 1, blockSize - 2, 1, 1, 700, 6*blockSize + 24, 3, blockSize, 3000} {
			end, n = grow(t, log, r, end, more), n+more
			all := collect(t, log.Since(t.Context(), 0))
			for range 40 {
				q, most := anything(r, clock(), end.Add(time.Hour), n+2), 1+r.IntN(150)
				want := plainly(all, q, most)
				got, err := x.Newest(t.Context(), q, most)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("%s of %d, %+v: found %d, more %v, bad %v, %v, want %d, %v", name, n, q, len(got.Records), got.More, got.Bad, err, len(want.Records), want.More)
				}
				found += len(got.Records)
			}
			for range 40 { // spans alone, most of them short
				from := clock().Add(time.Duration(r.Int64N(int64(end.Add(time.Hour).Sub(clock())))))
				q := Query{From: from, To: from.Add(time.Duration(r.Int64N(int64(20 * time.Hour))))}
				want := plainly(all, q, n+1).Records
				if got, err := x.Newest(t.Context(), q, n+1); err != nil || !slices.Equal(got.Records, want) {
					t.Fatalf("%s: between %v and %v: %d records, %v, want %d", name, q.From, q.To, len(got.Records), err, len(want))
				}
				slices.Reverse(want)
				if got := collect(t, x.Between(t.Context(), q)); !slices.Equal(got, want) {
					t.Fatalf("%s: between %v and %v, in order: %d records, want %d", name, q.From, q.To, len(got), len(want))
				}
			}
		}
		if found < 2000 {
			t.Errorf("%s: only %d records were found in all", name, found)
		}
		if got := len(x.blocks); got != n/blockSize {
			t.Errorf("%s: %d blocks of %d records", name, got, n)
		}
	}
}

func collect(t *testing.T, records iter.Seq2[Record, error]) (all []Record) {
	t.Helper()
	for r, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// counting tells how many lines were read.
type counting struct {
	Log
	lines *int
}

func (c counting) Lines(ctx context.Context, after Place, most int) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for l, err := range c.Log.Lines(ctx, after, most) {
			*c.lines++
			if !yield(l, err) {
				return
			}
		}
	}
}

// TestIndexReadsWhatIsAskedFor counts lines: the tail for the newest, a block
// for somebody who was there once, nothing for nobody, and of a span its own
// blocks.
func TestIndexReadsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, s := range storages(t) {
		n := 0
		log := counting{Chain(s), &n}
		r := rand.New(rand.NewPCG(1, 9))
		middle := grow(t, log, r, clock(), 7*blockSize+20)
		once := entry(1)
		once.Actor = "once"
		if _, err := log.Append(t.Context(), []Dated{{middle, once}}); err != nil {
			t.Fatal(err)
		}
		end := grow(t, log, r, middle.Add(48*time.Hour), 7*blockSize+30)
		x := NewIndex(log)
		if err := x.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		const tail = 51
		for _, c := range []struct {
			what string
			q    Query
			most int // lines
		}{
			{"the newest", Query{}, tail + 2*blockSize},
			{"somebody who was there once", Query{Actors: []string{"once"}}, tail + blockSize},
			{"nobody", Query{Actors: []string{"nobody"}}, tail},
			{"what this person never did", Query{Actors: []string{"once"}, Action: "approve"}, tail},
			{"a reason there is not", Query{Reason: "no such"}, tail},
			{"before the first", Query{To: clock().Add(-time.Hour)}, tail},
			{"the last hour", Query{From: end.Add(-time.Hour)}, tail + 2*blockSize},
		} {
			n = 0
			if _, err := x.Newest(t.Context(), c.q, 100); err != nil || n > c.most {
				t.Errorf("%s, %s: %d lines read, at most %d expected, %v", name, c.what, n, c.most, err)
			}
		}
		n = 0
		for range x.Between(t.Context(), Query{From: clock(), To: clock().Add(time.Hour)}) {
			continue
		}
		if n > tail+2*blockSize {
			t.Errorf("%s: %d lines read for the first hour", name, n)
		}
	}
}

// TestIndexThatLiesIsFound alters what an index knows, one thing at a time:
// the verification names the block, and the index is made anew.
func TestIndexThatLiesIsFound(t *testing.T) {
	t.Parallel()
	for name, s := range storages(t) {
		log := Chain(s)
		grow(t, log, rand.New(rand.NewPCG(3, 9)), clock(), 4*blockSize+10)
		for lie, tell := range map[string]func(b *block){
			"a term less":     func(b *block) { b.terms = slices.Delete(slices.Clone(b.terms), 3, 4) },
			"no terms":        func(b *block) { b.terms = nil },
			"later":           func(b *block) { b.from += 1e9 },
			"earlier":         func(b *block) { b.to -= 1e9 },
			"another hash":    func(b *block) { b.last.Hash = strings.Repeat("0", 64) },
			"another start":   func(b *block) { b.head.Hash = strings.Repeat("0", 64) },
			"another place":   func(b *block) { b.place.N++ },
			"nothing is good": func(b *block) { b.faulty = true },
		} {
			x := NewIndex(log)
			if err := x.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			if rep, err := Verify(x.Checked(t.Context(), log.Since(t.Context(), 0)), nil, nil); err != nil || rep.Bad != nil {
				t.Fatalf("%s: an honest index: %+v, %v", name, rep, err)
			}
			tell(&x.blocks[2])
			rep, err := Verify(x.Checked(t.Context(), log.Since(t.Context(), 0)), nil, nil)
			if err != nil || rep.Bad == nil || *rep.Bad != (BadRow{2*blockSize + 1, WrongIndex}) {
				t.Errorf("%s, %s: %+v, %v", name, lie, rep.Bad, err)
			}
			if rep, err = Verify(x.Checked(t.Context(), log.Since(t.Context(), 0)), nil, nil); err != nil || rep.Bad != nil {
				t.Errorf("%s, %s: made anew: %+v, %v", name, lie, rep.Bad, err)
			}
		}
	}
}

// TestTamperedBlockIsSaid changes the stored chain under an index that knows
// it: whoever reads the block is told, and shown what stands there.
func TestTamperedBlockIsSaid(t *testing.T) {
	t.Parallel()
	const at = blockSize + 7
	for name, tamper := range map[string]func(rows []Record) []Record{
		"edit":     func(rows []Record) []Record { rows[at].Actor = "taro"; return rows },
		"deletion": func(rows []Record) []Record { return slices.Delete(rows, at, at+1) },
		"swap":     func(rows []Record) []Record { rows[at], rows[at+9] = rows[at+9], rows[at]; return rows },
		"cut":      func(rows []Record) []Record { return rows[:at] },
		"computed anew": func(rows []Record) []Record {
			rows, _ = tamperings["chain computed anew"](rows, at, 0, nil)
			return rows
		},
	} {
		m := new(memory)
		log := Chain(m)
		end := grow(t, log, rand.New(rand.NewPCG(8, 9)), clock(), 2*blockSize+10)
		known, late := NewIndex(log), NewIndex(log)
		if err := known.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.rows = tamper(slices.Clone(m.rows))
		for _, x := range []*Index{known, late} {
			if x == late && (name == "computed anew" || name == "cut") {
				continue // an anchor's business
			}
			got, err := x.Newest(t.Context(), Query{Before: 2 * blockSize}, 3*blockSize)
			if err != nil || got.Bad == nil || got.Bad.N < at+1 || got.Bad.N > 2*blockSize {
				t.Errorf("%s: bad %v, %v", name, got.Bad, err)
			}
			if name != "cut" && len(got.Records) < 2*blockSize-3 {
				t.Errorf("%s: %d records shown", name, len(got.Records))
			}
			var last error
			for _, last = range x.Between(t.Context(), Query{From: clock(), To: end}) {
				continue
			}
			if _, ok := errors.AsType[*BadRow](last); !ok {
				t.Errorf("%s: a month of it was told with %v", name, last)
			}
		}
	}
}

// TestUnreadableLinesAreSaid plants lines in a file that are no records.
func TestUnreadableLinesAreSaid(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	grow(t, Chain(f), rand.New(rand.NewPCG(8, 9)), clock(), 3*blockSize+10)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte{'\n'})
	for _, planted := range []string{"nonsense\n", "\n", strings.Repeat("x", 9*maxRow) + "\n"} {
		other := filepath.Join(t.TempDir(), "audit.jsonl")
		if err := os.WriteFile(other, slices.Concat(bytes.Join(lines[:99], nil), []byte(planted), bytes.Join(lines[99:], nil)), 0o600); err != nil {
			t.Fatal(err)
		}
		x := NewIndex(Chain(openFile(t, other)))
		got, err := x.Newest(t.Context(), Query{}, 4*blockSize)
		if err != nil || got.Bad == nil || *got.Bad != (BadRow{100, Unreadable}) || len(got.Records) != 3*blockSize+10 {
			t.Errorf("%.10q: %d records, bad %v, %v", planted, len(got.Records), got.Bad, err)
		}
	}
}

func TestAnchorsAreHeldAgainstTheIndex(t *testing.T) {
	t.Parallel()
	m := new(memory)
	log, end := Chain(m), clock()
	var anchors []Anchor
	for i := range 5 {
		end = grow(t, log, rand.New(rand.NewPCG(8, uint64(i))), end, 500)
		a, err := NewAnchor(letters.Date("2023-02-01").AddDays(i), m.head(), key())
		if err != nil {
			t.Fatal(err)
		}
		anchors = append(anchors, a)
	}
	n := 0
	x := NewIndex(counting{log, &n})
	check := func(what string, list []Anchor, want *BadRow) {
		t.Helper()
		if got, err := x.Anchored(t.Context(), list, public()); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, %v, want %v", what, got, err, want)
		}
	}
	check("as they are", anchors, nil)
	n = 0
	check("again", anchors, nil)
	if n > 2*(2500%blockSize) {
		t.Errorf("%d lines read for anchors that were seen", n)
	}
	forged := slices.Clone(anchors)
	forged[1], _ = NewAnchor("2023-02-02", Head{1000, strings.Repeat("0", 64)}, key())
	check("another hash", forged, &BadRow{1000, WrongAnchor})
	forged[1], _ = NewAnchor("2023-02-02", Head{2501, strings.Repeat("0", 64)}, key())
	check("of what is gone", forged, &BadRow{2501, Missing})
	forged[1].Sig = ""
	check("unsigned", forged, &BadRow{2501, BadAnchor})
}

// TestIndexServesManyAtOnce asks, verifies and appends side by side.
func TestIndexServesManyAtOnce(t *testing.T) {
	t.Parallel()
	f, _ := fresh(t)
	log := Chain(f)
	end := grow(t, log, rand.New(rand.NewPCG(1, 1)), clock(), 500)
	x := NewIndex(log)
	var all sync.WaitGroup
	all.Go(func() {
		r := rand.New(rand.NewPCG(2, 2))
		for range 20 {
			end = grow(t, log, r, end, 90)
		}
	})
	for i := range 4 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(i)))
			for range 20 {
				q := anything(r, clock(), clock().Add(240*time.Hour), 500)
				if got, err := x.Newest(t.Context(), q, 50); err != nil || got.Bad != nil {
					t.Errorf("%+v: %+v, %v", q, got.Bad, err)
				}
				for _, err := range x.Between(t.Context(), Query{From: q.From, To: q.To}) {
					if err != nil {
						t.Error(err)
					}
				}
			}
			if rep, err := Verify(x.Checked(t.Context(), log.Since(t.Context(), 0)), nil, nil); err != nil || rep.Bad != nil {
				t.Errorf("verified meanwhile: %+v, %v", rep.Bad, err)
			}
		})
	}
	all.Wait()
}
