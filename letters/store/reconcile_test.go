package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

func whole(t *testing.T, s *Store) {
	t.Helper()
	found, err := s.Reconcile(t.Context(), "")
	must(t, err)
	if len(found) != 0 {
		t.Fatalf("a whole ledger is found broken: %+v", found)
	}
}

func TestReconcileNamesPlantedFaults(t *testing.T) {
	t.Parallel()
	faults := []struct{ invariant, query string }{
		{"I1", `UPDATE source_file SET rows_read = rows_read + 1`},
		{"I1", `UPDATE source_row SET outcome = 'held', reason = 'unplanned' WHERE row_no = 2`},
		{"I2", `UPDATE letter_case SET link = 'cancelled'`},
		{"I2", `DELETE FROM letter_case`},
		{"I3", `UPDATE dispatch SET state = 'approved' WHERE state = 'queued_print'`},
		{"I3", `DROP TRIGGER letter_event_no_delete; DELETE FROM letter_event`},
		{"I3", `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
			SELECT letter_id, 90, 1, 1, 'w', state, 'closed', 'time', '' FROM dispatch`},
		{"I4", `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
			SELECT letter_id, 90 + n, 1, 1, 'w', 'x', 'accepted', 'answer', '' FROM dispatch, (SELECT 1 AS n UNION SELECT 2) x`},
		{"I6", `INSERT INTO month_preparer (month, user_name) VALUES ('2023-02', 'kei')`},
		{"I6", `DELETE FROM approval_preparer`},
		{"I6", `INSERT INTO decision (action, reason, proposed_by, proposed_at) VALUES ('again', 'x', 'hiro', 1);
			INSERT INTO dispatch (letter_id, generation, month, recipient_id, channel, state, token, decision_id)
			SELECT letter_id, 2, month, recipient_id, channel, 'planned', 99, 1 FROM dispatch`},
		{"I6", `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
			SELECT letter_id, 90, 1, 1, 'w', state, state, 'decision', '77' FROM dispatch`},
		{"I6", `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
			SELECT letter_id, 90, 1, 1, 'hiro', state, state, 'second_person', '' FROM dispatch`},
		{"I8", `INSERT INTO packet (month, retailer, contracts, lines, hash, made_at) VALUES ('2023-02', 'A0001', 1, 1, '` + sha(1) + `', 1)`},
		{"I9", `UPDATE dispatch SET state = 'claimed', lease_owner = 'w', leased_until = 1`},
	}
	for _, f := range faults {
		s := openAt(t, sqliteTarget(t))
		released(t, s, 1, 5)
		whole(t, s)
		if _, err := s.db.ExecContext(t.Context(), f.query); err != nil {
			t.Fatalf("%s: %v", f.query, err)
		}
		found, err := s.Reconcile(t.Context(), feb)
		must(t, err)
		named := false
		for _, b := range found {
			named = named || b.Invariant == f.invariant && b.Count > 0 && len(b.IDs) > 0
		}
		if !named {
			t.Errorf("%s is not named after %s: %+v", f.invariant, strings.TrimSpace(f.query), found)
		}
	}
}

// A plan of another state of the ledger is refused, the same plan twice
// changes nothing, and a withdrawn file takes exactly its rows along.
func TestPlanAgainAndWithdraw(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		p := planned(t, s, feb, 1, 5)
		must(t, s.ApplyPlan(ctx, p, "hiro", later(time.Hour)))
		events, err := s.Events(ctx, sampleID(1))
		must(t, err)
		if len(events) != 1 {
			t.Errorf("the same plan again made events: %+v", events)
		}
		second := stage(t, s, feb, 900, sampleRow(2, 90, 90))
		other := planOf(t, s, feb, 90, second)
		if err := s.ApplyPlan(ctx, other, "hiro", start()); !errors.Is(err, ErrConflict) {
			t.Errorf("a plan that forgets the first file: %v, want ErrConflict", err)
		}
		whole(t, s)
		back := letters.Plan{Month: feb, Withdraw: p.Activate, Activate: []int64{second}, Rows: other.Rows,
			Cases: other.Cases, Letters: other.Letters}
		for _, l := range p.Letters {
			back.Cancel = append(back.Cancel, l.ID)
		}
		must(t, s.ApplyPlan(ctx, back, "hiro", later(time.Hour)))
		n, err := s.Outcomes(ctx, feb)
		must(t, err)
		if !n.Balanced() || n.Rows != 6 || n.ExcludedRows != 5 || n.LetterRows != 1 || n.Letters != 1 {
			t.Errorf("outcomes %+v", n)
		}
		whole(t, s)
	})
}

func TestSecondPersonAndDecision(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		planned(t, s, feb, 1, 5)
		must(t, s.AddPreparer(ctx, feb, "hiro"))
		if _, _, err := s.BatchHash(ctx, feb); !errors.Is(err, ErrNotRendered) {
			t.Errorf("unrendered month: %v, want ErrNotRendered", err)
		}
		rendered(t, s, feb)
		hash, _, err := s.BatchHash(ctx, feb)
		must(t, err)
		if err := s.Approve(ctx, feb, "hiro", hash, start()); !errors.Is(err, ErrSamePerson) {
			t.Errorf("own approval: %v, want ErrSamePerson", err)
		}
		if err := s.Approve(ctx, feb, "kei", sha(3), start()); !errors.Is(err, ErrConflict) {
			t.Errorf("other hash: %v, want ErrConflict", err)
		}
		must(t, s.Approve(ctx, feb, "kei", hash, start()))
		if err := s.Approve(ctx, feb, "ken", hash, start()); !errors.Is(err, ErrApproved) {
			t.Errorf("second approval: %v, want ErrApproved", err)
		}
		_, err = s.Release(ctx, feb, letters.Print, 0, "2023-01-31", "kei", start())
		must(t, err)
		d := uncertainPrint(t, s, "run-1")[0]
		id, err := s.Propose(ctx, proposal(letters.ActResendPrint, d.LetterID), start())
		must(t, err)
		if _, err := s.Confirm(ctx, id, "hiro", start()); !errors.Is(err, ErrOwnProposal) {
			t.Errorf("own confirmation: %v, want ErrOwnProposal", err)
		}
		_, err = s.Confirm(ctx, id, "kei", start())
		must(t, err)
		_, all, err := s.Letter(ctx, d.LetterID)
		must(t, err)
		if len(all) != 2 || all[0].State != letters.Superseded || all[1].State != letters.Planned {
			t.Errorf("dispatches %+v", all)
		}
		whole(t, s)
	})
}
