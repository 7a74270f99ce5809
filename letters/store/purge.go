package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"

	"oshirase/letters"
)

// Why a purge is refused.
var (
	ErrPurged     = errors.New("the month's personal data were deleted")
	ErrUndone     = errors.New("something of the month still waits")
	ErrNoProposal = errors.New("nobody has proposed to purge the month")
)

const (
	purgeColumns = `month, reason, letters, proposed_by AS proposedby, proposed_at AS proposedat, confirmed_by AS confirmedby,
		confirmed_at AS confirmedat, finished_at AS finishedat`
	sqlPurge        = `SELECT ` + purgeColumns + ` FROM purge WHERE month = ?`
	sqlProposePurge = `INSERT INTO purge (month, reason, letters, proposed_by, proposed_at) VALUES (?, ?, ?, ?, ?)`
	sqlDropPurge    = `DELETE FROM purge WHERE month = ? AND confirmed_at = 0`
	sqlConfirmPurge = `UPDATE purge SET confirmed_by = ?, confirmed_at = ? WHERE month = ? AND confirmed_at = 0 AND proposed_by <> ?`
	sqlFinishPurge  = `UPDATE purge SET finished_at = ? WHERE month = ? AND confirmed_at > 0 AND finished_at = 0`

	// purgedMonth counts 1 when the month of l was purged.
	purgedMonth = `(SELECT CAST(COUNT(g.purge_id) AS BIGINT) FROM purge g WHERE g.month = l.month AND g.confirmed_at > 0)`
)

// Purge returns the month's purge or the proposal of one, or ErrNotFound.
func (s *Store) Purge(ctx context.Context, m letters.Month) (letters.Purge, error) {
	return s.reader().purge(ctx, m)
}

func (c conn) purge(ctx context.Context, m letters.Month) (p letters.Purge, err error) {
	err = c.get(ctx, &p, sqlPurge, m)
	return p, err
}

const sqlPurgeable = `SELECT
	(SELECT CAST(COUNT(l.letter_id) AS BIGINT) FROM letter l WHERE l.month = m.month) AS letters,
	(SELECT CAST(COUNT(r.row_no) AS BIGINT) FROM source_file f JOIN source_row r ON r.file_id = f.file_id WHERE f.month = m.month) AS rows,
	(SELECT CAST(COUNT(rc.recipient_id) AS BIGINT) FROM recipient rc JOIN letter l ON l.letter_id = rc.letter_id WHERE l.month = m.month) AS recipients,
	(SELECT CAST(COUNT(k.case_id) AS BIGINT) FROM viewed_case k WHERE k.month = m.month) AS cases,
	(SELECT CAST(COUNT(a.call_id) AS BIGINT) FROM caller_call a JOIN letter l ON l.letter_id = a.letter_id WHERE l.month = m.month AND a.proxy <> '') AS calls,
	(SELECT CAST(COUNT(i.inquiry_id) AS BIGINT) FROM inquiry i JOIN letter l ON l.letter_id = i.letter_id WHERE l.month = m.month) AS inquiries,
	(SELECT CAST(COUNT(w.wish_id) AS BIGINT) FROM wish w JOIN letter l ON l.letter_id = w.letter_id WHERE l.month = m.month) AS wishes,
	(SELECT CAST(COUNT(d.letter_id) AS BIGINT) FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE l.month = m.month AND d.state NOT IN ('posted','accepted','closed','closed_unreachable','cancelled','superseded'))
	+ (SELECT CAST(COUNT(w.wish_id) AS BIGINT) FROM wish w JOIN letter l ON l.letter_id = w.letter_id WHERE l.month = m.month AND w.state = 'open')
	+ (SELECT CAST(COUNT(v.supervision_id) AS BIGINT) FROM supervision v JOIN letter l ON l.letter_id = v.letter_id WHERE l.month = m.month AND v.seen_at = 0)
	+ (SELECT CAST(COUNT(x.letter_id) AS BIGINT) FROM decision_letter x JOIN letter l ON l.letter_id = x.letter_id WHERE l.month = m.month AND x.pending = 1)
	+ (SELECT CAST(COUNT(f.file_id) AS BIGINT) FROM source_file f WHERE f.month = m.month AND f.state = 'staging') AS undone,
	COALESCE((SELECT MAX(e.at) FROM letter_event e JOIN letter l ON l.letter_id = e.letter_id WHERE l.month = m.month), 0) AS last
	FROM month_batch m WHERE m.month = ?`

const sqlLastInquiry = `SELECT COALESCE(MAX(i.at), 0) FROM inquiry i JOIN letter l ON l.letter_id = i.letter_id WHERE l.month = ?`

// Purgeable says what a purge of the month would take and whether it may, or
// ErrNotFound.
func (s *Store) Purgeable(ctx context.Context, m letters.Month) (letters.Purgeable, error) {
	return s.reader().purgeable(ctx, m)
}

