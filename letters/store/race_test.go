package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"oshirase/letters"
)

// onBothTwice runs a test with two programs on one ledger of each database.
func onBothTwice(t *testing.T, test func(t *testing.T, a, b *Store)) {
	t.Helper()
	for _, back := range backends() {
		t.Run(back.name, func(t *testing.T) {
			t.Parallel()
			target := back.target(t)
			test(t, openAt(t, target), openAt(t, target))
		})
	}
}

// together runs both at the same instant.
func together(a, b func() error) (errA, errB error) {
	var both sync.WaitGroup
	start := make(chan struct{})
	both.Go(func() { <-start; errA = a() })
	both.Go(func() { <-start; errB = b() })
	close(start)
	both.Wait()
	return errA, errB
}

// oneOf proves that one of two came through and the other was refused for one
// of these reasons.
func oneOf(t *testing.T, what string, a, b error, reasons ...error) {
	t.Helper()
	if (a == nil) == (b == nil) {
		t.Fatalf("%s: %v and %v, want exactly one to come through", what, a, b)
	}
	for _, reason := range reasons {
		if errors.Is(errors.Join(a, b), reason) {
			return
		}
	}
	t.Errorf("%s: %v and %v, want one of %v", what, a, b, reasons)
}

func TestTwoApprovalsAtOnce(t *testing.T) {
	t.Parallel()
	onBothTwice(t, func(t *testing.T, a, b *Store) {
		ctx := t.Context()
		planned(t, a, feb, 1, 50)
		must(t, a.AddPreparer(ctx, feb, "hiro"))
		rendered(t, a, feb)
		hash, _, err := a.BatchHash(ctx, feb)
		must(t, err)
		errA, errB := together(func() error { return a.Approve(ctx, feb, "kei", hash, start()) },
			func() error { return b.Approve(ctx, feb, "ken", hash, start()) })
		oneOf(t, "approval", errA, errB, ErrApproved, ErrConflict)
		var n int
		must(t, a.reader().get(ctx, &n, `SELECT CAST(COUNT(approval_id) AS BIGINT) FROM approval`))
		if n != 1 {
			t.Errorf("%d approvals are recorded", n)
		}
		whole(t, a)
	})
}

func TestTwoClaimersAtOnce(t *testing.T) {
	t.Parallel()
	onBothTwice(t, func(t *testing.T, a, b *Store) {
		released(t, a, 1, 300)
		var mu sync.Mutex
		owner := make(map[letters.ID]string)
		claim := func(s *Store, worker string) func() error {
			return func() error {
				for {
					got, err := s.ClaimEmail(t.Context(), worker, 3, time.Hour)
					if err != nil || len(got) == 0 {
						return err
					}
					mu.Lock()
					for _, d := range got {
						if other := owner[d.LetterID]; other != "" {
							t.Errorf("letter %s claimed by %s and %s", d.LetterID, other, worker)
						}
						owner[d.LetterID] = worker
					}
					mu.Unlock()
				}
			}
		}
		errA, errB := together(claim(a, "w1"), claim(b, "w2"))
		must(t, errors.Join(errA, errB))
		if len(owner) != 30 {
			t.Errorf("%d mails claimed, want 30", len(owner))
		}
		whole(t, a)
	})
}

func TestTwoDecisionsAtOnce(t *testing.T) {
	t.Parallel()
	onBothTwice(t, func(t *testing.T, a, b *Store) {
		ctx := t.Context()
		released(t, a, 1, 4)
		id := uncertainPrint(t, a, "run-1")[0].LetterID
		errA, errB := together(
			func() error { _, err := a.Propose(ctx, proposal(letters.ActResendPrint, id), start()); return err },
			func() error { _, err := b.Propose(ctx, proposal(letters.ActUnreachable, id), start()); return err })
		oneOf(t, "proposal", errA, errB, ErrPending, ErrConflict)
		open, err := a.OpenDecisions(ctx)
		must(t, err)
		if len(open) != 1 {
			t.Fatalf("%d proposals wait", len(open))
		}
		errA, errB = together(
			func() error { _, err := a.Confirm(ctx, open[0].ID, "kei", start()); return err },
			func() error { _, err := b.Confirm(ctx, open[0].ID, "ken", start()); return err })
		oneOf(t, "confirmation", errA, errB, ErrDecided, ErrConflict)
		if _, n := stateOf(t, a, id); n > 2 {
			t.Errorf("the letter has %d generations", n)
		}
		whole(t, a)
	})
}

