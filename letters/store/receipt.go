package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"oshirase/letters"
)

// ErrSameReceipt says that a receipt of the same content was taken in before.
var ErrSameReceipt = errors.New("the same receipt was taken in before")

const (
	receiptColumns = `receipt_id AS id, kind, sha256, name, lines, taken_at AS takenat`
	sqlReceiptBy   = `SELECT ` + receiptColumns + ` FROM receipt WHERE sha256 = ?`
	sqlPutReceipt  = `INSERT INTO receipt (kind, sha256, name, lines, taken_at) VALUES (?, ?, ?, ?, ?) RETURNING receipt_id`
	sqlMakeWanted  = `CREATE TEMP TABLE wanted (letter_id TEXT PRIMARY KEY)`
	sqlDropWanted  = `DROP TABLE wanted`
	sqlWanted      = `SELECT ` + dispatchColumns + ` FROM wanted w JOIN dispatch d ON d.letter_id = w.letter_id
		ORDER BY d.letter_id, d.generation`
	sqlBookedLines = `SELECT DISTINCT r.letter_id AS letterid, r.generation, r.state, r.reported
		FROM wanted w JOIN letter l ON l.letter_id = w.letter_id AND l.generation > 1
		JOIN receipt_line r ON r.letter_id = w.letter_id
		WHERE r.result IN ('applied','known') ORDER BY r.letter_id, r.generation, r.state, r.reported`

	bulkWanted       bulk = `wanted (letter_id)`
	bulkReceiptLines bulk = `receipt_line (receipt_id, row_no, letter_id, generation, state, reported, reason, pages, result)`
)

// Receipt returns the file of that content that was taken in; known is false
// when there is none.
func (s *Store) Receipt(ctx context.Context, sha256 string) (f letters.ReceiptFile, known bool, err error) {
	err = s.reader().get(ctx, &f, sqlReceiptBy, sha256)
	if errors.Is(err, ErrNotFound) {
		return f, false, nil
	}
	if err != nil {
		return f, false, fmt.Errorf("receipt: %w", err)
	}
	return f, true, nil
}

// DispatchesOf returns every generation of many letters, the first one first.
// Letters that the ledger does not know are missing in the result. ids may not
// hold one twice.
func (s *Store) DispatchesOf(ctx context.Context, ids []letters.ID) (map[letters.ID][]letters.Dispatch, error) {
	out := make(map[letters.ID][]letters.Dispatch, len(ids))
	err := s.wanted(ctx, "dispatches of many letters", ids, func(c conn) error {
		return c.dispatches(ctx, func(d letters.Dispatch) error {
			out[d.LetterID] = append(out[d.LetterID], d)
			return nil
		}, sqlWanted)
	})
	return out, err
}

// BookedLines returns what receipts reported, and what counted, of those of
// many letters that were sent again: a cumulative receipt repeats it. Rows,
// reasons and pages are left out. ids may not hold one twice.
func (s *Store) BookedLines(ctx context.Context, ids []letters.ID) (map[letters.ID][]letters.ReceiptLine, error) {
	out := make(map[letters.ID][]letters.ReceiptLine)
	err := s.wanted(ctx, "booked lines of many letters", ids, func(c conn) error {
		var list []letters.ReceiptLine
		if err := c.list(ctx, &list, sqlBookedLines); err != nil {
			return err
		}
		for _, l := range list {
			out[l.LetterID] = append(out[l.LetterID], l)
		}
		return nil
	})
	return out, err
}

// wanted loads many letters' IDs into a table for one reading.
func (s *Store) wanted(ctx context.Context, step string, ids []letters.ID, read func(conn) error) error {
	return s.write(ctx, step, func(c conn) error {
		if err := c.run(ctx, sqlMakeWanted); err != nil {
			return err
		}
		if err := c.load(ctx, bulkWanted, len(ids), func(i int) []any { return []any{ids[i]} }); err != nil {
			return err
		}
		if err := read(c); err != nil {
			return err
		}
		return c.run(ctx, sqlDropWanted)
	})
}

