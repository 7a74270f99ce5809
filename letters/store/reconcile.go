package store

import (
	"context"
	"fmt"
	"time"

	"oshirase/letters"
)

// invariant is one query of reconcile; it returns the IDs that break it. Its
// two parameters are the month, or "" for all.
type invariant struct{ name, query string }

const (
	// I1: rows read = the sum of the five, per file; a file's bytes are known.
	sqlI1Sums = `SELECT CAST(f.file_id AS TEXT) FROM source_file f
		WHERE f.state <> 'staging' AND (CAST(? AS TEXT) = '' OR f.month = CAST(? AS TEXT))
		AND (f.bytes = 0 OR f.rows_read <> (SELECT COUNT(r.row_no) FROM source_row r WHERE r.file_id = f.file_id
		AND r.outcome IN ('letter','merged','excluded','held','rejected')))
		ORDER BY f.file_id`
	sqlI1Unplanned = `SELECT DISTINCT CAST(f.file_id AS TEXT) FROM source_file f JOIN source_row r ON r.file_id = f.file_id
		WHERE f.state <> 'staging' AND (CAST(? AS TEXT) = '' OR f.month = CAST(? AS TEXT))
		AND (r.reason = 'unplanned' OR (f.state = 'withdrawn') <> (r.reason = 'withdrawn'))`

	// I2: every case that a row goes out with is in exactly one letter that is
	// not cancelled, and its facts are told once.
	sqlI2Rows = `SELECT DISTINCT CAST(r.case_id AS TEXT) FROM source_row r JOIN source_file f ON f.file_id = r.file_id
		WHERE (CAST(? AS TEXT) = '' OR f.month = CAST(? AS TEXT)) AND r.outcome IN ('letter','merged') AND f.state = 'active'
		AND NOT EXISTS (SELECT 1 FROM letter_case lc
		WHERE lc.letter_id = r.letter_id AND lc.case_id = r.case_id AND lc.link <> 'cancelled')`
	sqlI2Twice = `SELECT CAST(MIN(lc.case_id) AS TEXT) FROM letter_case lc JOIN letter l ON l.letter_id = lc.letter_id
		WHERE lc.link = 'told' AND (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))
		GROUP BY lc.case_key, lc.version HAVING COUNT(lc.letter_id) > 1`
	sqlI2Links = `SELECT CAST(lc.case_id AS TEXT) FROM letter_case lc JOIN letter l ON l.letter_id = lc.letter_id
		JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))
		AND lc.link <> CASE d.state WHEN 'held_review' THEN 'held' WHEN 'cancelled' THEN 'cancelled' ELSE 'told' END
		ORDER BY lc.case_id`
	sqlI2Untold = `SELECT l.letter_id FROM letter l
		WHERE (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))
		AND NOT EXISTS (SELECT 1 FROM letter_case lc WHERE lc.letter_id = l.letter_id) ORDER BY l.letter_id`

	// I3: every letter has its dispatch and events, the last event is the
	// state, and each event begins where the one before ended.
	sqlI3Last = `SELECT l.letter_id FROM letter l LEFT JOIN dispatch d ON d.letter_id = l.letter_id
		WHERE (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))
		AND COALESCE(d.state, 'none') <> COALESCE((SELECT e.to_state FROM letter_event e
		WHERE e.letter_id = d.letter_id AND e.generation = d.generation ORDER BY e.seq DESC LIMIT 1), '')
		ORDER BY l.letter_id`
	sqlI3Newest = `SELECT l.letter_id FROM letter l
		WHERE (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))
		AND l.generation <> COALESCE((SELECT MAX(d.generation) FROM dispatch d WHERE d.letter_id = l.letter_id), 0)
		ORDER BY l.letter_id`
	sqlI3Chain = `SELECT DISTINCT x.letter_id FROM (
		SELECT e.letter_id, e.from_state, LAG(e.to_state) OVER (PARTITION BY e.letter_id, e.generation ORDER BY e.seq) AS before_state
		FROM letter_event e JOIN letter l ON l.letter_id = e.letter_id
		WHERE (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))) x
		WHERE x.from_state <> COALESCE(x.before_state, '')`

	// I4: a letter is handed over at most once, and once more for every
	// decision to send again.
	sqlI4 = `SELECT e.letter_id FROM letter_event e JOIN letter l ON l.letter_id = e.letter_id
		WHERE (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))
		GROUP BY e.letter_id
		HAVING SUM(CASE WHEN e.to_state IN ('accepted','handed_over') THEN 1 ELSE 0 END) > 1
		+ SUM(CASE WHEN e.guard = 'decision' AND (e.from_state = '' OR e.to_state IN ('queued_print','queued_email')) THEN 1 ELSE 0 END)
		ORDER BY e.letter_id`

	// I6: no second generation without a decision of two people that covers
	// the first, and no approval by one who prepared.
	sqlI6Generation = `SELECT d.letter_id FROM dispatch d
		WHERE d.generation > 1 AND (CAST(? AS TEXT) = '' OR d.month = CAST(? AS TEXT))
		AND NOT EXISTS (SELECT 1 FROM decision x JOIN decision_letter xl ON xl.decision_id = x.decision_id
		WHERE x.decision_id = d.decision_id AND xl.letter_id = d.letter_id AND xl.generation = d.generation - 1
		AND x.reason <> '' AND x.proposed_by <> '' AND x.confirmed_by <> '' AND x.confirmed_by <> x.proposed_by)
		ORDER BY d.letter_id`
	sqlI6Decided = `SELECT DISTINCT e.letter_id FROM letter_event e JOIN letter l ON l.letter_id = e.letter_id
		WHERE e.guard = 'decision' AND (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))
		AND NOT EXISTS (SELECT 1 FROM decision x JOIN decision_letter xl ON xl.decision_id = x.decision_id
		WHERE CAST(x.decision_id AS TEXT) = e.ref AND xl.letter_id = e.letter_id
		AND x.confirmed_by <> '' AND x.confirmed_by <> x.proposed_by)
		ORDER BY e.letter_id`
	sqlI6Own = `SELECT DISTINCT e.letter_id FROM letter_event e JOIN letter l ON l.letter_id = e.letter_id
		JOIN month_preparer p ON p.month = l.month AND p.user_name = e.actor
		WHERE e.guard = 'second_person' AND (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT)) ORDER BY e.letter_id`
	sqlI6Approval = `SELECT m.month FROM month_batch m
		WHERE m.state = 'approved' AND (CAST(? AS TEXT) = '' OR m.month = CAST(? AS TEXT))
		AND (EXISTS (SELECT 1 FROM month_preparer p WHERE p.month = m.month AND p.user_name = m.approved_by)
		OR NOT EXISTS (SELECT 1 FROM approval a JOIN approval_preparer ap ON ap.approval_id = a.approval_id
		WHERE a.month = m.month AND a.subject = 'letters' AND a.hash = m.batch_hash AND a.approved_by = m.approved_by))
		ORDER BY m.month`

	// I8: a packet holds its retailer's contracts, each once.
	sqlI8 = `SELECT p.retailer FROM packet p
		WHERE (CAST(? AS TEXT) = '' OR p.month = CAST(? AS TEXT))
		AND p.contracts <> (SELECT COUNT(DISTINCT r.supply_point)
		FROM source_file f JOIN source_row r ON r.file_id = f.file_id
		WHERE f.month = p.month AND f.state = 'active' AND r.retailer_code = p.retailer AND r.disaster = 0 AND r.last_resort = 0
		AND (r.outcome IN ('letter','merged','held') OR (r.outcome = 'excluded' AND r.reason = 'told')))
		ORDER BY p.retailer`

	// I9: nothing stays in hand without end.
	sqlI9 = `SELECT d.letter_id FROM dispatch d
		WHERE d.state IN ('claimed','handing_over','in_print_run') AND (CAST(? AS TEXT) = '' OR d.month = CAST(? AS TEXT))
		AND d.leased_until < CAST(? AS BIGINT) ORDER BY d.letter_id`

	sqlEdges = `SELECT DISTINCT e.from_state, e.to_state, e.guard FROM letter_event e JOIN letter l ON l.letter_id = e.letter_id
		WHERE (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT)) ORDER BY e.from_state, e.to_state, e.guard`
)

