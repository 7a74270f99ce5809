package store

import (
	"context"
	"fmt"
	"time"

	"oshirase/letters"
)

const sqlArrivals = `SELECT to_state AS state, CAST(COUNT(DISTINCT letter_id) AS BIGINT) AS count, MAX(at) AS last
	FROM letter_event WHERE at >= ? GROUP BY to_state ORDER BY to_state`

// Arrivals counts how many letters have come to a state. Last is the instant
// of the last one. It is an alias of an unnamed type, so that other packages
// can name it for themselves.
type Arrivals = struct {
	State letters.State
	Count int
	Last  int64
}

// ArrivedSince says how many letters have come to each state since an instant:
// what was done in the last hour, for instance.
func (s *Store) ArrivedSince(ctx context.Context, since time.Time) ([]Arrivals, error) {
	var list []Arrivals
	if err := s.reader().list(ctx, &list, sqlArrivals, since.UnixMicro()); err != nil {
		return nil, fmt.Errorf("arrivals: %w", err)
	}
	return list, nil
}

const sqlMailsAhead = `SELECT CAST(COUNT(letter_id) AS BIGINT) AS count, COALESCE(MIN(post_on), '') AS first
	FROM dispatch WHERE state = 'queued_email' AND post_on > ? AND (CAST(? AS TEXT) = '' OR month = CAST(? AS TEXT))`

// MailsAhead are queued mails whose posting day has not come, and the first
// such day.
type MailsAhead = struct {
	Count int
	First letters.Date
}

// MailsAhead says how many mails of a month, of all with "", wait for a day
// after today.
func (s *Store) MailsAhead(ctx context.Context, m letters.Month, today letters.Date) (MailsAhead, error) {
	var a MailsAhead
	if err := s.reader().get(ctx, &a, sqlMailsAhead, today, m, m); err != nil {
		return a, fmt.Errorf("mails that wait for their day: %w", err)
	}
	return a, nil
}

const sqlWaitSince = `SELECT d.state, CAST(COALESCE(MIN(e.at), 0) AS BIGINT)
	FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
	JOIN letter_event e ON e.letter_id = d.letter_id AND e.generation = d.generation AND e.to_state = d.state
	WHERE l.month = ? GROUP BY d.state`

// WaitSince returns since when, in µs, the longest waiting letter of the month
// has stood in each state.
func (s *Store) WaitSince(ctx context.Context, m letters.Month) (map[letters.State]int64, error) {
	out := make(map[letters.State]int64)
	err := s.reader().each(ctx, sqlWaitSince, func(scan func(...any) error) error {
		var state letters.State
		var at int64
		if err := scan(&state, &at); err != nil {
			return err
		}
		out[state] = at
		return nil
	}, m)
	if err != nil {
		return nil, fmt.Errorf("waiting since: %w", err)
	}
	return out, nil
}

const sqlHolds = `SELECT d.hold_reason AS reason, CAST(COUNT(d.letter_id) AS BIGINT) AS count
	FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
	WHERE l.month = ? AND d.state = 'held_review' GROUP BY d.hold_reason ORDER BY d.hold_reason`

// Holds is how many letters are held for one reason. It is an alias of an
// unnamed type, so that other packages can name it for themselves.
type Holds = struct {
	Reason letters.Reason
	Count  int
}

// HeldFor counts the month's held letters by reason.
func (s *Store) HeldFor(ctx context.Context, m letters.Month) ([]Holds, error) {
	var list []Holds
	if err := s.reader().list(ctx, &list, sqlHolds, m); err != nil {
		return nil, fmt.Errorf("held letters: %w", err)
	}
	return list, nil
}
