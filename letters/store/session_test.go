package store

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

func staffed(t *testing.T, s *Store, names ...string) {
	t.Helper()
	for _, n := range names {
		must(t, s.AddUser(t.Context(), letters.User{Name: n, Role: letters.RoleRetail}))
	}
}

func session(token, user string, at time.Time) letters.Session {
	return letters.Session{TokenHash: strings.Repeat(token, 64)[:64], User: user, Way: "local", Client: "192.0.2.7",
		BeganAt: at.UnixMicro(), SeenAt: at.UnixMicro(), ProvedAt: at.UnixMicro()}
}

func TestSessionsAreKeptSeenAndEnded(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		staffed(t, s, "kei", "mei")
		a, b, c := session("a", "kei", start()), session("b", "kei", start()), session("c", "mei", start())
		for _, n := range []letters.Session{a, b, c} {
			must(t, s.BeginSession(t.Context(), n))
		}
		if err := s.BeginSession(t.Context(), a); !errors.Is(err, ErrConflict) {
			t.Errorf("the same token twice: %v", err)
		}
		later := start().Add(time.Minute)
		must(t, s.SeeSession(t.Context(), a.TokenHash, later))
		must(t, s.SeeSession(t.Context(), a.TokenHash, start())) // an older look changes nothing
		old := a.TokenHash
		a.TokenHash = strings.Repeat("e", 64)
		must(t, s.ProveSession(t.Context(), old, a.TokenHash, later))
		if _, err := s.Session(t.Context(), old); !errors.Is(err, ErrNotFound) {
			t.Errorf("the token from before the proof: %v", err)
		}
		got, err := s.Session(t.Context(), a.TokenHash)
		must(t, err)
		want := a
		want.SeenAt, want.ProvedAt = later.UnixMicro(), later.UnixMicro()
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		n, u, err := s.SignedIn(t.Context(), a.TokenHash)
		if person := (letters.User{Name: "kei", Role: letters.RoleRetail}); err != nil || n != want || u != person {
			t.Errorf("signed in %+v, %+v, %v", n, u, err)
		}
		if _, _, err := s.SignedIn(t.Context(), strings.Repeat("d", 64)); !errors.Is(err, ErrNotFound) {
			t.Errorf("an unknown token: %v", err)
		}
		must(t, s.EndSession(t.Context(), b.TokenHash, later))
		if err := s.ProveSession(t.Context(), b.TokenHash, strings.Repeat("f", 64), later); !errors.Is(err, ErrConflict) {
			t.Errorf("an ended session is proved: %v", err)
		}
		must(t, s.SeeSession(t.Context(), b.TokenHash, later.Add(time.Minute)))
		if got, err = s.Session(t.Context(), b.TokenHash); err != nil || got.EndedAt != later.UnixMicro() || got.SeenAt != b.SeenAt {
			t.Errorf("an ended session: %+v, %v", got, err)
		}
		must(t, s.EndSessions(t.Context(), "mei", later))
		live, err := s.Sessions(t.Context())
		must(t, err)
		if len(live) != 1 || live[0].TokenHash != a.TokenHash {
			t.Errorf("live sessions %+v, want one", live)
		}
		must(t, s.SweepSessions(t.Context(), later))
		if _, err := s.Session(t.Context(), b.TokenHash); !errors.Is(err, ErrNotFound) {
			t.Errorf("a swept session: %v", err)
		}
		if _, err := s.Session(t.Context(), a.TokenHash); err != nil {
			t.Errorf("a session seen since was swept: %v", err)
		}
	})
}

func TestBarringNewRolesAndPasswordsEndSessions(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		staffed(t, s, "kei", "mei")
		must(t, s.BeginSession(t.Context(), session("a", "kei", start())))
		must(t, s.BeginSession(t.Context(), session("b", "mei", start())))
		must(t, s.AssignRetailers(t.Context(), "kei", []string{"B", "A", "A"}))
		if got, err := s.RetailersOf(t.Context(), "kei"); err != nil || !slices.Equal(got, []string{"A", "B"}) {
			t.Errorf("retailers %q, %v", got, err)
		}
		must(t, s.ChangeUser(t.Context(), letters.User{Name: "kei", Role: letters.RoleRetail, Lead: true, Subject: "s-1"}))
		if live, err := s.Sessions(t.Context()); err != nil || len(live) != 2 {
			t.Errorf("the same role ended a session: %d, %v", len(live), err)
		}
		must(t, s.ChangeUser(t.Context(), letters.User{Name: "kei", Role: letters.RoleAudit, Subject: "s-1"}))
		if got, err := s.RetailersOf(t.Context(), "kei"); err != nil || len(got) != 0 {
			t.Errorf("an auditor looks after %q, %v", got, err)
		}
		must(t, s.DisableUser(t.Context(), "mei"))
		if live, err := s.Sessions(t.Context()); err != nil || len(live) != 0 {
			t.Errorf("sessions after a new role and a bar: %+v, %v", live, err)
		}
		must(t, s.BeginSession(t.Context(), session("c", "kei", start())))
		must(t, s.SetPassword(t.Context(), "kei", "$argon2id$new"))
		if live, err := s.Sessions(t.Context()); err != nil || len(live) != 0 {
			t.Errorf("sessions after a new password: %+v, %v", live, err)
		}
		if err := s.SetPassword(t.Context(), "nobody", "$argon2id$new"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a password of nobody: %v", err)
		}
		if err := s.AssignRetailers(t.Context(), "kei", []string{"A"}); !errors.Is(err, ErrConflict) {
			t.Errorf("retailers for an auditor: %v", err)
		}
	})
}

func TestSubjectsAreOnePersonsEach(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		staffed(t, s, "kei", "mei")
		must(t, s.ChangeUser(t.Context(), letters.User{Name: "kei", Role: letters.RoleRetail, Subject: "s-1"}))
		if err := s.ChangeUser(t.Context(), letters.User{Name: "mei", Role: letters.RoleRetail, Subject: "s-1"}); !errors.Is(err, ErrConflict) {
			t.Errorf("another's subject: %v", err)
		}
		if u, err := s.UserBySubject(t.Context(), "s-1"); err != nil || u.Name != "kei" {
			t.Errorf("got %+v, %v", u, err)
		}
		for _, nobody := range []string{"", "mei", "kei", "s-2"} {
			if _, err := s.UserBySubject(t.Context(), nobody); !errors.Is(err, ErrNotFound) {
				t.Errorf("subject %q: %v", nobody, err)
			}
		}
		if err := s.ChangeUser(t.Context(), letters.User{Name: "nobody", Role: letters.RoleRetail}); !errors.Is(err, ErrNotFound) {
			t.Errorf("nobody changed: %v", err)
		}
	})
}
