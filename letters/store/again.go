package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"oshirase/letters"
)

const (
	sqlReaddress    = `UPDATE dispatch SET recipient_id = ? WHERE letter_id = ? AND generation = ? AND state = 'planned'`
	sqlNextDispatch = `INSERT INTO dispatch (letter_id, generation, month, recipient_id, channel, state, token, decision_id)
		SELECT d.letter_id, d.generation + 1, d.month,
		CASE CAST(? AS BIGINT) WHEN 0 THEN d.recipient_id ELSE CAST(? AS BIGINT) END,
		CAST(? AS TEXT), 'planned', d.token + 1, CAST(? AS BIGINT)
		FROM dispatch d WHERE d.letter_id = ? AND d.generation = ? AND d.state = 'superseded'`
	sqlNextLetter = `UPDATE letter SET generation = generation + 1 WHERE letter_id = ? AND generation = ?`
)

// again adds the generation that a decision makes, planned. Its token
// continues the one before, since the letter's events are numbered through.
func (c conn) again(ctx context.Context, d letters.Decision, l decided, channel letters.Channel) error {
	err := c.one(ctx, sqlNextDispatch, l.Recipient, l.Recipient, channel, d.ID, l.ID, l.Generation)
	if err != nil {
		return err
	}
	if err := c.one(ctx, sqlNextLetter, l.ID, l.Generation); err != nil {
		return err
	}
	return c.one(ctx, sqlStepEvent, l.ID, l.Token+2, l.Generation+1, d.ConfirmedAt, d.ConfirmedBy, "", letters.Planned,
		letters.ByDecision, strconv.FormatInt(d.ID, 10))
}

const (
	sqlLateEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), 'approved', 'rendered', 'replan', ''
		FROM dispatch d WHERE d.month = ? AND d.state = 'approved' AND d.printed_on < ?`
	sqlLate        = `UPDATE dispatch SET state = 'rendered', token = token + 1 WHERE month = ? AND state = 'approved' AND printed_on < ?`
	sqlPostAgain   = `UPDATE dispatch SET printed_on = ?, document_no = ? WHERE month = ? AND state IN ('planned','render_failed')`
	sqlAgainEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), 'rendered', 'planned', 'replan', ''
		FROM dispatch d WHERE d.month = ? AND d.state = 'rendered'
		AND (d.printed_on <> ? OR d.document_no <> ? OR d.renderer <> ? OR d.template_version <> ?)`
	sqlAgain = `UPDATE dispatch SET state = 'planned', token = token + 1,
		renderer = '', template_version = '', content_hash = '', file_hash = '', file_size = 0, page_hashes = '',
		pages = 0, envelope = '', barcode = 0, class = '', printed_on = '', document_no = ''
		WHERE month = ? AND state = 'rendered'
		AND (printed_on <> ? OR document_no <> ? OR renderer <> ? OR template_version <> ?)`
)

// PostAgain gives the letters of an approved month that still wait for
// rendering (next generations, and held letters that a decision let go) their
// own printed date and document number, and returns how many wait. Approved
// letters whose printed date lies before today, and rendered ones of another
// date, number or edition, are to be rendered again too. ErrNotApproved when
// the month is open: it has one date for all.
func (s *Store) PostAgain(ctx context.Context, m letters.Month, date, today letters.Date, documentNo, renderer, template, by string) (int, error) {
	var waiting int
	err := s.write(ctx, "post again in "+string(m), func(c conn) error {
		if err := c.lockApproved(ctx, m); err != nil {
			return err
		}
		at := s.now().UnixMicro()
		n, err := c.exec(ctx, sqlLateEvents, at, by, m, today)
		if err != nil {
			return err
		}
		if err := c.exactly(ctx, n, sqlLate, m, today); err != nil {
			return err
		}
		if n, err = c.exec(ctx, sqlAgainEvents, at, by, m, date, documentNo, renderer, template); err != nil {
			return err
		}
		if err := c.exactly(ctx, n, sqlAgain, m, date, documentNo, renderer, template); err != nil {
			return err
		}
		waiting, err = c.exec(ctx, sqlPostAgain, date, documentNo, m)
		return err
	})
	return waiting, err
}