// TestPlanIsAllOrNothing ends the session of a plan that is being applied:
// nothing of it is left, and the same plan can be applied then.
func TestPlanIsAllOrNothing(t *testing.T) {
	t.Parallel()
	target := postgresTarget(t)
	s := openAt(t, named(t, target, "plan-"+t.Name()))
	rows := make([]letters.KeyedRow, 500)
	for i := range rows {
		rows[i] = sampleRow(i+2, 1+i, 1+i)
	}
	plan := planOf(t, s, feb, 1, stage(t, s, feb, 1, rows...))
	db, err := sqlx.Open("postgres", target)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	cut := 0
	for at := 0; cut < 3 && at < 200; at++ {
		err := cutDuring(t, db, "plan-"+t.Name(), at, func() error { return s.ApplyPlan(t.Context(), plan, "hiro", start()) })
		if err == nil {
			break // the plan was quicker than the knife
		}
		cut++
		n, err := s.Outcomes(t.Context(), feb)
		must(t, err)
		if n.Rows != 0 || n.Letters != 0 {
			t.Fatalf("a plan that was cut left %+v", n)
		}
	}
	if cut == 0 {
		t.Fatal("no session was ended: nothing is proved")
	}
	must(t, s.ApplyPlan(t.Context(), plan, "hiro", start()))
	n, err := s.Outcomes(t.Context(), feb)
	must(t, err)
	if n.Letters != 500 || !n.Balanced() {
		t.Errorf("after the cuts %+v", n)
	}
	whole(t, s)
}

// cutDuring ends the named sessions when they have been seen at work so many
// times while fn runs.
func cutDuring(t *testing.T, db *sqlx.DB, name string, at int, fn func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- fn() }()
	for seen := 0; ; {
		select {
		case err := <-done:
			return err
		default:
		}
		var busy int
		must(t, db.Get(&busy, `SELECT COUNT(pid) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'`, name))
		if busy == 0 {
			continue
		}
		if seen++; seen > at {
			must(t, db.Get(&busy, `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1`, name))
			return <-done
		}
	}
}

// A list whose staging broke off leaves nothing: taken in again it counts
// once, and neither rows nor problems of the first try are left.
func TestStagingLeftoversAreSwept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		must(t, s.EnsureMonth(ctx, feb))
		file := letters.SourceFile{Month: feb, SHA256: sha(1), Bytes: 100, Name: "list.csv", Format: "csv", Encoding: "cp932", ImportedBy: "hiro"}
		for try := range 3 {
			id, err := s.StageFile(ctx, file)
			must(t, err)
			must(t, s.StageRows(ctx, id, []letters.KeyedRow{sampleRow(2, 1, 1), sampleRow(3+try, 2, 2)})) // and the program dies
			if n, err := s.Outcomes(ctx, feb); err != nil || n.Rows != 0 {
				t.Fatalf("rows of a list that is being staged count: %+v, %v", n, err)
			}
		}
		for table, want := range map[string]int{"source_file": 1, "source_row": 2} {
			var n int
			must(t, s.reader().get(ctx, &n, fmt.Sprintf(`SELECT CAST(COUNT(file_id) AS BIGINT) FROM %s`, table)))
			if n != want {
				t.Errorf("%s holds %d rows, want %d of the last try", table, n, want)
			}
		}
		whole(t, s)
		planned(t, s, feb, 1, 5)
		whole(t, s)
	})
}
