package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"oshirase/letters"
)

// ApplyPlan makes the ledger hold exactly what the plan says, in one
// transaction: files become active or withdrawn, every row gets its outcome,
// letters are made, changed, kept or cancelled with their events, and the
// plan's counts are kept as a snapshot.
//
// It returns ErrApproved when the month is approved, and ErrConflict when the
// plan was made from another state of the ledger: a row of an active file or
// a letter of the month that it does not know, or a letter that left the
// states before approval. Applying the same plan again changes nothing.
func (s *Store) ApplyPlan(ctx context.Context, p letters.Plan, actor string, at time.Time) error {
	return s.write(ctx, "apply plan of "+string(p.Month), func(c conn) error {
		w := planWriter{conn: c, plan: &p, actor: actor, at: at.UnixMicro()}
		return w.apply(ctx)
	})
}

// planWriter applies one plan. The plan is loaded into temporary tables and
// then written by statements over whole sets.
type planWriter struct {
	conn
	plan  *letters.Plan
	actor string
	at    int64
}

func (w planWriter) apply(ctx context.Context) error {
	if err := w.lockOpen(ctx, w.plan.Month); err != nil {
		return err
	}
	steps := []func(context.Context) error{w.load, w.files, w.covered, w.letters, w.cases, w.rows,
		w.companions, w.snapshot, w.clean}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

const (
	sqlWithdrawFile = `UPDATE source_file SET state = 'withdrawn', withdrawn_at = ?
		WHERE file_id = ? AND month = ? AND state = 'active'`
	sqlWithdrawRows = `UPDATE source_row SET outcome = 'excluded', reason = 'withdrawn', case_id = NULL, letter_id = NULL
		WHERE file_id = ?`
	sqlActivateFile = `UPDATE source_file SET state = 'active', activated_at = ?
		WHERE file_id = ? AND month = ? AND state = 'staging' AND finished_at > 0`
	sqlFileState = `SELECT state FROM source_file WHERE file_id = ? AND month = ?`
)

// files withdraws before it activates: a list may replace one of the same rows.
func (w planWriter) files(ctx context.Context) error {
	for _, id := range w.plan.Withdraw {
		if err := w.turn(ctx, id, letters.FileWithdrawn, sqlWithdrawFile); err != nil {
			return err
		}
		if _, err := w.exec(ctx, sqlWithdrawRows, id); err != nil {
			return err
		}
	}
	for _, id := range w.plan.Activate {
		if err := w.turn(ctx, id, letters.FileActive, sqlActivateFile); err != nil {
			return err
		}
	}
	return nil
}

// turn changes a file's state, which voids the month's packets; a file that
// has the state already may stay.
func (w planWriter) turn(ctx context.Context, id int64, to letters.FileState, q string) error {
	n, err := w.exec(ctx, q, w.at, id, w.plan.Month)
	if err != nil {
		return err
	}
	if n == 1 {
		return w.dropPackets(ctx, w.plan.Month)
	}
	var state letters.FileState
	if err := w.get(ctx, &state, sqlFileState, id, w.plan.Month); err != nil {
		return fmt.Errorf("file %d: %w", id, err)
	}
	if state != to {
		return fmt.Errorf("file %d is %s: %w", id, state, ErrConflict)
	}
	return nil
}

const (
	sqlRowsKnown = `SELECT CAST(COUNT(p.row_no) AS BIGINT) FROM plan_row p
		JOIN source_row r ON r.file_id = p.file_id AND r.row_no = p.row_no
		JOIN source_file f ON f.file_id = r.file_id
		WHERE f.month = ? AND f.state = 'active'`
	sqlRowsForgotten = `SELECT CAST(COUNT(r.row_no) AS BIGINT) FROM source_file f
		JOIN source_row r ON r.file_id = f.file_id
		WHERE f.month = ? AND f.state = 'active' AND r.rejected = 0
		AND NOT EXISTS (SELECT 1 FROM plan_row p WHERE p.file_id = r.file_id AND p.row_no = r.row_no)`
)

// covered proves that the plan was made from the rows that now count.
func (w planWriter) covered(ctx context.Context) error {
	var known int
	if err := w.get(ctx, &known, sqlRowsKnown, w.plan.Month); err != nil {
		return err
	}
	if known != len(w.plan.Rows) {
		return fmt.Errorf("%d of %d planned rows count: %w", known, len(w.plan.Rows), ErrConflict)
	}
	return w.none(ctx, "rows without an outcome", sqlRowsForgotten, w.plan.Month)
}

const (
	sqlPutCases = `INSERT INTO viewed_case (month, case_key, version, supply_point, demand_place, system,
		retailer_code, retailer_name, supply, last_resort, confirmed, unrecorded, first_on, last_on)
		SELECT CAST(? AS TEXT), p.case_key, p.version, r.supply_point, r.demand_place, r.system,
		r.retailer_code, r.retailer_name, r.supply, r.last_resort, p.confirmed, p.unrecorded, p.first_on, p.last_on
		FROM plan_case p JOIN source_row r ON r.file_id = p.file_id AND r.row_no = p.row_no
		WHERE r.rejected = 0
		ON CONFLICT (month, case_key, version) DO UPDATE SET supply_point = excluded.supply_point,
		demand_place = excluded.demand_place, system = excluded.system, retailer_code = excluded.retailer_code,
		retailer_name = excluded.retailer_name, supply = excluded.supply, last_resort = excluded.last_resort,
		confirmed = excluded.confirmed, unrecorded = excluded.unrecorded,
		first_on = excluded.first_on, last_on = excluded.last_on`
	sqlNumberCases = `UPDATE plan_case SET case_id = k.case_id FROM viewed_case k
		WHERE k.month = ? AND k.case_key = plan_case.case_key AND k.version = plan_case.version`
	sqlUnlinkCases = `DELETE FROM letter_case WHERE letter_id IN (SELECT p.letter_id FROM plan_letter p)`
	sqlCancelLinks = `UPDATE letter_case SET link = 'cancelled'
		WHERE letter_id IN (SELECT p.letter_id FROM plan_cancel p)`
	sqlLinkCases = `INSERT INTO letter_case (letter_id, case_id, case_key, version, link)
		SELECT p.letter_id, p.case_id, p.case_key, p.version,
		CASE d.state WHEN 'held_review' THEN 'held' WHEN 'cancelled' THEN 'cancelled' ELSE 'told' END
		FROM plan_case p JOIN letter l ON l.letter_id = p.letter_id
		JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE p.letter_id <> ''`
	sqlCountTold = `SELECT CAST(COUNT(case_no) AS BIGINT) FROM plan_case WHERE letter_id <> ''`
)

// cases stores the cases under their numbers and links them to their letters.
func (w planWriter) cases(ctx context.Context) error {
	n := len(w.plan.Cases)
	if err := w.exactly(ctx, n, sqlPutCases, w.plan.Month); err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	if err := w.exactly(ctx, n, sqlNumberCases, w.plan.Month); err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	for _, q := range []string{sqlCancelLinks, sqlUnlinkCases} {
		if _, err := w.exec(ctx, q); err != nil {
			return fmt.Errorf("cases: %w", err)
		}
	}
	var told int
	if err := w.get(ctx, &told, sqlCountTold); err != nil {
		return err
	}
	if err := w.exactly(ctx, told, sqlLinkCases); err != nil {
		return fmt.Errorf("cases of letters: %w", err)
	}
	return nil
}

const (
	sqlOutcomes = `UPDATE source_row SET outcome = p.outcome, reason = p.reason, letter_id = p.letter_id,
		case_id = (SELECT k.case_id FROM plan_case k WHERE k.case_no = p.case_no)
		FROM plan_row p
		WHERE p.file_id = source_row.file_id AND p.row_no = source_row.row_no AND source_row.rejected = 0`
	sqlHeldOutcomes = `UPDATE source_row SET outcome = 'held', reason = d.hold_reason
		FROM plan_letter p JOIN dispatch d ON d.letter_id = p.letter_id
		WHERE p.fate = 'keep' AND d.state = 'held_review'
		AND d.letter_id = source_row.letter_id AND source_row.outcome = 'letter'`
	sqlFreeOutcomes = `UPDATE source_row SET reason = '', outcome = CASE WHEN EXISTS (SELECT 1 FROM source_row e
		WHERE e.case_id = source_row.case_id AND e.letter_id = source_row.letter_id
		AND (e.file_id < source_row.file_id OR (e.file_id = source_row.file_id AND e.row_no < source_row.row_no)))
		THEN 'merged' ELSE 'letter' END
		FROM plan_letter p JOIN dispatch d ON d.letter_id = p.letter_id
		WHERE p.fate = 'keep' AND d.state NOT IN ('held_review','cancelled','closed_unreachable')
		AND d.letter_id = source_row.letter_id AND source_row.outcome = 'held'`
	sqlDropCases = `DELETE FROM viewed_case WHERE month = ?
		AND NOT EXISTS (SELECT 1 FROM plan_case p WHERE p.case_id = viewed_case.case_id)
		AND NOT EXISTS (SELECT 1 FROM letter_case lc WHERE lc.case_id = viewed_case.case_id)`
)

// rows writes every row's outcome, then drops cases that nothing tells of. A
// letter that is kept knows better than the plan whether it is held: rendering
// may have held it, and a decision may have freed it.
func (w planWriter) rows(ctx context.Context) error {
	if err := w.run(ctx, sqlOutcomes, sqlHeldOutcomes, sqlFreeOutcomes); err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	if _, err := w.exec(ctx, sqlDropCases, w.plan.Month); err != nil {
		return fmt.Errorf("drop cases: %w", err)
	}
	return nil
}

const sqlSnapshot = `INSERT INTO figure_snapshot (month, taken_at, counts) VALUES (?, ?, ?)
	ON CONFLICT (month, taken_at) DO UPDATE SET counts = excluded.counts`

func (w planWriter) snapshot(ctx context.Context) error {
	counts, err := json.Marshal(w.plan.Counts)
	if err != nil {
		return err
	}
	_, err = w.exec(ctx, sqlSnapshot, w.plan.Month, w.at, string(counts))
	return err
}
