package store

import (
	"context"
	"fmt"
	"time"

	"oshirase/letters"
)

// LookLimits bound how many letters a person looks up within Span: more than
// Alert are listed for the supervisor, more than Stop are refused. Zero is no
// limit. It is an alias of an unnamed type, so that other packages can name it
// for themselves.
type LookLimits = struct {
	Span        time.Duration
	Alert, Stop int
}

// slotLength is how finely looks are counted, in µs: ten seconds.
const slotLength = 10 * 1_000_000

const (
	sqlCountLook = `INSERT INTO look_count (user_name, slot, looks) VALUES (?, ?, 1)
		ON CONFLICT (user_name, slot) DO UPDATE SET looks = look_count.looks + 1`
	sqlSumLooks    = `SELECT COALESCE(CAST(SUM(looks) AS BIGINT), 0) FROM look_count WHERE user_name = ? AND slot > ?`
	sqlForgetLooks = `DELETE FROM look_count WHERE user_name = ? AND slot <= ?`
	sqlOpenCall    = `INSERT INTO caller_call (call_id, user_name, letter_id, found_by, answer, opened_at) VALUES (?, ?, ?, ?, ?, ?)`
	sqlSupervise   = `INSERT INTO supervision (kind, user_name, letter_id, call_id, looks, at) VALUES (?, ?, ?, ?, ?, ?)`
	sqlStoppedYet  = `SELECT CAST(COUNT(supervision_id) AS BIGINT) FROM supervision WHERE kind = 'stopped' AND user_name = ? AND at > ?`
)

// OpenCall counts a look-up, looks for what it names and opens a call with the
// answer. ErrTooMany says that the person has looked up too often: nothing was
// searched, and the supervisor's list says so. The ledger counts, so neither a
// restart nor another process forgets.
func (s *Store) OpenCall(ctx context.Context, call letters.Call, limits LookLimits) (letters.Call, error) {
	call.OpenedAt = s.now().UnixMicro()
	err := s.write(ctx, "open call", func(c conn) error {
		if err := c.countLook(ctx, call.User, limits, call.OpenedAt); err != nil {
			return err
		}
		return c.openCall(ctx, &call)
	})
	if err == nil {
		return call, nil
	}
	if isTooMany(err) {
		return call, firstError(s.noteStopped(ctx, call.User, limits, call.OpenedAt), err)
	}
	return call, err
}

// CountSearch counts a search that names no letter yet, with the same limits.
func (s *Store) CountSearch(ctx context.Context, user string, limits LookLimits) error {
	at := s.now().UnixMicro()
	err := s.write(ctx, "count search", func(c conn) error { return c.countLook(ctx, user, limits, at) })
	if isTooMany(err) {
		return firstError(s.noteStopped(ctx, user, limits, at), err)
	}
	return err
}

