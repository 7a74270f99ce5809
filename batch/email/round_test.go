package email

import (
	"testing"
	"time"
)

// TestClockTurnedBackDelaysByOneStep: a clock that goes back a year holds the
// mails for one interval and not for a year.
func TestClockTurnedBackDelaysByOneStep(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	r := &round{Worker: Worker{Every: time.Second, DomainRest: time.Minute, Now: func() time.Time { return now }},
		rest: map[string]time.Time{"example.jp": now.Add(time.Minute)}, free: now.Add(time.Second),
		pending: []*item{{Job: Job{Domain: "example.jp"}}}}
	now = now.AddDate(-1, 0, 0)
	if _, wait := r.next(); wait != time.Second {
		t.Errorf("the next mail waits %v, want a second", wait)
	}
	now = now.Add(time.Second)
	if _, wait := r.next(); wait != time.Minute {
		t.Errorf("a domain that rests waits %v, want a minute", wait)
	}
}