func invariants() []invariant {
	return []invariant{
		{"I1", sqlI1Sums}, {"I1", sqlI1Unplanned},
		{"I2", sqlI2Rows}, {"I2", sqlI2Twice}, {"I2", sqlI2Links}, {"I2", sqlI2Untold},
		{"I3", sqlI3Last}, {"I3", sqlI3Newest}, {"I3", sqlI3Chain},
		{"I4", sqlI4}, {"I6", sqlI6Generation}, {"I6", sqlI6Decided},
		{"I6", sqlI6Own}, {"I6", sqlI6Approval}, {"I8", sqlI8},
	}
}

// stuckAfter is how long after the end of its lease a letter in hand breaks
// I9: no worker has run since to end the lease.
const stuckAfter = 2 * time.Hour

// shownIDs is how many IDs of a finding are named; its count is of all.
const shownIDs = 20

// Reconcile proves what the ledger can prove by itself: I1–I4, I6, I8 and I9,
// of one month or of all with "". A whole ledger gives nothing; each finding
// names the invariant and the files, cases, letters, months or retailers that
// break it.
func (s *Store) Reconcile(ctx context.Context, m letters.Month) ([]letters.Broken, error) {
	c := s.reader()
	var found []letters.Broken
	for _, i := range invariants() {
		b, err := c.broken(ctx, i.name, i.query, m, m)
		if err != nil {
			return nil, fmt.Errorf("reconcile %s: %w", i.name, err)
		}
		found = append(found, b...)
	}
	edges, err := c.wrongEdges(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("reconcile I3: %w", err)
	}
	now, err := c.clock(ctx)
	if err != nil {
		return nil, fmt.Errorf("reconcile I9: %w", err)
	}
	stuck, err := c.broken(ctx, "I9", sqlI9, m, m, now-stuckAfter.Microseconds())
	if err != nil {
		return nil, fmt.Errorf("reconcile I9: %w", err)
	}
	return append(append(found, edges...), stuck...), nil
}