func (c conn) purgeable(ctx context.Context, m letters.Month) (p letters.Purgeable, err error) {
	if err := c.get(ctx, &p, sqlPurgeable, m); err != nil {
		return p, fmt.Errorf("purgeable of %s: %w", m, err)
	}
	var asked int64
	err = c.get(ctx, &asked, sqlLastInquiry, m)
	p.Last = max(p.Last, asked)
	return p, err
}

// ProposePurge records one person's proposal. ErrUndone says that something of
// the month waits, ErrPurged that it was purged, ErrPending that a proposal
// stands already.
func (s *Store) ProposePurge(ctx context.Context, p letters.Purge) error {
	return s.write(ctx, "propose purge", func(c conn) error {
		if _, err := c.lockMonth(ctx, p.Month); err != nil {
			return err
		}
		before, err := c.purge(ctx, p.Month)
		switch {
		case err == nil && before.ConfirmedAt > 0:
			return ErrPurged
		case err == nil:
			return ErrPending
		case !isNotFound(err):
			return err
		}
		now, err := c.purgeable(ctx, p.Month)
		if err != nil {
			return err
		}
		if now.Undone > 0 {
			return ErrUndone
		}
		return c.one(ctx, sqlProposePurge, p.Month, p.Reason, now.Letters, p.ProposedBy, p.ProposedAt)
	})
}

// WithdrawPurge takes a proposal back, or gives ErrNoProposal.
func (s *Store) WithdrawPurge(ctx context.Context, m letters.Month) error {
	return s.write(ctx, "withdraw purge", func(c conn) error {
		n, err := c.exec(ctx, sqlDropPurge, m)
		if err == nil && n == 0 {
			err = ErrNoProposal
		}
		return err
	})
}

// FinishPurge records that the month's files are gone too.
func (s *Store) FinishPurge(ctx context.Context, m letters.Month) error {
	return s.write(ctx, "finish purge", func(c conn) error {
		return c.one(ctx, sqlFinishPurge, s.now().UnixMicro(), m)
	})
}

// ConfirmPurge deletes the month's personal data by the word of a second
// person, in one transaction; before is the instant (µs) up to which calls and
// sessions that belong to no letter go too. random makes the ledger's key for
// pseudonyms the first time. ErrNoProposal, ErrOwnProposal, ErrPurged, ErrUndone;
// ErrMoved when the month holds other letters than were proposed. What is freed
// is still on the disk until Compact.
func (s *Store) ConfirmPurge(ctx context.Context, m letters.Month, by string, before int64, random io.Reader) error {
	return s.write(ctx, "purge", func(c conn) error {
		if _, err := c.lockMonth(ctx, m); err != nil {
			return err
		}
		if err := c.purgeReady(ctx, m, by); err != nil {
			return err
		}
		if err := c.one(ctx, sqlConfirmPurge, by, s.now().UnixMicro(), m, by); err != nil {
			return err
		}
		key, err := c.purgeKey(ctx, random)
		if err != nil {
			return err
		}
		return c.scrub(ctx, m, before, key)
	})
}

func (c conn) purgeReady(ctx context.Context, m letters.Month, by string) error {
	p, err := c.purge(ctx, m)
	if isNotFound(err) {
		return ErrNoProposal
	}
	if err != nil {
		return err
	}
	now, err := c.purgeable(ctx, m)
	switch {
	case err != nil:
		return err
	case p.ConfirmedAt > 0:
		return ErrPurged
	case p.ProposedBy == by:
		return ErrOwnProposal
	case now.Undone > 0:
		return ErrUndone
	case now.Letters != p.Letters:
		return ErrMoved
	}
	return nil
}

// metaPurgeKey is the key of the pseudonyms under which purged supply points
// are still counted once.
const metaPurgeKey = "purge_key"

// purgeKey reads the key, drawing it from random the first time; with nil it is
// "" where there is none.
func (c conn) purgeKey(ctx context.Context, random io.Reader) (string, error) {
	var key string
	err := c.get(ctx, &key, sqlMeta, metaPurgeKey)
	if !isNotFound(err) {
		return key, err
	}
	if random == nil {
		return "", nil
	}
	raw := make([]byte, 32)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("draw key of pseudonyms: %w", err)
	}
	key = hex.EncodeToString(raw)
	return key, c.one(ctx, sqlPutMeta, metaPurgeKey, key)
}

// pseudonym stands for a supply point: 22 digits that say nothing without the
// key, and the same in every month.
func pseudonym(key, supplyPoint string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(supplyPoint))
	n := new(big.Int).SetBytes(h.Sum(nil))
	all := new(big.Int).Exp(big.NewInt(10), big.NewInt(22), nil)
	return fmt.Sprintf("%022d", n.Mod(n, all))
}
