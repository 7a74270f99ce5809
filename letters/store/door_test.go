package store

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oshirase/letters"
)

// tried reports whether a password would be compared.
func tried(t testing.TB, s *Store, account, client string) bool {
	t.Helper()
	open, err := s.TrySignIn(t.Context(), account, client)
	must(t, err)
	return open
}

// TestAccountIsClosedLongerEachTime: five tries are free, and neither another
// process nor a restart forgets them.
func TestAccountIsClosedLongerEachTime(t *testing.T) {
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
			for i := range letters.FreeTries {
				if !tried(t, []*Store{s, other}[i%2], "kana", fmt.Sprint(i)) {
					t.Fatalf("closed after %d tries", i)
				}
			}
			s = reopen()
			wait := time.Second
			for range 15 {
				now = now.Add(wait - time.Microsecond)
				if tried(t, s, "kana", "x") {
					t.Fatalf("open before %s", wait)
				}
				now = now.Add(time.Microsecond)
				if !tried(t, other, "kana", "x") {
					t.Fatalf("closed for longer than %s", wait)
				}
				wait = min(2*wait, letters.DoorLongest)
			}
			if !tried(t, s, "mika", "x") {
				t.Error("another account waits too")
			}
			now = now.Add(letters.DoorForgets + time.Second)
			for i := range letters.FreeTries {
				if !tried(t, s, "kana", "x") {
					t.Errorf("an hour later closed after %d tries", i)
				}
			}
		})
	}
}

// TestOneAddressTriesFewAccounts: a password that one knows buys no tries at
// others, and people at one address who are right do not wait for each other.
func TestOneAddressTriesFewAccounts(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		for i := range 2 * letters.FreeTriesClient {
			name := fmt.Sprintf("right%d", i)
			if !tried(t, s, name, "192.0.2.7") {
				t.Fatalf("closed after %d right passwords", i)
			}
			must(t, s.RightSignIn(t.Context(), name))
		}
		for i := range letters.FreeTriesClient {
			if !tried(t, s, fmt.Sprintf("wrong%d", i), "192.0.2.7") {
				t.Fatalf("closed after %d wrong passwords", i)
			}
			must(t, s.WrongSignIn(t.Context(), "192.0.2.7"))
			must(t, s.RightSignIn(t.Context(), "mine"))
		}
		if tried(t, s, "another", "192.0.2.7") {
			t.Error("twenty accounts were tried from one address, and the next is looked at")
		}
		if !tried(t, s, "another", "192.0.2.8") {
			t.Error("another address waits too")
		}
	})
}

func TestTriesAtTheSameTimeAreFewToo(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		var compared atomic.Int64
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				if open, err := s.TrySignIn(t.Context(), "kana", fmt.Sprint(i)); err != nil {
					t.Error(err)
				} else if open {
					compared.Add(1)
				}
			})
		}
		wg.Wait()
		if got := compared.Load(); got != letters.FreeTries {
			t.Errorf("%d tries at once, want %d", got, letters.FreeTries)
		}
	})
}
