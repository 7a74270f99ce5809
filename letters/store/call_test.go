package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"oshirase/letters"
)

func callID(n int) string { return fmt.Sprintf("%032x", n) }

func tenMinutes() LookLimits { return LookLimits{Span: 10 * time.Minute, Alert: 30, Stop: 60} }

// opened opens a call of kana about a letter.
func opened(t testing.TB, s *Store, n int, id letters.ID) letters.Call {
	t.Helper()
	call, err := s.OpenCall(t.Context(), letters.Call{ID: callID(n), User: "kana", LetterID: id, FoundBy: letters.ByNumber}, LookLimits{Span: time.Minute})
	must(t, err)
	return call
}

// withShelter is a month of n letters, the last of them under 支援措置.
func withShelter(t testing.TB, s *Store, n int) {
	t.Helper()
	rows := make([]letters.KeyedRow, n)
	for i := range rows {
		rows[i] = sampleRow(i+2, 1+i, 1+i)
	}
	rows[n-1].Handling = letters.HandlingShelter
	must(t, s.ApplyPlan(t.Context(), planOf(t, s, feb, 1, stage(t, s, feb, 2, rows...)), "hiro", start()))
}

// kinds lists what stands on the supervisor's list.
func kinds(t testing.TB, s *Store) (out []string) {
	t.Helper()
	list, err := s.Supervisions(t.Context())
	must(t, err)
	for _, v := range list {
		out = append(out, v.Kind+" "+v.User+" "+string(v.LetterID))
	}
	return out
}

func TestThirtyOneAlertSixtyOneStop(t *testing.T) {
	t.Parallel()
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			target, now := b.target(t), start()
			must(t, Migrate(t.Context(), target, testOptions()))
			reopen := func() *Store {
				s, err := Open(t.Context(), target, Options{Now: func() time.Time { return now }})
				must(t, err)
				t.Cleanup(func() { s.Close() })
				return s
			}
			s, other := reopen(), reopen()
			for i := 1; i <= 60; i++ {
				if i == 20 {
					s = reopen() // a restart forgets nothing
				}
				from := []*Store{s, other}[i%2]
				_, err := from.OpenCall(t.Context(), letters.Call{ID: callID(i), User: "kana", FoundBy: letters.ByNumber}, tenMinutes())
				must(t, err)
				if got, want := len(kinds(t, s)), i/31; want <= 1 && got != want {
					t.Fatalf("look-up %d: %d alerts, want %d", i, got, want)
				}
				now = now.Add(5 * time.Second)
			}
			for range 2 {
				_, err := s.OpenCall(t.Context(), letters.Call{ID: callID(61), User: "kana", FoundBy: letters.ByNumber}, tenMinutes())
				if !errors.Is(err, ErrTooMany) {
					t.Fatalf("look-up 61: %v, want ErrTooMany", err)
				}
			}
			if got := fmt.Sprint(kinds(t, s)); got != "[stopped kana  many kana ]" {
				t.Errorf("supervisor's list %s", got)
			}
			if _, err := s.OpenCall(t.Context(), letters.Call{ID: callID(100), User: "mika", FoundBy: letters.ByNumber}, tenMinutes()); err != nil {
				t.Errorf("somebody else: %v", err)
			}
			now = now.Add(10 * time.Minute)
			if err := other.CountSearch(t.Context(), "kana", tenMinutes()); err != nil {
				t.Errorf("ten minutes later: %v", err)
			}
		})
	}
}

func TestCallFindsAndHidesShelter(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		withShelter(t, s, 3)
		if c := opened(t, s, 1, sampleID(1)); c.Answer != letters.CallFound {
			t.Errorf("known letter: %s", c.Answer)
		}
		if c := opened(t, s, 2, sampleID(99)); c.Answer != letters.CallNotFound || c.LetterID != "" {
			t.Errorf("unknown letter: %+v", c)
		}
		if c := opened(t, s, 3, sampleID(3)); c.Answer != letters.CallShelter {
			t.Errorf("letter under 支援措置: %s", c.Answer)
		}
		if got, want := fmt.Sprint(kinds(t, s)), "[shelter kana "+string(sampleID(3))+"]"; got != want {
			t.Errorf("supervisor's list %s, want %s", got, want)
		}
		if _, err := s.Call(t.Context(), callID(1), "mika"); !errors.Is(err, ErrNotFound) {
			t.Errorf("somebody else's call: %v, want ErrNotFound", err)
		}
		found, err := s.SubjectsAt(t.Context(), "8100004")
		must(t, err)
		if len(found) != 3 || found[0].Shelter || !found[2].Shelter {
			t.Errorf("subjects %+v", found)
		}
		found, err = s.SubjectsOf(t.Context(), "0000")
		must(t, err)
		if len(found) != 3 {
			t.Errorf("%d subjects by telephone, want 3", len(found))
		}
	})
}

