package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oshirase/letters"
)

const (
	sqlClaimEmailPostgres = `WITH c AS MATERIALIZED (
		SELECT letter_id, generation FROM dispatch
		WHERE state = 'queued_email' AND post_on <= ?
		ORDER BY month, letter_id LIMIT ? FOR UPDATE SKIP LOCKED)
		UPDATE dispatch d SET state = 'claimed', token = d.token + 1, lease_owner = ?, leased_until = ?,
		attempts = d.attempts + 1
		FROM c WHERE c.letter_id = d.letter_id AND c.generation = d.generation
		RETURNING ` + dispatchColumns
	sqlClaimEmailSQLite = `WITH c AS MATERIALIZED (
		SELECT q.rowid AS id FROM dispatch q
		WHERE q.state = 'queued_email' AND q.post_on <= ?
		ORDER BY q.month, q.letter_id LIMIT ?)
		UPDATE dispatch SET state = 'claimed', token = token + 1, lease_owner = ?, leased_until = ?,
		attempts = attempts + 1
		FROM c WHERE dispatch.rowid = c.id
		RETURNING letter_id, generation, month, channel, state, token, hold_reason,
		renderer, template_version, content_hash, file_hash, file_size, page_hashes, pages,
		envelope, barcode, class, post_on, run_id, message_id, reply, attempts, retry_at,
		COALESCE(decision_id, 0)`
)

// ClaimEmail takes up to n e-mails whose posting date has come in Japan out
// of the queue and leases them to worker. Two claimers never get the same
// letter.
func (s *Store) ClaimEmail(ctx context.Context, worker string, n int, lease time.Duration) ([]letters.Dispatch, error) {
	q := sqlClaimEmailSQLite
	if s.postgres {
		q = sqlClaimEmailPostgres
	}
	var got []letters.Dispatch
	err := s.write(ctx, "claim e-mails", func(c conn) error {
		at, err := c.clock(ctx)
		if err != nil {
			return err
		}
		got, err = c.claim(ctx, q, letters.DateOf(s.now()), n, worker, at+lease.Microseconds())
		if err != nil {
			return err
		}
		return c.claimEvents(ctx, got, letters.QueuedEmail, worker, at, "")
	})
	return got, err
}

const (
	sqlExpireEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), d.lease_owner, d.state, CAST(? AS TEXT), CAST(? AS TEXT), 'lease'
		FROM dispatch d WHERE d.state = ? AND d.leased_until < CAST(? AS BIGINT)`
	sqlExpire = `UPDATE dispatch SET state = CAST(? AS TEXT), token = token + 1, lease_owner = '', leased_until = 0
		WHERE state = ? AND leased_until < CAST(? AS BIGINT)`
)

// Expire ends the leases that have run out by the clock of the leases:
// what was only claimed goes back to the queue, what stood before the final
// dot is uncertain. Letters of a print run are left to the run's recovery. at
// dates the events, and on SQLite it is the clock.
func (s *Store) Expire(ctx context.Context, at time.Time) (requeued, uncertain int, err error) {
	err = s.write(ctx, "expire leases", func(c conn) error {
		now := at.UnixMicro()
		if c.postgres {
			if now, err = c.clock(ctx); err != nil {
				return err
			}
		}
		requeued, err = c.expire(ctx, letters.Claimed, letters.QueuedEmail, letters.ByToken, at, now)
		if err != nil {
			return err
		}
		uncertain, err = c.expire(ctx, letters.HandingOver, letters.Uncertain, letters.NoGuard, at, now)
		return err
	})
	if errors.Is(err, ErrConflict) {
		return 0, 0, nil // another worker was ending the same leases
	}
	return requeued, uncertain, err
}

func (c conn) expire(ctx context.Context, from, to letters.State, guard letters.Guard, at time.Time, now int64) (int, error) {
	if err := letters.CheckTransition(from, to, guard); err != nil {
		return 0, err
	}
	n, err := c.exec(ctx, sqlExpireEvents, at.UnixMicro(), to, guard, from, now)
	if err != nil {
		return 0, err
	}
	return n, c.exactly(ctx, n, sqlExpire, to, from, now)
}

const (
	sqlDueEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), 'deferred', 'queued_email', 'time', ''
		FROM dispatch d WHERE d.state = 'deferred' AND (d.retry_at <= CAST(? AS BIGINT) OR d.retry_at > CAST(? AS BIGINT))`
	sqlDue = `UPDATE dispatch SET state = 'queued_email', token = token + 1, retry_at = 0
		WHERE state = 'deferred' AND (retry_at <= CAST(? AS BIGINT) OR retry_at > CAST(? AS BIGINT))`
	sqlNextRetry = `SELECT COALESCE(MIN(retry_at), 0) FROM dispatch WHERE state = 'deferred'`
)

// farthest is more than any e-mail is put off: one that is due later still was
// put off by a clock that ran ahead, and would wait for no reason.
const farthest = 24 * time.Hour

// DueDeferred queues the deferred e-mails whose time has come again and
// returns how many.
func (s *Store) DueDeferred(ctx context.Context, at time.Time) (int, error) {
	var n int
	due, never := at.UnixMicro(), at.Add(farthest).UnixMicro()
	err := s.write(ctx, "queue deferred e-mails", func(c conn) (err error) {
		if n, err = c.exec(ctx, sqlDueEvents, due, systemActor, due, never); err != nil {
			return err
		}
		return c.exactly(ctx, n, sqlDue, due, never)
	})
	if errors.Is(err, ErrConflict) {
		return 0, nil // another worker was queueing the same ones
	}
	return n, err
}

// NextRetry returns the instant, in µs, at which the first deferred e-mail is
// due; 0 when none is deferred.
func (s *Store) NextRetry(ctx context.Context) (int64, error) {
	var at int64
	if err := s.reader().get(ctx, &at, sqlNextRetry); err != nil {
		return 0, fmt.Errorf("next retry: %w", err)
	}
	return at, nil
}

const (
	sqlByMessage = `SELECT ` + dispatchColumns + ` FROM dispatch d WHERE d.message_id = ?`
	sqlInState   = `SELECT ` + dispatchColumns + ` FROM dispatch d WHERE d.state = ? ORDER BY d.letter_id, d.generation`
)

// ByMessage returns the dispatch that was mailed under a Message-ID, or
// ErrNotFound.
func (s *Store) ByMessage(ctx context.Context, messageID string) (letters.Dispatch, error) {
	var found []letters.Dispatch
	err := s.reader().dispatches(ctx, func(d letters.Dispatch) error { found = append(found, d); return nil }, sqlByMessage, messageID)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("dispatch by Message-ID: %w", ErrNotFound)
	}
	if err != nil {
		return letters.Dispatch{}, err
	}
	return found[0], nil
}

// InState calls each for every dispatch of every month in a state.
func (s *Store) InState(ctx context.Context, state letters.State, each func(letters.Dispatch) error) error {
	return s.reader().dispatches(ctx, each, sqlInState, state)
}
