package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oshirase/letters"
	"oshirase/letters/failpoint"
)

// handOverLease is how long a letter may stand in handing_over: the ten minutes that
// RFC 5321 4.5.3.2.6 grants the answer to the final dot, twice.
const handOverLease = 20 * time.Minute

const (
	sqlStep = `UPDATE dispatch SET state = ?, token = token + 1,
		lease_owner = CASE CAST(? AS BIGINT) WHEN 1 THEN lease_owner ELSE '' END,
		leased_until = CAST(? AS BIGINT), attempts = attempts + CAST(? AS BIGINT), retry_at = ?,
		hold_reason = CASE CAST(? AS BIGINT) WHEN 1 THEN '' ELSE hold_reason END,
		run_id = CASE CAST(? AS TEXT) WHEN '' THEN run_id WHEN '-' THEN '' ELSE CAST(? AS TEXT) END,
		message_id = CASE CAST(? AS TEXT) WHEN '' THEN message_id ELSE CAST(? AS TEXT) END,
		reply = CASE CAST(? AS TEXT) WHEN '' THEN reply ELSE CAST(? AS TEXT) END
		WHERE letter_id = ? AND generation = ? AND state = ? AND token = ?`
	sqlStepEvent = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlLinkTold = `UPDATE letter_case SET link = 'told' WHERE letter_id = ?`
	sqlLinkCut  = `UPDATE letter_case SET link = 'cancelled' WHERE letter_id = ?`
	sqlHoldCut  = `UPDATE source_row SET outcome = 'held', reason = 'cancelled'
		WHERE letter_id = ? AND outcome IN ('letter','merged')`
	sqlFreeRows = `UPDATE source_row SET reason = '', outcome = CASE WHEN EXISTS (SELECT 1 FROM source_row e
		WHERE e.case_id = source_row.case_id AND e.letter_id = source_row.letter_id
		AND (e.file_id < source_row.file_id OR (e.file_id = source_row.file_id AND e.row_no < source_row.row_no)))
		THEN 'merged' ELSE 'letter' END
		WHERE letter_id = ? AND outcome = 'held'`
)

// Step makes one change of state and returns the new token. It returns
// letters.ErrTransition when the state machine has no such edge, and
// ErrConflict when state or token are no longer as given, or another letter
// already tells one of its cases. When the database goes away in the middle it
// waits up to a minute and finds out whether the step was made; only then is
// it ErrUnreachable, and the outcome is not known.
func (s *Store) Step(ctx context.Context, st letters.Step) (newToken int64, err error) {
	err = s.writeStep(ctx, st)
	if errors.Is(err, ErrUnreachable) {
		err = s.settle(ctx, st, err)
	}
	return st.Token + 1, err
}

func (s *Store) writeStep(ctx context.Context, st letters.Step) error {
	name := "step to " + string(st.To) + ": " + string(st.LetterID)
	return s.write(ctx, name, func(c conn) error { return c.step(ctx, st) })
}

// Steps makes many changes of state in one transaction: all or none.
func (s *Store) Steps(ctx context.Context, steps []letters.Step) error {
	return s.write(ctx, "steps", func(c conn) error {
		for _, st := range steps {
			if err := c.step(ctx, st); err != nil {
				return fmt.Errorf("%s: %w", st.LetterID, err)
			}
		}
		return nil
	})
}

// StepEach makes changes of state that have nothing to do with each other and
// says of each what Step would say. They are one transaction; when one of them
// is refused each is made alone, and when the database goes away in the middle
// it is found out of each whether it was made.
func (s *Store) StepEach(ctx context.Context, steps []letters.Step) []error {
	errs := make([]error, len(steps))
	if len(steps) == 1 {
		_, errs[0] = s.Step(ctx, steps[0])
		return errs
	}
	all := s.writeSteps(ctx, steps)
	for i, st := range steps {
		switch {
		case all == nil:
		case i > 0 && errors.Is(errs[i-1], ErrUnreachable):
			errs[i] = errs[i-1] // it was waited for long enough
		case errors.Is(all, ErrUnreachable):
			errs[i] = s.settle(ctx, st, all)
		default:
			_, errs[i] = s.Step(ctx, st)
		}
	}
	return errs
}

func (s *Store) writeSteps(ctx context.Context, steps []letters.Step) error {
	return s.write(ctx, "step to "+string(steps[0].To), func(c conn) error {
		for _, st := range steps {
			if err := c.step(ctx, st); err != nil {
				return fmt.Errorf("%s: %w", st.LetterID, err)
			}
		}
		return nil
	})
}

func (c conn) step(ctx context.Context, st letters.Step) error {
	if err := letters.CheckTransition(st.From, st.To, st.Guard); err != nil {
		return err
	}
	until, err := c.leaseAfter(ctx, st.To)
	if err != nil {
		return err
	}
	tried := flag(st.To == letters.Claimed || st.To == letters.InPrintRun) - flag(st.Untried)
	err = c.one(ctx, sqlStep, st.To, flag(st.To.InHand()), until, tried, st.RetryAt, flag(st.From == letters.HeldReview),
		runAfter(st), runAfter(st), st.MessageID, st.MessageID, st.Reply, st.Reply,
		st.LetterID, st.Generation, st.From, st.Token)
	if err != nil {
		return err
	}
	err = c.one(ctx, sqlStepEvent, st.LetterID, st.Token+1, st.Generation, st.At, st.Actor, st.From, st.To, st.Guard, st.Ref)
	if err != nil {
		return err
	}
	if err := c.suggest(ctx, st); err != nil {
		return err
	}
	return c.relink(ctx, st)
}

// runAfter is the print run in which the letter stands after the step: one
// that goes back to the queue stands in none ("-").
func runAfter(st letters.Step) string {
	if st.To == letters.QueuedPrint {
		return "-"
	}
	return st.RunID
}

// leaseAfter is the end of the lease in the new state. What is claimed gets
// its lease with the claim.
func (c conn) leaseAfter(ctx context.Context, to letters.State) (int64, error) {
	if to != letters.HandingOver {
		return 0, nil
	}
	at, err := c.clock(ctx)
	return at + failpoint.Lease(handOverLease).Microseconds(), err
}

// relink keeps the letter's cases and rows in step with a letter that is
// freed from being held, or cancelled.
func (c conn) relink(ctx context.Context, st letters.Step) error {
	if st.To == letters.Cancelled {
		if _, err := c.exec(ctx, sqlLinkCut, st.LetterID); err != nil {
			return err
		}
		_, err := c.exec(ctx, sqlHoldCut, st.LetterID)
		return err
	}
	if st.From != letters.HeldReview {
		return nil
	}
	if _, err := c.exec(ctx, sqlLinkTold, st.LetterID); taken(err) {
		return fmt.Errorf("%w: %v", ErrTold, err)
	} else if err != nil {
		return err
	}
	if st.To != letters.Planned {
		return nil // an alternative measure: the rows stay held
	}
	_, err := c.exec(ctx, sqlFreeRows, st.LetterID)
	return err
}