// OpenFound opens calls for what a counted search found; the caller picks one
// of them. Letters under 支援措置 are answered as OpenCall does.
func (s *Store) OpenFound(ctx context.Context, calls []letters.Call) ([]letters.Call, error) {
	out := append([]letters.Call(nil), calls...)
	err := s.write(ctx, "open calls", func(c conn) error {
		for i := range out {
			out[i].OpenedAt = s.now().UnixMicro()
			if err := c.openCall(ctx, &out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (c conn) countLook(ctx context.Context, user string, limits LookLimits, at int64) error {
	slot := at / slotLength
	if _, err := c.exec(ctx, sqlCountLook, user, slot); err != nil {
		return err
	}
	since := slot - limits.Span.Microseconds()/slotLength
	var looks int
	if err := c.get(ctx, &looks, sqlSumLooks, user, since); err != nil {
		return err
	}
	if limits.Stop > 0 && looks > limits.Stop {
		return ErrTooMany
	}
	if limits.Alert > 0 && looks == limits.Alert+1 {
		return c.one(ctx, sqlSupervise, "many", user, nil, nil, looks, at)
	}
	_, err := c.exec(ctx, sqlForgetLooks, user, since)
	return err
}

// noteStopped lists a stop once in a span: the refused transaction left nothing.
func (s *Store) noteStopped(ctx context.Context, user string, limits LookLimits, at int64) error {
	return s.write(ctx, "note stop", func(c conn) error {
		var before int
		err := c.get(ctx, &before, sqlStoppedYet, user, at-limits.Span.Microseconds())
		if err != nil || before > 0 {
			return err
		}
		return c.one(ctx, sqlSupervise, "stopped", user, nil, nil, limits.Stop, at)
	})
}

func (c conn) openCall(ctx context.Context, call *letters.Call) error {
	call.Answer = letters.CallNotFound
	if call.LetterID != "" {
		shelter, err := c.shelter(ctx, call.LetterID)
		switch {
		case isNotFound(err):
			call.LetterID = ""
		case err != nil:
			return err
		case shelter:
			call.Answer = letters.CallShelter
		default:
			call.Answer = letters.CallFound
		}
	}
	var letter any
	if call.LetterID != "" {
		letter = call.LetterID
	}
	err := c.one(ctx, sqlOpenCall, call.ID, call.User, letter, call.FoundBy, call.Answer, call.OpenedAt)
	if err != nil || call.Answer != letters.CallShelter {
		return err
	}
	return c.one(ctx, sqlSupervise, "shelter", call.User, letter, call.ID, 0, call.OpenedAt)
}

const (
	callColumns = `call_id AS id, user_name AS "user", COALESCE(letter_id, '') AS letterid, found_by AS foundby, answer,
		opened_at AS openedat, misses, matched_by AS matchedby, matched_at AS matchedat, caller, proxy, purpose,
		purpose_at AS purposeat, ended_at AS endedat`
	sqlCall = `SELECT ` + callColumns + ` FROM caller_call WHERE call_id = ? AND user_name = ? AND opened_at > ?`
)

// Call returns a person's own call that is not older than letters.CallLimit,
// else ErrNotFound: a call of somebody else does not exist.
func (s *Store) Call(ctx context.Context, id, user string) (letters.Call, error) {
	return s.reader().call(ctx, id, user, s.now())
}

func (c conn) call(ctx context.Context, id, user string, now time.Time) (letters.Call, error) {
	var call letters.Call
	err := c.get(ctx, &call, sqlCall, id, user, now.Add(-letters.CallLimit).UnixMicro())
	if err != nil {
		return call, fmt.Errorf("call: %w", err)
	}
	return call, nil
}

const (
	sqlMiss = `UPDATE caller_call SET misses = misses + 1, missed_at = ? WHERE call_id = ? AND answer = 'found' AND matched_by = ''`
	// The letter is locked, so that the sum after it holds the misses of other calls too.
	sqlMissPostgres = `WITH about AS MATERIALIZED (SELECT l.letter_id FROM letter l JOIN caller_call c ON c.letter_id = l.letter_id
		WHERE c.call_id = ? FOR NO KEY UPDATE OF l)
		UPDATE caller_call SET misses = misses + 1, missed_at = ? FROM about
		WHERE call_id = ? AND caller_call.letter_id = about.letter_id AND answer = 'found' AND matched_by = ''`
	standingMisses = `SELECT COALESCE(CAST(SUM(k.misses) AS BIGINT), 0) FROM caller_call k WHERE k.letter_id = ? AND k.misses > 0
		AND k.missed_at > ? AND k.missed_at > COALESCE((SELECT MAX(v.seen_at) FROM supervision v
		WHERE v.letter_id = k.letter_id AND v.kind = 'misses'), 0)`
	sqlMissSum = standingMisses
	sqlMatch   = `UPDATE caller_call SET matched_by = ?, matched_at = ? WHERE call_id = ? AND answer = 'found' AND matched_by = '' AND ended_at = 0
		AND (` + standingMisses + `) < ?`
)

// Misses counts the wrong answers about a letter that still stand: those of
// the last letters.MissSpan that the supervisor has not seen.
func (s *Store) Misses(ctx context.Context, id letters.ID) (int, error) {
	return s.reader().misses(ctx, id, s.now())
}

func (c conn) misses(ctx context.Context, id letters.ID, now time.Time) (n int, err error) {
	if err = c.get(ctx, &n, sqlMissSum, id, now.Add(-letters.MissSpan).UnixMicro()); err != nil {
		return 0, fmt.Errorf("misses of %s: %w", id, err)
	}
	return n, nil
}

// Miss records a wrong answer of a caller and returns how many stand against
// the letter now, whoever asked; the third puts it on the supervisor's list.
func (s *Store) Miss(ctx context.Context, call letters.Call) (n int, err error) {
	now := s.now()
	err = s.write(ctx, "record miss", func(c conn) error {
		if err := c.countMiss(ctx, call.ID, now.UnixMicro()); err != nil {
			return err
		}
		if n, err = c.misses(ctx, call.LetterID, now); err != nil || n != letters.MissLimit {
			return err
		}
		return c.one(ctx, sqlSupervise, "misses", call.User, call.LetterID, call.ID, 0, now.UnixMicro())
	})
	return n, err
}

func (c conn) countMiss(ctx context.Context, call string, at int64) error {
	if c.postgres {
		return c.one(ctx, sqlMissPostgres, call, at, call)
	}
	return c.one(ctx, sqlMiss, at, call)
}

// Match records that the caller is who they say. ErrTooMany says that wrong
// answers about the letter stand, so that nobody is checked.
func (s *Store) Match(ctx context.Context, call letters.Call, by letters.Attribute) error {
	now := s.now()
	return s.write(ctx, "record match", func(c conn) error {
		since := now.Add(-letters.MissSpan).UnixMicro()
		n, err := c.exec(ctx, sqlMatch, by, now.UnixMicro(), call.ID, call.LetterID, since, letters.MissLimit)
		if err != nil || n == 1 {
			return err
		}
		if n, err = c.misses(ctx, call.LetterID, now); err == nil && n >= letters.MissLimit {
			err = ErrTooMany
		} else if err == nil {
			err = ErrConflict
		}
		return err
	})
}

const (
	sqlPurpose = `UPDATE caller_call SET purpose = ?, purpose_at = ?, caller = ?, proxy = ?
		WHERE call_id = ? AND matched_by <> '' AND purpose = '' AND ended_at = 0`
	sqlReveal = `INSERT INTO call_reveal (call_id, field, shown_until) SELECT call_id, CAST(? AS TEXT), CAST(? AS BIGINT)
		FROM caller_call WHERE call_id = ? AND purpose <> '' AND ended_at = 0
		ON CONFLICT (call_id, field) DO UPDATE SET shown_until = excluded.shown_until`
	sqlReveals = `SELECT field, shown_until AS until FROM call_reveal WHERE call_id = ? AND shown_until > ? ORDER BY field`
)

// Purpose records who the matched caller is and why the letter is shown. A
// call that is not matched, or has its purpose, is ErrConflict.
func (s *Store) Purpose(ctx context.Context, id, purpose string, caller letters.CallerKind, proxy string) error {
	return s.write(ctx, "record purpose", func(c conn) error {
		return c.one(ctx, sqlPurpose, purpose, s.now().UnixMicro(), caller, proxy, id)
	})
}

// Reveal unmasks a field of the call's letter for letters.RevealSpan. Without
// a purpose it is ErrConflict.
func (s *Store) Reveal(ctx context.Context, id string, field letters.Field) error {
	return s.write(ctx, "reveal "+string(field), func(c conn) error {
		return c.one(ctx, sqlReveal, field, s.now().Add(letters.RevealSpan).UnixMicro(), id)
	})
}

// Reveals returns the fields that are unmasked now.
func (s *Store) Reveals(ctx context.Context, id string) ([]letters.Reveal, error) {
	var list []letters.Reveal
	if err := s.reader().list(ctx, &list, sqlReveals, id, s.now().UnixMicro()); err != nil {
		return nil, fmt.Errorf("reveals: %w", err)
	}
	return list, nil
}
