package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
	"oshirase/letters/store"
)

// TestAccountsAreInTheChain: who may look, since when, and by whose hand is
// told by the chain for what is typed as for what is done at the desk.
func TestAccountsAreInTheChain(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.ok("user", "add", "riku", "--role", "retail")
	before := len(chainOf(t, o))
	o.ledger(func(s *store.Store) {
		at := o.now.UnixMicro()
		err := s.BeginSession(t.Context(), letters.Session{TokenHash: strings.Repeat("a", 64), User: "riku", Way: "local", BeganAt: at, SeenAt: at, ProvedAt: at})
		if err != nil {
			t.Fatal(err)
		}
	})
	o.ok("user", "password", "riku")
	o.ledger(func(s *store.Store) {
		if live, err := s.Sessions(t.Context()); err != nil || len(live) != 0 {
			t.Errorf("who knew the old password is still signed in: %+v, %v", live, err)
		}
	})
	codes := make([]string, 100)
	for i := range codes {
		codes[i] = fmt.Sprintf("A%04d", i)
	}
	o.ok(append([]string{"user", "retailers", "riku"}, codes...)...)
	o.ok("user", "disable", "riku")
	var got, assigned []string
	for _, r := range chainOf(t, o)[before:] {
		if r.Actor != "account:keeper" || r.Object != "riku" || r.Outcome != "tried" || time.UnixMicro(r.At).Before(o.now.Add(-time.Hour)) {
			t.Errorf("record %+v", r)
		}
		if r.Action == "user_retailers" {
			assigned = append(assigned, strings.Split(r.Reason, ",")...)
		}
		got = append(got, r.Action)
	}
	if want := []string{"user_password", "user_retailers", "user_disable"}; !slices.Equal(slices.Compact(got), want) {
		t.Errorf("the chain says %q, want %q", got, want)
	}
	if !slices.Equal(assigned, codes) {
		t.Errorf("the chain names %d retailers of %d: %q", len(assigned), len(codes), assigned)
	}
	o.ok("audit", "verify")
}
