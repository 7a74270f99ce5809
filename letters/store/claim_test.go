package store

import (
	"net/url"
	"testing"
	"time"

	"oshirase/letters"
)

// TestClaimTakesNoMoreThanAsked forces the plan under which a claim by
// subquery takes more than its LIMIT: the subquery is run again for each row
// of an outer loop, and skips the rows that the run before has locked.
func TestClaimTakesNoMoreThanAsked(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(postgresTarget(t))
	must(t, err)
	q := u.Query()
	for _, off := range []string{"enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_sort", "enable_material", "enable_memoize"} {
		q.Set(off, "off")
	}
	u.RawQuery = q.Encode()
	s := openAt(t, u.String())
	released(t, s, 1, 300)
	got, err := s.ClaimEmail(t.Context(), "w1", 7, time.Minute)
	must(t, err)
	if len(got) != 7 {
		t.Errorf("claimed %d mails, asked for 7", len(got))
	}
	classes, err := s.QueuedClasses(t.Context())
	must(t, err)
	run := letters.PrintRun{ID: "run-1", Month: feb, Class: classes[0].Class, PostOn: classes[0].PostOn}
	got, err = s.ClaimPrint(t.Context(), "w1", run, 11, time.Minute)
	must(t, err)
	if len(got) != 11 {
		t.Errorf("claimed %d letters for a run, asked for 11", len(got))
	}
}
