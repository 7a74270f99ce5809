package store

import (
	"context"
	"fmt"
	"time"

	"oshirase/letters"
)

// QueuedClass is what waits for one kind of print run. It is an alias of an
// unnamed type, so that other packages can name it for themselves.
type QueuedClass = struct {
	Month  letters.Month
	PostOn letters.Date
	Class  string
	Count  int
}

const sqlQueuedClasses = `SELECT month, post_on AS poston, class, CAST(COUNT(letter_id) AS BIGINT) AS count
	FROM dispatch WHERE state = 'queued_print'
	GROUP BY month, post_on, class ORDER BY month, post_on, class`

// QueuedClasses says what waits to be printed, by month, posting date and
// class.
func (s *Store) QueuedClasses(ctx context.Context) ([]QueuedClass, error) {
	var list []QueuedClass
	if err := s.reader().list(ctx, &list, sqlQueuedClasses); err != nil {
		return nil, fmt.Errorf("queued classes: %w", err)
	}
	return list, nil
}

const (
	sqlClaimPrintPostgres = `WITH c AS MATERIALIZED (
		SELECT letter_id, generation FROM dispatch
		WHERE state = 'queued_print' AND month = ? AND post_on = ? AND class = ?
		ORDER BY letter_id LIMIT ? FOR UPDATE SKIP LOCKED)
		UPDATE dispatch d SET state = 'in_print_run', token = d.token + 1, lease_owner = ?, leased_until = ?,
		attempts = d.attempts + 1, run_id = ?
		FROM c WHERE c.letter_id = d.letter_id AND c.generation = d.generation
		RETURNING ` + dispatchColumns
	sqlClaimPrintSQLite = `WITH c AS MATERIALIZED (
		SELECT q.rowid AS id FROM dispatch q
		WHERE q.state = 'queued_print' AND q.month = ? AND q.post_on = ? AND q.class = ?
		ORDER BY q.letter_id LIMIT ?)
		UPDATE dispatch SET state = 'in_print_run', token = token + 1, lease_owner = ?, leased_until = ?,
		attempts = attempts + 1, run_id = ?
		FROM c WHERE dispatch.rowid = c.id
		RETURNING letter_id, generation, month, channel, state, token, hold_reason,
		renderer, template_version, content_hash, file_hash, file_size, page_hashes, pages,
		envelope, barcode, class, post_on, run_id, message_id, reply, attempts, retry_at,
		COALESCE(decision_id, 0)`
	sqlClaimRun = `INSERT INTO print_run (run_id, month, class, post_on, state, letters, sheets, manifest, made_at)
		VALUES (?, ?, ?, ?, 'making', ?, 0, '', ?)`
)

// ClaimPrint takes up to n letters of run's month, posting date and class out
// of the queue into the run, which it opens in the state making under run.ID.
// The letters are leased to worker; two claimers never get the same one. No
// letters and no run come back when nothing waits.
func (s *Store) ClaimPrint(ctx context.Context, worker string, run letters.PrintRun, n int, lease time.Duration) ([]letters.Dispatch, error) {
	q := sqlClaimPrintSQLite
	if s.postgres {
		q = sqlClaimPrintPostgres
	}
	var got []letters.Dispatch
	err := s.write(ctx, "claim for print run "+run.ID, func(c conn) error {
		at, err := c.clock(ctx)
		if err != nil {
			return err
		}
		got, err = c.claim(ctx, q, run.Month, run.PostOn, run.Class, n, worker, at+lease.Microseconds(), run.ID)
		if err != nil || len(got) == 0 {
			return err
		}
		if err := c.one(ctx, sqlClaimRun, run.ID, run.Month, run.Class, run.PostOn, len(got), at); err != nil {
			return err
		}
		return c.claimEvents(ctx, got, letters.QueuedPrint, worker, at, run.ID)
	})
	return got, err
}

// claim runs a claiming statement and returns what it took, by letter ID.
func (c conn) claim(ctx context.Context, q string, args ...any) ([]letters.Dispatch, error) {
	var got []letters.Dispatch
	err := c.dispatches(ctx, func(d letters.Dispatch) error { got = append(got, d); return nil }, q, args...)
	sortDispatches(got)
	return got, err
}

const bulkEvents bulk = `letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)`

