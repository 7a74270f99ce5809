package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"oshirase/letters"
)

const (
	sqlUnrendered = `SELECT CAST(COUNT(d.letter_id) AS BIGINT) FROM dispatch d JOIN month_batch m ON m.month = d.month
		WHERE d.month = ? AND (d.state IN ('planned','render_failed') OR (d.state IN ('rendered','approved')
		AND (d.renderer <> m.renderer OR d.template_version <> m.template_version)))`
	sqlRenderedLetters = `SELECT letter_id, generation, content_hash FROM dispatch
		WHERE month = ? AND (state = 'rendered' OR (state = 'approved' AND generation = 1))
		ORDER BY letter_id, generation`
)

// BatchHash returns the hash that approval of the month binds to, and the
// number of its letters: hex SHA-256 over renderer and template version and
// each rendered letter's ID, generation and content hash. It returns
// ErrNotRendered while a letter waits for rendering, failed in it, or was
// rendered by another version than the last one.
func (s *Store) BatchHash(ctx context.Context, m letters.Month) (hash string, n int, err error) {
	info, err := s.Month(ctx, m)
	if err != nil {
		return "", 0, err
	}
	hash, n, err = s.reader().batchHash(ctx, info)
	if err != nil {
		return "", 0, fmt.Errorf("batch hash of %s: %w", m, err)
	}
	return hash, n, nil
}

