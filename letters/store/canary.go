package store

import (
	"context"
	"fmt"
	"time"

	"oshirase/letters"
)

// canary stands in the release event of the mails that go first.
const canary = "canary"

// ReleaseCanary queues the first limit mails of a month. Until the mail server
// has answered for each of them no others should follow: see CanaryWaits.
func (s *Store) ReleaseCanary(ctx context.Context, m letters.Month, limit int, postOn letters.Date, by string, at time.Time) (int, error) {
	return s.release(ctx, m, letters.Email, limit, postOn, by, canary, at)
}

const sqlCanaryWaits = `SELECT CAST(COUNT(d.letter_id) AS BIGINT) FROM dispatch d
	JOIN letter_event e ON e.letter_id = d.letter_id AND e.generation = d.generation
	WHERE d.month = ? AND d.state IN ('queued_email','claimed','handing_over','deferred','uncertain')
	AND e.guard = 'release' AND e.ref = ?`

// CanaryWaits returns how many of a month's first mails have no answer yet.
func (s *Store) CanaryWaits(ctx context.Context, m letters.Month) (int, error) {
	var n int
	if err := s.reader().get(ctx, &n, sqlCanaryWaits, m, canary); err != nil {
		return 0, fmt.Errorf("first mails of %s: %w", m, err)
	}
	return n, nil
}
