package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"oshirase/letters"
)

const (
	sqlFigureRows = `SELECT r.supply_point, r.system, r.retailer_code, r.disaster, r.last_resort,
		CASE WHEN g.purge_id IS NULL THEN 0 ELSE 1 END
		FROM source_file f JOIN source_row r ON r.file_id = f.file_id
		LEFT JOIN purge g ON g.month = f.month AND g.confirmed_at > 0
		WHERE f.activated_at > 0 AND f.activated_at <= CAST(? AS BIGINT)
		AND (f.withdrawn_at = 0 OR f.withdrawn_at > CAST(? AS BIGINT)) AND r.rejected = 0
		ORDER BY f.file_id, r.row_no`
	endOfTime = 1<<63 - 1
)

// FigureRows calls each for every row that the Commission's figures count as
// of an instant: rows of files that were active then, without the rejected
// ones. The zero time means now. Once a month was purged, supply points are
// given by their pseudonyms, so that one of several months still counts once.
func (s *Store) FigureRows(ctx context.Context, asOf time.Time, each func(letters.FigureRow) error) error {
	at := int64(endOfTime)
	if !asOf.IsZero() {
		at = asOf.UnixMicro()
	}
	key, err := s.reader().purgeKey(ctx, nil)
	if err != nil {
		return fmt.Errorf("figure rows: %w", err)
	}
	err = s.reader().each(ctx, sqlFigureRows, func(scan func(...any) error) error {
		var r letters.FigureRow
		var purged bool
		if err := scan(&r.SupplyPoint, &r.System, &r.RetailerCode, &r.Disaster, &r.LastResort, &purged); err != nil {
			return err
		}
		if key != "" && !purged {
			r.SupplyPoint = pseudonym(key, r.SupplyPoint)
		}
		return each(r)
	}, at, at)
	if err != nil {
		return fmt.Errorf("figure rows: %w", err)
	}
	return nil
}

const (
	sqlOutcomeCounts = `SELECT r.outcome, CAST(COUNT(r.row_no) AS BIGINT)
		FROM source_file f JOIN source_row r ON r.file_id = f.file_id
		WHERE f.state <> 'staging' AND (CAST(? AS TEXT) = '' OR f.month = CAST(? AS TEXT))
		GROUP BY r.outcome`
	sqlLetterCount = `SELECT CAST(COUNT(l.letter_id) AS BIGINT)
		FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE d.state NOT IN ('held_review','cancelled') AND (CAST(? AS TEXT) = '' OR l.month = CAST(? AS TEXT))`
	sqlWithdrawnRows = `SELECT CAST(COUNT(r.row_no) AS BIGINT)
		FROM source_file f JOIN source_row r ON r.file_id = f.file_id
		WHERE f.state = 'withdrawn' AND (CAST(? AS TEXT) = '' OR f.month = CAST(? AS TEXT))`
)

// Outcomes counts the five outcomes of a month's rows, or of all rows with "",
// and the letters that are neither held nor cancelled. Rows of withdrawn files
// are among the excluded ones (取下げ, WithdrawnRows). The other members of
// the result are left 0: they come from FigureRows.
func (s *Store) Outcomes(ctx context.Context, m letters.Month) (letters.Counts, error) {
	var n letters.Counts
	c := s.reader()
	err := c.each(ctx, sqlOutcomeCounts, func(scan func(...any) error) error {
		var outcome letters.Outcome
		var rows int
		if err := scan(&outcome, &rows); err != nil {
			return err
		}
		n.Rows += rows
		*outcomeOf(&n, outcome) += rows
		return nil
	}, m, m)
	if err == nil {
		err = c.get(ctx, &n.Letters, sqlLetterCount, m, m)
	}
	if err != nil {
		return letters.Counts{}, fmt.Errorf("outcomes: %w", err)
	}
	return n, nil
}

func outcomeOf(n *letters.Counts, outcome letters.Outcome) *int {
	switch outcome {
	case letters.OutLetter:
		return &n.LetterRows
	case letters.OutMerged:
		return &n.MergedRows
	case letters.OutExcluded:
		return &n.ExcludedRows
	case letters.OutHeld:
		return &n.HeldRows
	}
	return &n.RejectedRows
}

// WithdrawnRows counts the rows of a month's withdrawn files, or of all with "".
func (s *Store) WithdrawnRows(ctx context.Context, m letters.Month) (int, error) {
	var n int
	if err := s.reader().get(ctx, &n, sqlWithdrawnRows, m, m); err != nil {
		return 0, fmt.Errorf("withdrawn rows: %w", err)
	}
	return n, nil
}

// Snapshot is a month's counts as they stood when a plan was applied. It is
// an alias of an unnamed type, so that other packages can name it themselves.
type Snapshot = struct {
	At     int64
	Counts letters.Counts
}

const sqlSnapshots = `SELECT taken_at, counts FROM figure_snapshot WHERE month = ? ORDER BY taken_at`

// Snapshots returns the month's counts after each of its plans, the first one
// first.
func (s *Store) Snapshots(ctx context.Context, m letters.Month) ([]Snapshot, error) {
	var list []Snapshot
	err := s.reader().each(ctx, sqlSnapshots, func(scan func(...any) error) error {
		var snap Snapshot
		var text string
		if err := scan(&snap.At, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &snap.Counts); err != nil {
			return err
		}
		list = append(list, snap)
		return nil
	}, m)
	if err != nil {
		return nil, fmt.Errorf("snapshots of %s: %w", m, err)
	}
	return list, nil
}

const sqlReasonCounts = `SELECT r.outcome, r.reason, CAST(COUNT(r.row_no) AS BIGINT) AS rows
	FROM source_file f JOIN source_row r ON r.file_id = f.file_id
	WHERE f.state <> 'staging' AND f.month = ? GROUP BY r.outcome, r.reason ORDER BY r.outcome, r.reason`

// ReasonCount is how many rows ended in an outcome for one reason. It is an
// alias of an unnamed type, so that other packages can name it themselves.
type ReasonCount = struct {
	Outcome letters.Outcome
	Reason  letters.Reason
	Rows    int
}

// ReasonCounts counts the month's rows by outcome and reason.
func (s *Store) ReasonCounts(ctx context.Context, m letters.Month) ([]ReasonCount, error) {
	var list []ReasonCount
	if err := s.reader().list(ctx, &list, sqlReasonCounts, m); err != nil {
		return nil, fmt.Errorf("reasons of %s: %w", m, err)
	}
	return list, nil
}
