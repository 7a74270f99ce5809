package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	sqlStateGauges = `SELECT d.state, d.channel, CAST(COUNT(d.letter_id) AS BIGINT) AS letters, MIN(e.at) AS since
		FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		JOIN letter_event e ON e.letter_id = d.letter_id AND e.seq = d.token
		GROUP BY d.state, d.channel ORDER BY d.state, d.channel`
	sqlMoveGauges = `SELECT to_state AS state, CAST(COUNT(letter_id) AS BIGINT) AS count, MAX(at) AS last
		FROM letter_event GROUP BY to_state ORDER BY to_state`
	sqlHomeGauges = `SELECT home_id AS home, journal_n AS n FROM home ORDER BY home_id`
	sqlLeaseGauge = `SELECT CAST(COUNT(letter_id) AS BIGINT) AS leases, COALESCE(MIN(leased_until), 0) AS ends FROM dispatch WHERE lease_owner <> ''`
	sqlHeldGauges = `SELECT d.hold_reason AS reason, CAST(COUNT(d.letter_id) AS BIGINT) AS letters
		FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE d.state = 'held_review' GROUP BY d.hold_reason ORDER BY d.hold_reason`
	sqlRunGauges = `SELECT state, CAST(COUNT(run_id) AS BIGINT) AS runs, CAST(SUM(letters) AS BIGINT) AS letters
		FROM print_run GROUP BY state ORDER BY state`
	sqlUnseenGauge = `SELECT CAST(COUNT(supervision_id) AS BIGINT) FROM supervision WHERE seen_at = 0`
	sqlOpenGauge   = `SELECT CAST(COUNT(decision_id) AS BIGINT) FROM decision WHERE confirmed_by = '' AND withdrawn_by = ''`
)

// Gauges reads the figures for those who watch the machine.
func (s *Store) Gauges(ctx context.Context) (letters.Gauges, error) {
	var g letters.Gauges
	c := s.reader()
	var lease struct {
		Leases int
		Ends   int64
	}
	var paused string
	var err error
	for _, read := range []func() error{
		func() error { return c.list(ctx, &g.States, sqlStateGauges) },
		func() error { return c.list(ctx, &g.Moves, sqlMoveGauges) },
		func() error { return c.list(ctx, &g.Homes, sqlHomeGauges) },
		func() error { return c.get(ctx, &lease, sqlLeaseGauge) },
		func() error { return c.get(ctx, &g.OpenDecision, sqlOpenGauge) },
		func() error { return c.list(ctx, &g.Held, sqlHeldGauges) },
		func() error { return c.list(ctx, &g.Runs, sqlRunGauges) },
		func() error { return c.get(ctx, &g.Supervision, sqlUnseenGauge) },
		func() error { g.MailBraked, err = s.MailBrakedSince(ctx); return err },
		func() error { paused, err = s.MailPausedBy(ctx); return err },
		func() error { _, g.Unresumed, err = s.Restored(ctx); return err },
	} {
		if err := read(); err != nil {
			return g, fmt.Errorf("gauges: %w", err)
		}
	}
	g.Leases, g.LeaseEnds, g.MailPaused = lease.Leases, lease.Ends, paused != ""
	return g, nil
}
