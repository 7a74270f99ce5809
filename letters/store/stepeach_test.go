package store

import (
	"errors"
	"testing"
	"time"

	"oshirase/letters"
)

// TestStepEachSparesTheOthers: a letter that another worker has taken over
// spoils no step of the same commit.
func TestStepEachSparesTheOthers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		released(t, s, 1, 50)
		got, err := s.ClaimEmail(ctx, "w1", 4, time.Hour)
		must(t, err)
		steps := make([]letters.Step, len(got))
		for i, d := range got {
			steps[i] = letters.Step{LetterID: d.LetterID, Generation: 1, Token: d.Token, From: letters.Claimed, To: letters.HandingOver,
				Guard: letters.ByToken, Actor: "w1", At: later(time.Hour).UnixMicro(), MessageID: string(d.LetterID) + "@example.jp"}
		}
		steps[2].Token-- // as a zombie has it
		for i, err := range s.StepEach(ctx, steps) {
			if want := i == 2; errors.Is(err, ErrConflict) != want || err != nil && !want {
				t.Errorf("step %d: %v", i, err)
			}
		}
		all, _, err := s.StateCounts(ctx, feb)
		must(t, err)
		if all[letters.HandingOver] != 3 || all[letters.Claimed] != 1 {
			t.Errorf("states %v, want 3 handing over and 1 claimed", all)
		}
		mails, err := s.ClaimedMails(ctx, "w1")
		must(t, err)
		if len(mails) != 1 || mails[got[2].LetterID] == "" {
			t.Errorf("claimed mails %v", mails)
		}
	})
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		look := func(want string) {
			t.Helper()
			if by, err := s.MailPausedBy(ctx); err != nil || by != want {
				t.Errorf("paused by %q (%v), want %q", by, err, want)
			}
		}
		look("")
		must(t, s.ResumeMail(ctx))
		must(t, s.PauseMail(ctx, "hana"))
		must(t, s.PauseMail(ctx, "jiro"))
		look("jiro")
		must(t, s.ResumeMail(ctx))
		look("")
	})
}
