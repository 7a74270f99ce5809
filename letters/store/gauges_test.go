package store

import (
	"testing"
	"time"

	"oshirase/letters"
)

func TestGauges(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		empty, err := s.Gauges(t.Context())
		must(t, err)
		if len(empty.States)+len(empty.Moves)+empty.Leases != 0 || empty.MailBraked != 0 || empty.LeaseEnds != 0 {
			t.Errorf("empty ledger: %+v", empty)
		}
		released(t, s, 1, 6)
		mails, err := s.ClaimEmail(t.Context(), "w1", 1, time.Minute)
		must(t, err)
		must(t, s.BrakeMail(t.Context(), start()))
		must(t, s.BrakeMail(t.Context(), start().Add(time.Hour))) // it is on since its first stop
		g, err := s.Gauges(t.Context())
		must(t, err)
		n := 0
		for _, st := range g.States {
			n += st.Letters
			if st.Since <= 0 {
				t.Errorf("%s since %d", st.State, st.Since)
			}
			if st.State == letters.Claimed && st.Letters != len(mails) {
				t.Errorf("%d claimed, want %d", st.Letters, len(mails))
			}
		}
		if n != 6 || g.Leases != len(mails) || g.Leases == 0 || g.LeaseEnds <= 0 || g.MailBraked != start().UnixMicro() {
			t.Errorf("%+v", g)
		}
		must(t, s.MailGoes(t.Context()))
		if g, err = s.Gauges(t.Context()); err != nil || g.MailBraked != 0 {
			t.Errorf("brake is still on: %+v, %v", g, err)
		}
		must(t, s.BrakeMail(t.Context(), start()))
		must(t, s.ResumeMail(t.Context()))
		if at, err := s.MailBrakedSince(t.Context()); err != nil || at != 0 {
			t.Errorf("an approver's word leaves the brake on: %d, %v", at, err)
		}
	})
}
