package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oshirase/letters"
)

const (
	sqlUncertainMails = `SELECT u.letterid, u.generation, u.token, u.messageid, u.at FROM (
		SELECT d.letter_id AS letterid, d.generation, d.token, d.message_id AS messageid,
		CAST(COALESCE((SELECT MAX(e.at) FROM letter_event e WHERE e.letter_id = d.letter_id
		AND e.generation = d.generation AND e.to_state = 'handing_over'), 0) AS BIGINT) AS at
		FROM dispatch d WHERE d.state = 'uncertain' AND d.channel = 'email' AND d.message_id <> '') u
		WHERE u.at > (SELECT COALESCE(MAX(confirmed_at), 0) FROM decision WHERE action = 'resume')
		ORDER BY u.letterid`
	sqlTakenMails = `SELECT DISTINCT d.message_id AS messageid, d.reply FROM letter_event e
		JOIN dispatch d ON d.letter_id = e.letter_id AND d.generation = e.generation
		WHERE e.to_state = 'accepted' AND e.guard = 'answer' AND e.at >= ? AND e.at <= ? ORDER BY d.message_id`
)

// HandOver is an uncertain mail with the instant, in µs, at which it last
// stood before its final dot. It is an alias of an unnamed type, so that other
// packages can name it for themselves.
type HandOver = struct {
	LetterID   letters.ID
	Generation int
	Token      int64
	MessageID  string
	At         int64
}

// UncertainMails returns every uncertain mail whose last hand-over the ledger
// knows. Of those before a resumption it does not: the letter may have been
// tried again after the backup was taken.
func (s *Store) UncertainMails(ctx context.Context) ([]HandOver, error) {
	var list []HandOver
	if err := s.reader().list(ctx, &list, sqlUncertainMails); err != nil {
		return nil, fmt.Errorf("uncertain mails: %w", err)
	}
	return list, nil
}

// Taken is a mail that the relay said it took, with the words that it said so
// in. It is an alias of an unnamed type, as HandOver is.
type Taken = struct {
	MessageID string
	Reply     string
}

// TakenMails returns the mails that the relay said it took within an interval.
func (s *Store) TakenMails(ctx context.Context, from, to time.Time) ([]Taken, error) {
	var list []Taken
	if err := s.reader().list(ctx, &list, sqlTakenMails, from.UnixMicro(), to.UnixMicro()); err != nil {
		return nil, fmt.Errorf("mails that were taken: %w", err)
	}
	return list, nil
}

// TakeEvidence records a file of evidence, once by its content, and makes the
// steps that follow from it, all or none. A file may be read again: a letter
// may have become uncertain since.
func (s *Store) TakeEvidence(ctx context.Context, f letters.ReceiptFile, steps []letters.Step, at time.Time) error {
	return s.write(ctx, "take evidence", func(c conn) error {
		var known letters.ReceiptFile
		err := c.get(ctx, &known, sqlReceiptBy, f.SHA256)
		if errors.Is(err, ErrNotFound) {
			err = c.get(ctx, &known.ID, sqlPutReceipt, f.Kind, f.SHA256, f.Name, f.Lines, at.UnixMicro())
		}
		if err != nil {
			return err
		}
		for _, st := range steps {
			st.At, st.Ref = at.UnixMicro(), fmt.Sprintf("evidence %d %s", known.ID, st.Ref)
			if err := c.step(ctx, st); err != nil {
				return fmt.Errorf("%s: %w", st.LetterID, err)
			}
		}
		return c.settleRuns(ctx, at.UnixMicro())
	})
}
