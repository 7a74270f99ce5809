package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/lib/pq"

	"oshirase/letters"
)

// cutOff reports whether the connection to the database was lost or refused:
// it was restarted, an administrator ended the session, the network broke. Of
// a COMMIT that was cut off nobody knows the outcome.
func cutOff(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if e, ok := errors.AsType[*pq.Error](err); ok {
		switch e.Code {
		case "57P01", "57P02", "57P03", "53300", "25P03": // ended by an administrator, by a crash, starting up, too many, stood still
			return true
		}
		return e.Code.Class() == "08"
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// patience is how long a step waits for a database that went away. A restart
// takes seconds; the mail server waits for the final dot meanwhile, and for no
// more than minutes (RFC 5321 section 4.5.3.2).
const patience = time.Minute

const sqlStepEventOurs = `SELECT CAST(COUNT(seq) AS BIGINT) FROM letter_event WHERE letter_id = ? AND generation = ? AND seq = ?
	AND actor = ? AND at = ? AND to_state = ?`

// settle finds out what became of a step that was cut off: when its event
// stands the step was made, else it is made now. It returns the first error
// when the database stays away.
func (s *Store) settle(ctx context.Context, st letters.Step, first error) error {
	for wait, waited := 50*time.Millisecond, time.Duration(0); waited < patience; wait = min(2*wait, time.Second) {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return first
		case <-timer.C:
		}
		waited += wait
		err := s.stepOnce(ctx, st)
		if !errors.Is(err, ErrUnreachable) {
			return err
		}
	}
	return first
}

// stepOnce makes the step unless it was made. The transaction that was cut off
// may commit while this one waits for its row: then this one finds a conflict,
// and the event.
func (s *Store) stepOnce(ctx context.Context, st letters.Step) error {
	made, err := s.stepMade(ctx, st)
	if err != nil || made {
		return err
	}
	err = s.writeStep(ctx, st)
	if !errors.Is(err, ErrConflict) {
		return err
	}
	if made, lookErr := s.stepMade(ctx, st); lookErr != nil || made {
		return lookErr
	}
	return err
}

func (s *Store) stepMade(ctx context.Context, st letters.Step) (bool, error) {
	var n int
	err := s.reader().get(ctx, &n, sqlStepEventOurs, st.LetterID, st.Generation, st.Token+1, st.Actor, st.At, st.To)
	if err != nil {
		return false, fmt.Errorf("look for step of letter %s: %w", st.LetterID, err)
	}
	return n > 0, nil
}
