package store

import (
	"errors"
	"testing"

	"oshirase/letters"
)

// forDesk runs a test on both databases, and on PostgreSQL as the desk uses it.
func forDesk(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	onBoth(t, test)
	t.Run("prepared", func(t *testing.T) {
		t.Parallel()
		s := openAt(t, postgresTarget(t))
		must(t, s.PrepareDesk(t.Context()))
		test(t, s)
	})
}

const sqlCutOthers = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = $1`

// TestPreparedOutlivesItsSessions: a server that ended every session gets the
// statements anew, outside a transaction and within.
func TestPreparedOutlivesItsSessions(t *testing.T) {
	t.Parallel()
	target := postgresTarget(t)
	other := openAt(t, target)
	s := openAt(t, target+"&application_name="+t.Name())
	must(t, s.PrepareDesk(t.Context()))
	withShelter(t, s, 2)
	opened(t, s, 1, sampleID(1))
	var cut int
	if err := other.db.Get(&cut, sqlCutOthers, t.Name()); err != nil || cut == 0 {
		t.Fatalf("%d sessions cut, %v", cut, err)
	}
	call, err := letters.Call{}, ErrUnreachable
	for errors.Is(err, ErrUnreachable) { // once a session that was cut
		call, err = s.OpenCall(t.Context(), letters.Call{ID: callID(2), User: "kana", LetterID: sampleID(1), FoundBy: letters.ByNumber}, tenMinutes())
	}
	must(t, err)
	if got, err := s.Call(t.Context(), call.ID, call.User); err != nil || got.Answer != letters.CallFound {
		t.Errorf("after the cut: %+v, %v", got, err)
	}
}

func TestEveryDeskStatementIsPrepared(t *testing.T) {
	t.Parallel()
	s := openAt(t, postgresTarget(t))
	must(t, s.PrepareDesk(t.Context()))
	if got, want := len(s.ready), len(deskStatements()); got != want {
		t.Errorf("%d statements prepared, want %d: one stands twice", got, want)
	}
}