func (c conn) claimEvents(ctx context.Context, got []letters.Dispatch, from letters.State, worker string, at int64, ref string) error {
	return c.load(ctx, bulkEvents, len(got), func(i int) []any {
		d := &got[i]
		return []any{d.LetterID, d.Token, d.Generation, at, worker, from, d.State, letters.ByClaim, ref}
	})
}

const sqlBeginRun = `UPDATE print_run SET letters = ?, sheets = ?, manifest = ? WHERE run_id = ? AND state = 'making'`

// BeginRun records what the run's folder will hold, before it appears before
// the printer: letters, sheets and the manifest's SHA-256.
func (s *Store) BeginRun(ctx context.Context, run letters.PrintRun) error {
	return s.write(ctx, "begin print run "+run.ID, func(c conn) error {
		return c.one(ctx, sqlBeginRun, run.Letters, run.Sheets, run.Manifest, run.ID)
	})
}

const (
	sqlFinishRun = `UPDATE print_run SET state = 'handed_over', letters = ?, sheets = ?, manifest = ?, finished_at = ?
		WHERE run_id = ? AND state IN ('making','uncertain')`
	bulkItems       bulk = `print_item (run_id, letter_id, generation, file, first_page, pages, file_hash)`
	sqlMakeRunToken      = `CREATE TEMP TABLE run_token (letter_id TEXT NOT NULL, generation BIGINT NOT NULL,
		token BIGINT NOT NULL, PRIMARY KEY (letter_id, generation))`
	sqlDropRunToken      = `DROP TABLE run_token`
	bulkRunTokens   bulk = `run_token (letter_id, generation, token)`
	sqlRunSize           = `SELECT CAST(COUNT(letter_id) AS BIGINT) FROM dispatch WHERE run_id = ? AND state = 'in_print_run'`
	sqlRunEvents         = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), d.lease_owner, 'in_print_run', 'handed_over', 'token', d.run_id
		FROM run_token t JOIN dispatch d ON d.letter_id = t.letter_id AND d.generation = t.generation
		WHERE d.run_id = ? AND d.state = 'in_print_run' AND d.token = t.token`
	sqlRunLetters = `UPDATE dispatch SET state = 'handed_over', token = dispatch.token + 1, lease_owner = '', leased_until = 0
		FROM run_token t WHERE t.letter_id = dispatch.letter_id AND t.generation = dispatch.generation
		AND dispatch.run_id = ? AND dispatch.state = 'in_print_run' AND dispatch.token = t.token`
)

// FinishRun records that the run's folder stands whole before the printer:
// all its letters become handed_over, or none. items must be exactly the
// run's letters with the tokens of their claim, else ErrConflict.
func (s *Store) FinishRun(ctx context.Context, run letters.PrintRun, items []letters.PrintItem, at time.Time) error {
	return s.write(ctx, "finish print run "+run.ID, func(c conn) error {
		var size int
		if err := c.get(ctx, &size, sqlRunSize, run.ID); err != nil {
			return err
		}
		if size != len(items) {
			return fmt.Errorf("%d items for %d letters: %w", len(items), size, ErrConflict)
		}
		err := c.one(ctx, sqlFinishRun, len(items), run.Sheets, run.Manifest, at.UnixMicro(), run.ID)
		if err != nil {
			return err
		}
		if err := c.loadItems(ctx, run.ID, items); err != nil {
			return err
		}
		return c.handOver(ctx, run.ID, items, at)
	})
}

func (c conn) loadItems(ctx context.Context, runID string, items []letters.PrintItem) error {
	return c.load(ctx, bulkItems, len(items), func(i int) []any {
		p := &items[i]
		return []any{runID, p.LetterID, p.Generation, p.File, p.FirstPage, p.Pages, p.FileHash}
	})
}

func (c conn) handOver(ctx context.Context, runID string, items []letters.PrintItem, at time.Time) error {
	if err := c.run(ctx, sqlMakeRunToken); err != nil {
		return err
	}
	err := c.load(ctx, bulkRunTokens, len(items), func(i int) []any {
		return []any{items[i].LetterID, items[i].Generation, items[i].Token}
	})
	if err != nil {
		return err
	}
	if err := c.exactly(ctx, len(items), sqlRunEvents, at.UnixMicro(), runID); err != nil {
		return err
	}
	if err := c.exactly(ctx, len(items), sqlRunLetters, runID); err != nil {
		return err
	}
	return c.run(ctx, sqlDropRunToken)
}

const (
	sqlRunState  = `UPDATE print_run SET state = ?, finished_at = ? WHERE run_id = ? AND state = ?`
	sqlOutEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), d.lease_owner, 'in_print_run', CAST(? AS TEXT), CAST(? AS TEXT), d.run_id
		FROM dispatch d WHERE d.run_id = ? AND d.state = 'in_print_run'`
	sqlOutLetters = `UPDATE dispatch SET state = CAST(? AS TEXT), token = token + 1, lease_owner = '', leased_until = 0,
		run_id = CASE CAST(? AS TEXT) WHEN 'queued_print' THEN '' ELSE run_id END
		WHERE run_id = ? AND state = 'in_print_run'`
)