// TakeReceipt stores a receipt with every line of it and makes the steps that
// follow from it, in one transaction: all or nothing. Steps refer to the
// receipt. ErrSameReceipt when its content was taken in before; ErrConflict
// when a letter has changed since the steps were worked out. progress is told
// how many lines and steps are done, nil for nobody.
func (s *Store) TakeReceipt(ctx context.Context, f letters.ReceiptFile, lines []letters.ReceiptLine, steps []letters.Step, at time.Time, progress func(done int)) (int64, error) {
	var id int64
	done := 0
	one := func() {
		if done++; progress != nil {
			progress(done)
		}
	}
	err := s.write(ctx, "take receipt", func(c conn) error {
		err := c.get(ctx, &id, sqlPutReceipt, f.Kind, f.SHA256, f.Name, f.Lines, at.UnixMicro())
		if errors.Is(translate(err), ErrConflict) {
			return ErrSameReceipt
		}
		if err != nil {
			return err
		}
		err = c.load(ctx, bulkReceiptLines, len(lines), func(i int) []any {
			one()
			l := &lines[i]
			return []any{id, l.Row, l.LetterID, l.Generation, l.State, l.Reported, l.Reason, l.Pages, l.Result}
		})
		if err != nil {
			return err
		}
		made := slices.Clone(steps)
		for i := range made {
			made[i].At, made[i].Ref = at.UnixMicro(), "receipt "+strconv.FormatInt(id, 10)
		}
		if err := c.stepMany(ctx, made, one); err != nil {
			return err
		}
		return c.settleRuns(ctx, at.UnixMicro())
	})
	return id, err
}

// What was reported of a run's letters. A line counts unless it contradicted
// the ledger.
const (
	runReports = `FROM print_run r JOIN dispatch d ON d.run_id = r.run_id
		LEFT JOIN (SELECT letter_id, generation,
			MAX(CASE WHEN state IN ('posted','returned') THEN 1 ELSE 0 END) AS posted,
			MAX(CASE state WHEN 'withdrawn' THEN 1 ELSE 0 END) AS withdrawn
			FROM receipt_line WHERE result IN ('applied','known') GROUP BY letter_id, generation) x
		ON x.letter_id = d.letter_id AND x.generation = d.generation`
	sqlRunAccounts = `SELECT r.run_id AS runid, r.month, r.state, r.post_on AS poston,
		CAST(COUNT(d.letter_id) AS BIGINT) AS letters,
		CAST(SUM(CASE WHEN x.posted = 1 THEN 1 ELSE 0 END) AS BIGINT) AS posted,
		CAST(SUM(CASE WHEN x.posted = 0 AND x.withdrawn = 1 THEN 1 ELSE 0 END) AS BIGINT) AS withdrawn,
		CAST(SUM(CASE WHEN x.posted = 0 AND x.withdrawn = 0 THEN 1 ELSE 0 END) AS BIGINT) AS remade,
		CAST(SUM(CASE WHEN x.posted IS NULL AND d.state IN ('superseded','closed_unreachable') THEN 1 ELSE 0 END) AS BIGINT) AS decided,
		CAST(SUM(CASE WHEN x.posted IS NULL AND d.state NOT IN ('superseded','closed_unreachable') THEN 1 ELSE 0 END) AS BIGINT) AS missing ` + runReports + `
		WHERE r.state IN ('handed_over','uncertain') AND (CAST(? AS TEXT) = '' OR r.month = CAST(? AS TEXT))
		GROUP BY r.run_id, r.month, r.state, r.post_on, r.made_at ORDER BY r.made_at, r.run_id`
	sqlRunMissing = `SELECT d.letter_id ` + runReports + `
		WHERE r.run_id = ? AND x.posted IS NULL AND d.state NOT IN ('superseded','closed_unreachable') ORDER BY d.letter_id`
	sqlReceiptLines = `SELECT row_no AS row, letter_id AS letterid, generation, state, reported, reason, pages, result
		FROM receipt_line WHERE letter_id = ? ORDER BY receipt_id, row_no`
)

// RunAccounts reconciles a month's print runs, or all with "", in the order
// in which they were made.
func (s *Store) RunAccounts(ctx context.Context, m letters.Month) ([]letters.RunAccount, error) {
	var list []letters.RunAccount
	if err := s.reader().list(ctx, &list, sqlRunAccounts, m, m); err != nil {
		return nil, fmt.Errorf("accounts of print runs: %w", err)
	}
	return list, nil
}

// RunMissing returns the letters of a run of which nothing was reported.
func (s *Store) RunMissing(ctx context.Context, runID string) ([]letters.ID, error) {
	var list []letters.ID
	if err := s.reader().list(ctx, &list, sqlRunMissing, runID); err != nil {
		return nil, fmt.Errorf("missing letters of print run %s: %w", runID, err)
	}
	return list, nil
}

// ReceiptLines returns everything that printer and post reported of a letter.
func (s *Store) ReceiptLines(ctx context.Context, id letters.ID) ([]letters.ReceiptLine, error) {
	var list []letters.ReceiptLine
	if err := s.reader().list(ctx, &list, sqlReceiptLines, id); err != nil {
		return nil, fmt.Errorf("receipts of %s: %w", id, err)
	}
	return list, nil
}