// TestThreeMissesWhoeverAsks counts wrong answers over calls and agents, until
// the supervisor has looked.
func TestThreeMissesWhoeverAsks(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		planned(t, s, feb, 1, 2)
		first, second := opened(t, s, 1, sampleID(1)), opened(t, s, 2, sampleID(1))
		for i, call := range []letters.Call{first, first, second} {
			n, err := s.Miss(t.Context(), call)
			must(t, err)
			if n != i+1 {
				t.Errorf("miss %d counts %d", i+1, n)
			}
		}
		if err := s.Match(t.Context(), second, letters.CheckedPhone); !errors.Is(err, ErrTooMany) {
			t.Errorf("a match after three misses: %v, want ErrTooMany", err)
		}
		list, err := s.Supervisions(t.Context())
		must(t, err)
		if len(list) != 1 || list[0].Kind != "misses" {
			t.Fatalf("supervisor's list %+v", list)
		}
		if err := s.See(t.Context(), list[0].ID, "kana", "checked"); !errors.Is(err, ErrConflict) {
			t.Errorf("the agent answers for herself: %v, want ErrConflict", err)
		}
		must(t, s.See(t.Context(), list[0].ID, "boss", "checked"))
		must(t, s.Match(t.Context(), second, letters.CheckedPhone))
	})
}

// TestMissesAtTheSameTimeAreCounted has wrong answers come in by several calls
// about one letter, as from several processes: each counts the ones before it,
// so that the third is not overlooked.
func TestMissesAtTheSameTimeAreCounted(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		planned(t, s, feb, 1, 2)
		counted := make(map[int]bool)
		var wg sync.WaitGroup
		var mu sync.Mutex
		for i := range 12 {
			call := opened(t, s, 1+i, sampleID(1))
			wg.Go(func() {
				n, err := s.Miss(t.Context(), call)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || counted[n] {
					t.Errorf("a miss is number %d, as another one; %v", n, err)
				}
				counted[n] = true
			})
		}
		wg.Wait()
		if got := kinds(t, s); len(got) != 1 {
			t.Errorf("supervisor's list %s, want the letter once", got)
		}
	})
}

func TestNothingBeforeMatchAndPurpose(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		planned(t, s, feb, 1, 2)
		call := opened(t, s, 1, sampleID(1))
		if err := s.Purpose(t.Context(), call.ID, "content", letters.CallerSelf, ""); !errors.Is(err, ErrConflict) {
			t.Errorf("purpose before match: %v, want ErrConflict", err)
		}
		if err := s.Reveal(t.Context(), call.ID, letters.FieldName); !errors.Is(err, ErrConflict) {
			t.Errorf("reveal before match: %v, want ErrConflict", err)
		}
		must(t, s.Match(t.Context(), call, letters.CheckedName))
		if err := s.Reveal(t.Context(), call.ID, letters.FieldName); !errors.Is(err, ErrConflict) {
			t.Errorf("reveal before purpose: %v, want ErrConflict", err)
		}
		must(t, s.Purpose(t.Context(), call.ID, "content", letters.CallerFamily, "電力 次郎"))
		must(t, s.Reveal(t.Context(), call.ID, letters.FieldName))
		list, err := s.Reveals(t.Context(), call.ID)
		must(t, err)
		if len(list) != 1 || list[0].Until != start().Add(letters.RevealSpan).UnixMicro() {
			t.Errorf("reveals %+v", list)
		}
		_, err = s.Inquire(t.Context(), letters.Inquiry{CallID: call.ID, User: "kana", Outcome: "explained"}, nil)
		must(t, err)
		if err := s.Reveal(t.Context(), call.ID, letters.FieldName); !errors.Is(err, ErrConflict) {
			t.Errorf("reveal after the end: %v, want ErrConflict", err)
		}
	})
}

// TestCountingManyAtOnce has many goroutines look up at the same time.
func TestCountingManyAtOnce(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for i := range 80 {
			wg.Go(func() {
				err := s.CountSearch(t.Context(), "kana", tenMinutes())
				mu.Lock()
				defer mu.Unlock()
				if errors.Is(err, ErrTooMany) {
					refused++
				} else if err != nil {
					t.Errorf("look-up %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if refused != 20 {
			t.Errorf("%d of 80 refused, want 20", refused)
		}
	})
}