func (c conn) batchHash(ctx context.Context, info letters.MonthInfo) (string, int, error) {
	var waiting int
	if err := c.get(ctx, &waiting, sqlUnrendered, info.Month); err != nil {
		return "", 0, err
	}
	if waiting > 0 {
		return "", 0, fmt.Errorf("%d letters: %w", waiting, ErrNotRendered)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", info.Renderer, info.Template)
	n := 0
	err := c.each(ctx, sqlRenderedLetters, func(scan func(...any) error) error {
		var id, content string
		var generation int
		if err := scan(&id, &generation, &content); err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d %s\n", id, generation, content)
		n++
		return nil
	}, info.Month)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

const (
	sqlApproval = `INSERT INTO approval (month, subject, hash, approved_by, approved_at)
		VALUES (?, ?, ?, ?, ?) RETURNING approval_id`
	sqlApprovalPreparer = `INSERT INTO approval_preparer (approval_id, approved_by, prepared_by) VALUES (?, ?, ?)`
	sqlApproveMonth     = `UPDATE month_batch SET state = 'approved', batch_hash = ?, approved_by = ?, approved_at = ?
		WHERE month = ? AND state = 'open'`
	sqlApproveEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), 'rendered', 'approved', 'second_person', ''
		FROM dispatch d WHERE d.month = ? AND d.state = 'rendered'`
	sqlApproveLetters = `UPDATE dispatch SET state = 'approved', token = token + 1 WHERE month = ? AND state = 'rendered'`
)

// Approve is the second person's approval of a month: every rendered letter
// becomes approved and the month closes to lists. hash is the BatchHash that
// the person saw; another one now is ErrConflict. It returns ErrSamePerson
// when by has prepared the month, ErrNoPreparer when nobody is recorded who
// has, ErrApproved when it is approved already.
func (s *Store) Approve(ctx context.Context, m letters.Month, by, hash string, at time.Time) error {
	return s.write(ctx, "approve "+string(m), func(c conn) error {
		if err := c.lockOpen(ctx, m); err != nil {
			return err
		}
		info, err := c.month(ctx, m)
		if err != nil {
			return err
		}
		if err := c.secondPerson(ctx, info, "letters", by, hash, at); err != nil {
			return err
		}
		now, n, err := c.batchHash(ctx, info)
		if err != nil {
			return err
		}
		if now != hash {
			return fmt.Errorf("batch hash: %w", ErrConflict)
		}
		if err := c.one(ctx, sqlApproveMonth, hash, by, at.UnixMicro(), m); err != nil {
			return err
		}
		if err := c.exactly(ctx, n, sqlApproveEvents, at.UnixMicro(), by, m); err != nil {
			return err
		}
		return c.exactly(ctx, n, sqlApproveLetters, m)
	})
}

// secondPerson records an approval beside everybody who prepared what is
// approved. The database refuses a line of one person with himself.
func (c conn) secondPerson(ctx context.Context, info letters.MonthInfo, subject, by, hash string, at time.Time) error {
	if len(info.PreparedBy) == 0 {
		return ErrNoPreparer
	}
	if slices.Contains(info.PreparedBy, by) {
		return ErrSamePerson
	}
	var id int64
	if err := c.get(ctx, &id, sqlApproval, info.Month, subject, hash, by, at.UnixMicro()); err != nil {
		return err
	}
	for _, preparer := range info.PreparedBy {
		if err := c.one(ctx, sqlApprovalPreparer, id, by, preparer); err != nil {
			return err
		}
	}
	return nil
}

const sqlReleasable = `SELECT channel, CAST(COUNT(letter_id) AS BIGINT) FROM dispatch
	WHERE month = ? AND state = 'approved' GROUP BY channel`

// Releasable counts the month's approved letters that are not yet queued.
func (s *Store) Releasable(ctx context.Context, m letters.Month) (map[letters.Channel]int, error) {
	out := make(map[letters.Channel]int)
	err := s.reader().each(ctx, sqlReleasable, func(scan func(...any) error) error {
		var channel letters.Channel
		var n int
		if err := scan(&channel, &n); err != nil {
			return err
		}
		out[channel] = n
		return nil
	}, m)
	if err != nil {
		return nil, fmt.Errorf("releasable letters of %s: %w", m, err)
	}
	return out, nil
}

const (
	sqlReleaseEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), 'approved',
		CASE d.channel WHEN 'print' THEN 'queued_print' ELSE 'queued_email' END, 'release', CAST(? AS TEXT)
		FROM dispatch d WHERE d.month = ? AND d.state = 'approved'
		AND (CAST(? AS TEXT) = '' OR d.channel = CAST(? AS TEXT))
		ORDER BY d.channel DESC, d.letter_id, d.generation LIMIT ?`
	sqlRelease = `UPDATE dispatch SET state = e.to_state, token = dispatch.token + 1, post_on = ?
		FROM letter_event e
		WHERE e.letter_id = dispatch.letter_id AND e.generation = dispatch.generation AND e.seq = dispatch.token + 1
		AND e.guard = 'release' AND dispatch.month = ? AND dispatch.state = 'approved'`
	sqlTranche = `INSERT INTO tranche (month, channel, post_on, letters, released_by, released_at) VALUES (?, ?, ?, ?, ?, ?)`
)

// Release queues the month's approved letters of one channel, or of both with
// "", the first limit of them (0 = all), print before e-mail, and records the
// tranche. It returns how many, and ErrNotApproved when the month is open.
func (s *Store) Release(ctx context.Context, m letters.Month, channel letters.Channel, limit int, postOn letters.Date,
	by string, at time.Time) (int, error) {
	return s.release(ctx, m, channel, limit, postOn, by, "", at)
}

// release is Release; ref stands in the events.
func (s *Store) release(ctx context.Context, m letters.Month, channel letters.Channel, limit int, postOn letters.Date,
	by, ref string, at time.Time) (int, error) {
	var n int
	err := s.write(ctx, "release "+string(m), func(c conn) error {
		state, err := c.lockMonth(ctx, m)
		if err != nil {
			return err
		}
		if state != letters.MonthApproved {
			return ErrNotApproved
		}
		if limit <= 0 {
			limit = 1 << 30
		}
		n, err = c.exec(ctx, sqlReleaseEvents, at.UnixMicro(), by, ref, m, channel, channel, limit)
		if err != nil || n == 0 {
			return err
		}
		if err := c.exactly(ctx, n, sqlRelease, postOn, m); err != nil {
			return err
		}
		return c.one(ctx, sqlTranche, m, channel, postOn, n, by, at.UnixMicro())
	})
	return n, err
}

const sqlTranches = `SELECT channel, post_on AS poston, letters, released_by AS by, released_at AS at
	FROM tranche WHERE month = ? ORDER BY tranche_id`

// Tranche is one release of a month: when, by whom and how many. It is an
// alias of an unnamed type, so that other packages can name it for themselves.
type Tranche = struct {
	Channel letters.Channel // "" = both
	PostOn  letters.Date
	Letters int
	By      string
	At      int64
}

// Tranches returns the month's releases, the first one first.
func (s *Store) Tranches(ctx context.Context, m letters.Month) ([]Tranche, error) {
	var list []Tranche
	if err := s.reader().list(ctx, &list, sqlTranches, m); err != nil {
		return nil, fmt.Errorf("tranches of %s: %w", m, err)
	}
	return list, nil
}