// ReturnRun gives a run's letters back to the queue: nothing of it was shown
// to the printer.
func (s *Store) ReturnRun(ctx context.Context, runID string) error {
	at := s.now().UnixMicro()
	return s.write(ctx, "return print run "+runID, func(c conn) error {
		return c.endRun(ctx, runID, "given_back", letters.QueuedPrint, letters.ByToken, at)
	})
}

func (c conn) endRun(ctx context.Context, runID, runState string, to letters.State, guard letters.Guard, at int64) error {
	if err := letters.CheckTransition(letters.InPrintRun, to, guard); err != nil {
		return err
	}
	if err := c.one(ctx, sqlRunState, runState, at, runID, "making"); err != nil {
		return err
	}
	n, err := c.exec(ctx, sqlOutEvents, at, to, guard, runID)
	if err != nil {
		return err
	}
	return c.exactly(ctx, n, sqlOutLetters, to, to, runID)
}

const (
	runColumns  = `run_id AS id, month, class, post_on AS poston, state, letters, sheets, manifest, made_at AS madeat`
	sqlRuns     = `SELECT ` + runColumns + ` FROM print_run WHERE month = ? ORDER BY made_at, run_id`
	sqlOpenRuns = `SELECT ` + runColumns + ` FROM print_run WHERE state = 'making' ORDER BY made_at, run_id`
	sqlRunItems = `SELECT i.letter_id AS letterid, i.generation, i.file, i.first_page AS firstpage, i.pages,
		i.file_hash AS filehash, d.content_hash AS contenthash
		FROM print_item i JOIN dispatch d ON d.letter_id = i.letter_id AND d.generation = i.generation
		WHERE i.run_id = ? ORDER BY i.file, i.first_page, i.letter_id`
	sqlRunDispatches = `SELECT ` + dispatchColumns + ` FROM dispatch d WHERE d.run_id = ? ORDER BY d.letter_id, d.generation`
)

// Runs returns the month's print runs in the order they were begun.
func (s *Store) Runs(ctx context.Context, m letters.Month) ([]letters.PrintRun, error) {
	var list []letters.PrintRun
	if err := s.reader().list(ctx, &list, sqlRuns, m); err != nil {
		return nil, fmt.Errorf("print runs: %w", err)
	}
	return list, nil
}

// OpenRuns returns the runs that are being made, or were when their worker
// died: the run's recovery decides by the folder whether they were shown.
func (s *Store) OpenRuns(ctx context.Context) ([]letters.PrintRun, error) {
	var list []letters.PrintRun
	if err := s.reader().list(ctx, &list, sqlOpenRuns); err != nil {
		return nil, fmt.Errorf("open print runs: %w", err)
	}
	return list, nil
}

// RunItems returns where each letter of a finished run stands; their tokens
// are not kept.
func (s *Store) RunItems(ctx context.Context, runID string) ([]letters.PrintItem, error) {
	var list []letters.PrintItem
	if err := s.reader().list(ctx, &list, sqlRunItems, runID); err != nil {
		return nil, fmt.Errorf("items of print run %s: %w", runID, err)
	}
	return list, nil
}

// RunDispatches returns the letters that carry the run's ID now, with their
// tokens, by letter ID.
func (s *Store) RunDispatches(ctx context.Context, runID string) ([]letters.Dispatch, error) {
	var list []letters.Dispatch
	err := s.reader().dispatches(ctx, func(d letters.Dispatch) error { list = append(list, d); return nil }, sqlRunDispatches, runID)
	return list, err
}