func (c conn) broken(ctx context.Context, name, q string, args ...any) ([]letters.Broken, error) {
	b := letters.Broken{Invariant: name}
	err := c.each(ctx, q, func(scan func(...any) error) error {
		var id string
		if err := scan(&id); err != nil {
			return err
		}
		note(&b, id)
		return nil
	}, args...)
	if err != nil || b.Count == 0 {
		return nil, err
	}
	return []letters.Broken{b}, nil
}

// wrongEdges finds changes that the state machine does not know. A letter's
// first event of each generation has no state before it.
func (c conn) wrongEdges(ctx context.Context, m letters.Month) ([]letters.Broken, error) {
	b := letters.Broken{Invariant: "I3"}
	err := c.each(ctx, sqlEdges, func(scan func(...any) error) error {
		var from, to letters.State
		var guard letters.Guard
		if err := scan(&from, &to, &guard); err != nil {
			return err
		}
		first := from == "" && (to == letters.Planned || to == letters.HeldReview)
		if !first && letters.CheckTransition(from, to, guard) != nil {
			note(&b, fmt.Sprintf("%s>%s", from, to))
		}
		return nil
	}, m, m)
	if err != nil || b.Count == 0 {
		return nil, err
	}
	return []letters.Broken{b}, nil
}

func note(b *letters.Broken, id string) {
	b.Count++
	if len(b.IDs) < shownIDs {
		b.IDs = append(b.IDs, id)
	}
}
