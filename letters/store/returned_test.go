package store

import (
	"errors"
	"testing"
	"time"

	"oshirase/letters"
)

// A letter that came back because its address is wrong goes out on paper again
// only to another address; one that was kept too long may go there once more.
func TestReturnedLetterNeedsAnAddress(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 8)
		for i, c := range []struct {
			why string
			ok  bool
		}{{"moved", false}, {"unknown_address", false}, {"incomplete", false}, {"kept_too_long", true}, {"other", true}} {
			if i == 0 {
				uncertainPrint(t, s, "run-1")
			}
			d := returnedFor(t, s, i, c.why)
			same := proposal(letters.ActResendPrint, d.LetterID)
			_, err := s.Propose(t.Context(), same, start())
			if refused, named := errors.AsType[*LetterError](err); (err == nil) != c.ok || !c.ok && (!errors.Is(err, ErrSameAddress) || !named || refused.ID != d.LetterID) {
				t.Errorf("%s, to the same address: %v", c.why, err)
			}
			if c.ok {
				continue
			}
			l, _, err := s.Letter(t.Context(), d.LetterID)
			must(t, err)
			mailOnly, moved := l.Recipient, l.Recipient
			mailOnly.Mail, moved.Address = "new@example.jp", "福岡市中央区天神9-9"
			same.Letters[0].Recipient = &mailOnly
			if _, err := s.Propose(t.Context(), same, start()); !errors.Is(err, ErrSameAddress) {
				t.Errorf("%s, another mailbox: %v, want ErrSameAddress", c.why, err)
			}
			same.Letters[0].Recipient = &moved
			if _, err := s.Propose(t.Context(), same, start()); err != nil {
				t.Errorf("%s, to another address: %v", c.why, err)
			}
		}
		whole(t, s)
	})
}

// returnedFor leads the i-th letter of run-1 to its return.
func returnedFor(t testing.TB, s *Store, i int, why string) letters.Dispatch {
	t.Helper()
	list, err := s.RunDispatches(t.Context(), "run-1")
	must(t, err)
	d := list[i]
	for _, e := range []letters.Transition{{From: letters.Uncertain, To: letters.HandedOver, Guard: letters.ByEvidence},
		{From: letters.HandedOver, To: letters.Posted, Guard: letters.ByReceipt}, {From: letters.Posted, To: letters.Returned, Guard: letters.ByReceipt}} {
		token, err := s.Step(t.Context(), letters.Step{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token, From: e.From,
			To: e.To, Guard: e.Guard, Actor: "reader", At: later(4 * time.Hour).UnixMicro(), Why: why})
		must(t, err)
		d.Token, d.State = token, e.To
	}
	return d
}