func (c conn) lockApproved(ctx context.Context, m letters.Month) error {
	state, err := c.lockMonth(ctx, m)
	if err == nil && state != letters.MonthApproved {
		return ErrNotApproved
	}
	return err
}

const (
	sqlAgainWaiting = `SELECT CAST(COUNT(letter_id) AS BIGINT) FROM dispatch
		WHERE month = ? AND state IN ('planned','render_failed')`
	sqlAgainRendered = `SELECT letter_id, generation, content_hash, renderer, template_version FROM dispatch
		WHERE month = ? AND state = 'rendered' ORDER BY letter_id, generation`
)

// AgainHash is BatchHash of what an approved month has rendered since: hex
// SHA-256 over each letter's ID, generation, content hash and edition.
// ErrNotRendered while one of them waits for rendering.
func (s *Store) AgainHash(ctx context.Context, m letters.Month) (hash string, n int, err error) {
	hash, n, err = s.reader().againHash(ctx, m)
	if err != nil {
		return "", 0, fmt.Errorf("hash of what %s sends again: %w", m, err)
	}
	return hash, n, nil
}

func (c conn) againHash(ctx context.Context, m letters.Month) (string, int, error) {
	var waiting int
	if err := c.get(ctx, &waiting, sqlAgainWaiting, m); err != nil {
		return "", 0, err
	}
	if waiting > 0 {
		return "", 0, fmt.Errorf("%d letters: %w", waiting, ErrNotRendered)
	}
	h := sha256.New()
	n := 0
	err := c.each(ctx, sqlAgainRendered, func(scan func(...any) error) error {
		var id, content, renderer, template string
		var generation int
		if err := scan(&id, &generation, &content, &renderer, &template); err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d %s %s %s\n", id, generation, content, renderer, template)
		n++
		return nil
	}, m)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// ApproveAgain is the second person's approval of what an approved month has
// rendered since. hash is the AgainHash that the person saw; another one now
// is ErrConflict. ErrSamePerson when by has prepared the month.
func (s *Store) ApproveAgain(ctx context.Context, m letters.Month, by, hash string, at time.Time) error {
	return s.write(ctx, "approve again in "+string(m), func(c conn) error {
		if err := c.lockApproved(ctx, m); err != nil {
			return err
		}
		info, err := c.month(ctx, m)
		if err != nil {
			return err
		}
		now, n, err := c.againHash(ctx, m)
		if err != nil {
			return err
		}
		if now != hash || n == 0 {
			return fmt.Errorf("hash of what is sent again: %w", ErrConflict)
		}
		if err := c.secondPerson(ctx, info, "letters", by, hash, at); err != nil {
			return err
		}
		if err := c.exactly(ctx, n, sqlApproveEvents, at.UnixMicro(), by, m); err != nil {
			return err
		}
		return c.exactly(ctx, n, sqlApproveLetters, m)
	})
}

const (
	sqlApprovedDates = `SELECT DISTINCT printed_on FROM dispatch WHERE month = ? AND state = 'approved' ORDER BY printed_on`
	sqlOtherEdition  = `SELECT DISTINCT month FROM dispatch WHERE CAST(? AS TEXT) LIKE '%,' || state || ',%'
		AND (CAST(? AS TEXT) = '' OR month = CAST(? AS TEXT)) AND (renderer <> ? OR template_version <> ?) ORDER BY month`
)

// ApprovedDates returns the printed dates of the month's approved letters that
// are not yet queued.
func (s *Store) ApprovedDates(ctx context.Context, m letters.Month) ([]letters.Date, error) {
	var list []letters.Date
	if err := s.reader().list(ctx, &list, sqlApprovedDates, m); err != nil {
		return nil, fmt.Errorf("printed dates of %s: %w", m, err)
	}
	return list, nil
}

// OtherEdition returns the months, of one month or of all with "", that have
// letters in one of states made by another wording or renderer.
func (s *Store) OtherEdition(ctx context.Context, m letters.Month, states []letters.State, renderer, template string) ([]letters.Month, error) {
	var list []letters.Month
	if err := s.reader().list(ctx, &list, sqlOtherEdition, ","+joined(states)+",", m, m, renderer, template); err != nil {
		return nil, fmt.Errorf("letters of another edition: %w", err)
	}
	return list, nil
}
