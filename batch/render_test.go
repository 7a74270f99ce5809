package batch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oshirase/letters"
)

// shelf is a ledger that only renders.
type shelf struct {
	state letters.MonthState
	all   []letters.Letter
	saved []letters.RenderResult
	fail  error
	again int // letters that an approved month sends again
}

func (s *shelf) Month(context.Context, letters.Month) (letters.MonthInfo, error) {
	return letters.MonthInfo{State: s.state}, nil
}
func (s *shelf) AddPreparer(context.Context, letters.Month, string) error { return nil }
func (s *shelf) SetPosting(context.Context, letters.Month, letters.Date, string) error {
	return nil
}
func (s *shelf) PostAgain(context.Context, letters.Month, letters.Date, letters.Date, string, string, string, string) (int, error) {
	return s.again, nil
}
func (s *shelf) Letters(_ context.Context, _ letters.Month, _ []letters.State, each func(letters.Letter, letters.Dispatch) error) error {
	for _, l := range s.all {
		if err := each(l, letters.Dispatch{LetterID: l.ID, Generation: 1, Token: 1}); err != nil {
			return err
		}
	}
	return nil
}
func (s *shelf) SaveRenderings(_ context.Context, r []letters.RenderResult, _ string, _ time.Time) error {
	if s.fail != nil {
		return s.fail
	}
	s.saved = append(s.saved, r...)
	return nil
}

// shelfOf holds n letters with made-up IDs.
func shelfOf(n int) *shelf {
	s := &shelf{state: letters.MonthOpen}
	for i := range n {
		s.all = append(s.all, letters.Letter{ID: letters.ID(fmt.Sprintf("%016d", i)), Recipient: letters.Recipient{Name: "電力 太郎"}})
	}
	return s
}

var errFault = errors.New("a fault")

// handPress panics, holds and fails by the letter's ID, and is spoilt by a fault.
type handPress struct{ spoilt bool }

func (p *handPress) Make(l *letters.Letter, w io.Writer) (letters.Rendering, error) {
	if p.spoilt {
		return letters.Rendering{}, errors.New("a spoilt press was used again")
	}
	switch l.ID[len(l.ID)-1] {
	case '3':
		p.spoilt = true
		panic("cannot draw " + l.Recipient.Name)
	case '5':
		return letters.Rendering{}, fmt.Errorf("lay out: %w", &HoldError{Reason: letters.ReasonGeometry})
	case '7':
		p.spoilt = true
		return letters.Rendering{Pages: 9}, errFault
	}
	_, err := io.WriteString(w, string(l.ID))
	return letters.Rendering{Pages: 2, ContentHash: "of " + string(l.ID)}, err
}

func renderer(s *shelf, workers int, log io.Writer) *Renderer {
	return &Renderer{Ledger: s, NewPress: func() Press { return &handPress{} }, Workers: workers,
		Now: morning, Log: slog.New(slog.NewTextHandler(log, nil))}
}

func byLetter(r []letters.RenderResult) []letters.RenderResult {
	slices.SortFunc(r, func(a, b letters.RenderResult) int { return cmp.Compare(a.LetterID, b.LetterID) })
	for i := range r {
		if strings.HasPrefix(r[i].Why, "panic (string) while drawing in ") {
			r[i].Why = "panic" // the functions differ with the worker
		}
	}
	return r
}

func TestRenderIsTheSameWithAnyNumberOfWorkers(t *testing.T) {
	t.Parallel()
	const n = 1230
	var results [2][]letters.RenderResult
	for i, workers := range []int{1, 4} {
		s := shelfOf(n)
		var log bytes.Buffer
		sum, err := renderer(s, workers, &log).Render(t.Context(), RenderOrder{Month: "2023-02"})
		if err != nil {
			t.Fatal(err)
		}
		if want := (RenderSummary{Rendered: n * 7 / 10, Held: n / 10, Failed: n / 5, Pages: n * 7 / 5}); sum != want {
			t.Errorf("%d workers: got %+v, want %+v", workers, sum, want)
		}
		if strings.Contains(log.String(), "太郎") || !strings.Contains(log.String(), "handPress") {
			t.Error("the log must name the function of a panic, and nobody")
		}
		results[i] = byLetter(s.saved)
	}
	if !reflect.DeepEqual(results[0], results[1]) {
		t.Error("four workers recorded something else than one")
	}
	for _, r := range results[0] {
		last := r.LetterID[len(r.LetterID)-1]
		if r.Failed != (last == '3' || last == '7') || (r.Hold == letters.ReasonGeometry) != (last == '5') {
			t.Errorf("letter %s: failed %v, hold %q", r.LetterID, r.Failed, r.Hold)
		}
		if strings.Contains(r.Why, "太郎") {
			t.Error("the reason of a failed letter holds a name")
		}
	}
}

// A letter whose file could not be kept was not rendered.
func TestRenderDropsWhatCouldNotBeKept(t *testing.T) {
	t.Parallel()
	errFull := errors.New("disk full")
	for what, keep := range map[string]func(write func(io.Writer) error) error{
		"the disk is full after drawing": func(write func(io.Writer) error) error { return errors.Join(write(io.Discard), errFull) },
		"the disk is full before":        func(func(io.Writer) error) error { return errFull },
	} {
		s := shelfOf(100)
		var mu sync.Mutex
		kept := make(map[letters.ID]bool)
		o := RenderOrder{Month: "2023-02", Keep: func(id letters.ID, _ int, write func(io.Writer) error) error {
			if id == s.all[40].ID {
				return keep(write)
			}
			err := write(io.Discard)
			mu.Lock()
			defer mu.Unlock()
			kept[id] = err == nil
			return err
		}}
		_, err := renderer(s, 2, io.Discard).Render(t.Context(), o)
		if !errors.Is(err, errFull) {
			t.Errorf("%s: got %v, want the fault of the disk", what, err)
		}
		for _, r := range s.saved {
			if rendered := !r.Failed && r.Hold == ""; rendered != kept[r.LetterID] {
				t.Errorf("%s: letter %s recorded as rendered = %v, kept = %v", what, r.LetterID, rendered, kept[r.LetterID])
			}
		}
	}
}

func TestRenderRefusesAKeeperThatDrawsNothing(t *testing.T) {
	t.Parallel()
	s := shelfOf(1)
	_, err := renderer(s, 1, io.Discard).Render(t.Context(),
		RenderOrder{Keep: func(letters.ID, int, func(io.Writer) error) error { return nil }})
	if err == nil || len(s.saved) != 0 {
		t.Errorf("got %v and %d results, want an error and none", err, len(s.saved))
	}
}

func TestRenderStopsWhenTheLedgerFails(t *testing.T) {
	t.Parallel()
	s := shelfOf(3000)
	s.fail = errors.New("ledger is gone")
	sum, err := renderer(s, 4, io.Discard).Render(t.Context(), RenderOrder{})
	if !errors.Is(err, s.fail) || sum != (RenderSummary{}) {
		t.Errorf("got %+v, %v: want nothing counted and the fault", sum, err)
	}
	s.state = letters.MonthApproved
	if _, err := renderer(s, 1, io.Discard).Render(t.Context(), RenderOrder{}); !errors.Is(err, ErrMonthApproved) {
		t.Errorf("got %v, want ErrMonthApproved", err)
	}
}

func TestRenderStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	s := shelfOf(3000)
	if _, err := renderer(s, 2, io.Discard).Render(ctx, RenderOrder{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if len(s.saved) > 500 {
		t.Errorf("%d letters were made after the stop", len(s.saved))
	}
}
