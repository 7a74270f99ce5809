package store

import (
	"testing"
	"time"

	"oshirase/letters"
)

// TestMailsComeAgain: a claim that was given back was no try, so that a relay
// that is away uses none up; and a mail that was put off by a clock that ran a
// year ahead is due all the same.
func TestMailsComeAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx, now := t.Context(), later(4*time.Hour)
		released(t, s, 1, 10)
		claim := func(tries int) letters.Dispatch {
			t.Helper()
			got, err := s.ClaimEmail(ctx, "w1", 10, time.Hour)
			must(t, err)
			if len(got) != 1 || got[0].Attempts != tries {
				t.Fatalf("claimed %+v, want one mail at its try %d", got, tries)
			}
			return got[0]
		}
		end := func(d letters.Dispatch, to letters.State, guard letters.Guard, retry time.Time, untried bool) {
			t.Helper()
			st := letters.Step{LetterID: d.LetterID, Generation: 1, Token: d.Token, From: letters.Claimed, To: to, Guard: guard,
				Actor: "w1", At: now.UnixMicro(), Untried: untried}
			if to == letters.Deferred {
				st.RetryAt = retry.UnixMicro()
			}
			_, err := s.Step(ctx, st)
			must(t, err)
		}
		due := func(at time.Time, want int) {
			t.Helper()
			n, err := s.DueDeferred(ctx, at)
			must(t, err)
			if n != want {
				t.Errorf("%d mails are due at %s, want %d", n, at, want)
			}
		}
		end(claim(1), letters.QueuedEmail, letters.ByToken, now, true)
		end(claim(1), letters.Deferred, letters.ByAnswer, now.Add(5*time.Minute), true) // no server
		due(now, 0)
		due(now.Add(5*time.Minute), 1)
		end(claim(1), letters.Deferred, letters.ByAnswer, now.Add(4*time.Hour), false)
		due(now, 0)
		due(now.Add(4*time.Hour), 1)
		end(claim(2), letters.Deferred, letters.ByAnswer, now.AddDate(1, 0, 0), false)
		due(now, 1)
		claim(3)
	})
}
