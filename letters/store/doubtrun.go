package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	sqlDescribeRun = `UPDATE print_run SET letters = ?, sheets = ?, manifest = ? WHERE run_id = ? AND state = 'making'`

	// What an uncertain run's letters say of it, once none of them is
	// uncertain any more: one that left proves that the run did; without any
	// it counts as given back. A run whose folder is damaged has no manifest:
	// what left with it nobody can say, and it stays uncertain.
	runUnsettled = `EXISTS (SELECT 1 FROM dispatch d WHERE d.run_id = print_run.run_id AND d.state = 'uncertain')`
	runLeft      = `EXISTS (SELECT 1 FROM dispatch d JOIN letter_event e ON e.letter_id = d.letter_id
		AND e.generation = d.generation AND e.to_state = 'handed_over' WHERE d.run_id = print_run.run_id)`
	sqlRunsLeft = `UPDATE print_run SET state = 'handed_over', finished_at = ?
		WHERE state = 'uncertain' AND manifest <> '' AND letters > 0 AND NOT ` + runUnsettled + ` AND ` + runLeft
	sqlRunsBack = `UPDATE print_run SET state = 'given_back', finished_at = ?
		WHERE state = 'uncertain' AND NOT ` + runUnsettled + ` AND NOT ` + runLeft

	sqlRunEnded = `SELECT CAST(COUNT(run_id) AS BIGINT) FROM print_run WHERE run_id = ? AND state IN ('handed_over', 'given_back')`
)

// RunSettled reports whether a run has come to its end: it was handed over, or
// its letters were given back. One that the ledger does not know has not.
func (s *Store) RunSettled(ctx context.Context, runID string) (bool, error) {
	var n int64
	if err := s.reader().get(ctx, &n, sqlRunEnded, runID); err != nil {
		return false, fmt.Errorf("look for print run %s: %w", runID, err)
	}
	return n == 1, nil
}

// DoubtRun makes a run's letters uncertain: whether the folder reached the
// printer is not known. Where the folder itself is whole, run and items say
// what stands in it, as for FinishRun; else items are empty.
func (s *Store) DoubtRun(ctx context.Context, run letters.PrintRun, items []letters.PrintItem) error {
	at := s.now().UnixMicro()
	return s.write(ctx, "doubt print run "+run.ID, func(c conn) error {
		if len(items) > 0 {
			if err := c.one(ctx, sqlDescribeRun, len(items), run.Sheets, run.Manifest, run.ID); err != nil {
				return err
			}
			if err := c.loadItems(ctx, run.ID, items); err != nil {
				return err
			}
		}
		return c.endRun(ctx, run.ID, "uncertain", letters.Uncertain, letters.NoGuard, at)
	})
}

// settleRuns lets the state of uncertain runs follow from their letters: part
// of every step by evidence, receipt or decision.
func (c conn) settleRuns(ctx context.Context, at int64) error {
	for _, q := range []string{sqlRunsLeft, sqlRunsBack} {
		if _, err := c.exec(ctx, q, at); err != nil {
			return fmt.Errorf("settle print runs: %w", err)
		}
	}
	return nil
}
