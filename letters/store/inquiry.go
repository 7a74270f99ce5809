package store

import (
	"context"
	"fmt"
	"time"

	"oshirase/letters"
)

const (
	sqlEndCall = `UPDATE caller_call SET ended_at = ? WHERE call_id = ? AND user_name = ? AND ended_at = 0`
	sqlInquire = `INSERT INTO inquiry (call_id, letter_id, user_name, at, caller, proxy, purpose, outcome, harm, note)
		SELECT call_id, letter_id, user_name, CAST(? AS BIGINT), CASE CAST(? AS TEXT) WHEN '' THEN caller ELSE CAST(? AS TEXT) END,
		CASE CAST(? AS TEXT) WHEN '' THEN proxy ELSE CAST(? AS TEXT) END,
		purpose, CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT)
		FROM caller_call WHERE call_id = ? RETURNING inquiry_id`
	sqlWish = `INSERT INTO wish (inquiry_id, letter_id, kind, postal_code, address, building)
		SELECT i.inquiry_id, CASE WHEN k.matched_by = '' THEN NULL ELSE i.letter_id END, CAST(? AS TEXT), CAST(? AS TEXT),
		CAST(? AS TEXT), CAST(? AS TEXT)
		FROM inquiry i JOIN caller_call k ON k.call_id = i.call_id WHERE i.inquiry_id = ?`
)

// Inquire records a call's outcome with its wishes, and ends the call: nothing
// of it is shown afterwards. A call that was ended before is ErrConflict. Only
// the wish for an answer can stand without a caller that matched.
func (s *Store) Inquire(ctx context.Context, in letters.Inquiry, wishes []letters.Wish) (id int64, err error) {
	at := s.now().UnixMicro()
	err = s.write(ctx, "record inquiry", func(c conn) error {
		if err := c.one(ctx, sqlEndCall, at, in.CallID, in.User); err != nil {
			return err
		}
		err := c.get(ctx, &id, sqlInquire, at, in.Caller, in.Caller, in.Proxy, in.Proxy, in.Outcome, flag(in.Harm), in.Note, in.CallID)
		if err != nil {
			return err
		}
		for _, w := range wishes {
			if err := c.one(ctx, sqlWish, w.Kind, w.PostalCode, w.Address, w.Building, id); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

const (
	inquiryColumns = `inquiry_id AS id, call_id AS callid, COALESCE(letter_id, '') AS letterid, user_name AS "user", at, caller,
		proxy, purpose, outcome, harm, note`
	sqlInquiriesOf = `SELECT ` + inquiryColumns + ` FROM inquiry WHERE letter_id = ? ORDER BY inquiry_id`
	sqlInquiriesIn = `SELECT ` + inquiryColumns + ` FROM inquiry WHERE at >= ? AND at < ? ORDER BY inquiry_id`
	sqlHarm        = `SELECT CAST(COUNT(inquiry_id) AS BIGINT) FROM inquiry WHERE harm = 1 AND at <= ?`
)

// InquiriesOf returns what was asked about a letter, the oldest first.
func (s *Store) InquiriesOf(ctx context.Context, id letters.ID) ([]letters.Inquiry, error) {
	var list []letters.Inquiry
	if err := s.reader().list(ctx, &list, sqlInquiriesOf, id); err != nil {
		return nil, fmt.Errorf("inquiries of %s: %w", id, err)
	}
	return list, nil
}

// Inquiries returns the inquiries from an instant to before another.
func (s *Store) Inquiries(ctx context.Context, from, to time.Time) ([]letters.Inquiry, error) {
	var list []letters.Inquiry
	if err := s.reader().list(ctx, &list, sqlInquiriesIn, from.UnixMicro(), to.UnixMicro()); err != nil {
		return nil, fmt.Errorf("inquiries: %w", err)
	}
	return list, nil
}

// HarmReports counts the inquiries that report secondary harm (二次被害の申出)
// up to an instant; the zero time is now.
func (s *Store) HarmReports(ctx context.Context, until time.Time) (n int, err error) {
	if until.IsZero() {
		until = s.now()
	}
	if err = s.reader().get(ctx, &n, sqlHarm, until.UnixMicro()); err != nil {
		return 0, fmt.Errorf("harm reports: %w", err)
	}
	return n, nil
}

const (
	wishColumns = `wish_id AS id, inquiry_id AS inquiryid, COALESCE(letter_id, '') AS letterid, kind, postal_code AS postalcode,
		address, building, state, decided_by AS decidedby, decided_at AS decidedat, answer, COALESCE(decision_id, 0) AS decisionid`
	sqlOpenWishes = `SELECT ` + wishColumns + ` FROM wish WHERE state = 'open' ORDER BY wish_id`
	sqlWishesOf   = `SELECT ` + wishColumns + ` FROM wish WHERE letter_id = ? ORDER BY wish_id`
	sqlOneWish    = `SELECT ` + wishColumns + ` FROM wish WHERE wish_id = ?`
	sqlDecideWish = `UPDATE wish SET state = ?, decided_by = ?, decided_at = ?, answer = ?, decision_id = ?
		WHERE wish_id = ? AND state = 'open'`
	sqlNoContact = `INSERT INTO no_contact (fold_key, letter_id, wish_id, decided_by, decided_at)
		SELECT l.fold_key, l.letter_id, CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BIGINT) FROM letter l WHERE l.letter_id = ?
		ON CONFLICT (fold_key) DO NOTHING`
)

// OpenWishes returns the wishes that wait for 広報, the oldest first.
func (s *Store) OpenWishes(ctx context.Context) ([]letters.Wish, error) {
	var list []letters.Wish
	if err := s.reader().list(ctx, &list, sqlOpenWishes); err != nil {
		return nil, fmt.Errorf("open wishes: %w", err)
	}
	return list, nil
}

// WishesOf returns the wishes about a letter, the oldest first.
func (s *Store) WishesOf(ctx context.Context, id letters.ID) ([]letters.Wish, error) {
	var list []letters.Wish
	if err := s.reader().list(ctx, &list, sqlWishesOf, id); err != nil {
		return nil, fmt.Errorf("wishes of %s: %w", id, err)
	}
	return list, nil
}

// DecideWish is 広報's word on a wish: accepted or not, with the answer, and
// the proposal it became, 0 = none. An accepted 連絡不要 holds the person's
// rows in later plans. A wish that was decided before is ErrConflict.
func (s *Store) DecideWish(ctx context.Context, id int64, accept bool, by, answer string, decision int64) error {
	at := s.now().UnixMicro()
	return s.write(ctx, fmt.Sprintf("decide wish %d", id), func(c conn) error {
		state, ref := "declined", any(nil)
		if accept {
			state = "accepted"
		}
		if decision != 0 {
			ref = decision
		}
		if err := c.one(ctx, sqlDecideWish, state, by, at, answer, ref, id); err != nil {
			return err
		}
		var w letters.Wish
		if err := c.get(ctx, &w, sqlOneWish, id); err != nil {
			return err
		}
		if !accept || w.Kind != letters.WishNoContact {
			return nil
		}
		_, err := c.exec(ctx, sqlNoContact, id, by, at, w.LetterID)
		return err
	})
}
