package store

import (
	"errors"
	"testing"
	"time"

	"oshirase/letters"
)

// released is a month of n letters that are queued; every tenth by e-mail.
func released(t testing.TB, s *Store, base, n int) {
	t.Helper()
	ctx := t.Context()
	planned(t, s, feb, base, n)
	must(t, s.SetPosting(ctx, feb, "2023-01-31", "総第1号"))
	rendered(t, s, feb)
	must(t, s.AddPreparer(ctx, feb, "hiro"))
	hash, _, err := s.BatchHash(ctx, feb)
	must(t, err)
	must(t, s.Approve(ctx, feb, "kei", hash, later(2*time.Hour)))
	got, err := s.Release(ctx, feb, "", 0, "2023-01-31", "kei", later(3*time.Hour))
	must(t, err)
	if got != n {
		t.Fatalf("released %d, want %d", got, n)
	}
}

func TestPrintRunIsHandedOverWhole(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		released(t, s, 1, 20)
		classes, err := s.QueuedClasses(ctx)
		must(t, err)
		if len(classes) != 1 || classes[0].Count != 18 {
			t.Fatalf("queued classes %v", classes)
		}
		run := letters.PrintRun{ID: "run-1", Month: feb, Class: classes[0].Class, PostOn: classes[0].PostOn}
		got, err := s.ClaimPrint(ctx, "w1", run, 100, time.Minute)
		must(t, err)
		if len(got) != 18 || got[0].State != letters.InPrintRun || got[0].Rendering.Pages != 2 {
			t.Fatalf("claimed %d: %+v", len(got), got[0])
		}
		items := make([]letters.PrintItem, len(got))
		for i, d := range got {
			items[i] = letters.PrintItem{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token,
				File: "a.pdf", FirstPage: 1 + 2*i, Pages: 2, FileHash: sha(1)}
		}
		run.Letters, run.Sheets, run.Manifest = len(got), 2*len(got), sha(5)
		must(t, s.BeginRun(ctx, run))
		if err := s.FinishRun(ctx, run, items[1:], later(4*time.Hour)); !errors.Is(err, ErrConflict) {
			t.Errorf("one item missing: %v, want ErrConflict", err)
		}
		stale := append([]letters.PrintItem(nil), items...)
		stale[3].Token--
		if err := s.FinishRun(ctx, run, stale, later(4*time.Hour)); !errors.Is(err, ErrConflict) {
			t.Errorf("one token stale: %v, want ErrConflict", err)
		}
		must(t, s.FinishRun(ctx, run, items, later(4*time.Hour)))
		all, _, err := s.StateCounts(ctx, feb)
		must(t, err)
		if all[letters.HandedOver] != 18 || all[letters.QueuedEmail] != 2 {
			t.Errorf("state counts %v", all)
		}
		runs, err := s.Runs(ctx, feb)
		must(t, err)
		if len(runs) != 1 || runs[0].State != "handed_over" || runs[0].Letters != 18 {
			t.Errorf("runs %+v", runs)
		}
	})
}

func TestEmailClaimStepsAndLeases(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		released(t, s, 1, 30)
		got, err := s.ClaimEmail(ctx, "w1", 2, -time.Second)
		must(t, err)
		if len(got) != 2 {
			t.Fatalf("claimed %d", len(got))
		}
		step := letters.Step{LetterID: got[0].LetterID, Generation: 1, Token: got[0].Token, From: letters.Claimed,
			To: letters.HandingOver, Guard: letters.ByToken, Actor: "w1", At: later(time.Hour).UnixMicro(), MessageID: "a@example.jp"}
		token, err := s.Step(ctx, step)
		must(t, err)
		if _, err := s.Step(ctx, step); !errors.Is(err, ErrConflict) {
			t.Errorf("same step again: %v, want ErrConflict", err)
		}
		requeued, uncertain, err := s.Expire(ctx, later(time.Minute))
		must(t, err)
		if requeued != 1 || uncertain != 0 {
			t.Errorf("expired %d, %d; want 1 back in the queue", requeued, uncertain)
		}
		step.Token, step.From, step.To, step.Guard = token, letters.HandingOver, letters.QueuedEmail, letters.NoGuard
		if _, err := s.Step(ctx, step); !errors.Is(err, letters.ErrTransition) {
			t.Errorf("handing_over to queued: %v, want ErrTransition", err)
		}
		step.To, step.Guard, step.Reply = letters.Accepted, letters.ByAnswer, "250 ok"
		_, err = s.Step(ctx, step)
		must(t, err)
		d, err := s.ByMessage(ctx, "a@example.jp")
		must(t, err)
		if d.State != letters.Accepted || d.Reply != "250 ok" || d.Attempts != 1 {
			t.Errorf("dispatch %+v", d)
		}
		events, err := s.Events(ctx, d.LetterID)
		must(t, err)
		if len(events) != 7 || events[6].To != letters.Accepted || events[6].Seq != int(d.Token) {
			t.Errorf("events %+v", events)
		}
	})
}

// TestEndedLeasesAreNotForgotten: a worker that died between ending its old
// leases and settling them leaves nothing that breaks I9.
func TestEndedLeasesAreNotForgotten(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 30)
		_, err := s.ClaimEmail(t.Context(), "w1", 2, time.Hour)
		must(t, err)
		n, err := s.EndLeases(t.Context(), "w1")
		must(t, err)
		broken, err := s.Reconcile(t.Context(), "")
		must(t, err)
		if n != 2 || len(broken) != 0 {
			t.Errorf("%d leases ended, then broken: %+v", n, broken)
		}
		requeued, _, err := s.Expire(t.Context(), start())
		must(t, err)
		if requeued != 2 {
			t.Errorf("%d mails queued again, want 2", requeued)
		}
	})
}
