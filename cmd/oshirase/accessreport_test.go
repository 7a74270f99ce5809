package main

import (
	"testing"
	"time"

	"oshirase/letters"
	"oshirase/letters/audit"
	"oshirase/letters/store"
)

// TestCallOverMidnightHasItsInquiry: what was looked at before midnight and
// recorded after it is explained, at the month's end too; what was looked at
// the day before is not.
func TestCallOverMidnightHasItsInquiry(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.ledger(func(s *store.Store) { shelteredLetter(t, s) })
	id := agentID(t, 1)
	midnight := letters.Date("2023-03-01").Time()
	log, closeLog, err := o.opened().chain()
	if err != nil {
		t.Fatal(err)
	}
	defer closeLog()
	for _, at := range []time.Time{midnight.Add(-26 * time.Hour), midnight.Add(-10 * time.Minute)} {
		look := audit.Entry{Actor: "kana", Action: "letter", Object: string(id), Reason: "content", Outcome: "shown", Client: "192.0.2.1"}
		if _, err := log.Append(t.Context(), []audit.Dated{{At: at, Entry: look}}); err != nil {
			t.Fatal(err)
		}
	}
	o.now = midnight.Add(5 * time.Minute)
	o.ledger(func(s *store.Store) {
		call, err := s.OpenCall(t.Context(), letters.Call{ID: "0123456789abcdef0123456789abcdef", User: "kana", LetterID: id, FoundBy: letters.ByNumber}, store.LookLimits{Span: time.Minute})
		if err == nil {
			_, err = s.Inquire(t.Context(), letters.Inquiry{CallID: call.ID, User: "kana", Outcome: "not_confirmed"}, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	h := o.opened()
	rules, err := h.accessRules(t.Context(), "2023-02")
	if err != nil {
		t.Fatal(err)
	}
	a, err := audit.Analyse(log.Since(t.Context(), 0), "2023-02", rules)
	if err != nil || len(a.Unexplained) != 1 || a.Unexplained[0].Day != "2023-02-27" {
		t.Errorf("unexplained %+v, %v, want the look of the 27th alone", a.Unexplained, err)
	}
}
