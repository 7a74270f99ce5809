package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	supervisionColumns = `supervision_id AS id, kind, user_name AS "user", COALESCE(letter_id, '') AS letterid,
		COALESCE(call_id, '') AS callid, looks, at, seen_by AS seenby, seen_at AS seenat, answer`
	sqlSupervisions = `SELECT ` + supervisionColumns + ` FROM supervision ORDER BY CASE seen_at WHEN 0 THEN 0 ELSE 1 END,
		supervision_id DESC LIMIT 200`
	sqlSeen = `UPDATE supervision SET seen_by = ?, seen_at = ?, answer = ? WHERE supervision_id = ? AND seen_by = '' AND user_name <> ?`
)

// Supervisions returns what the supervisor must look at, what is open first,
// the newest of each first, at most 200.
func (s *Store) Supervisions(ctx context.Context) ([]letters.Supervision, error) {
	var list []letters.Supervision
	if err := s.reader().list(ctx, &list, sqlSupervisions); err != nil {
		return nil, fmt.Errorf("supervision: %w", err)
	}
	return list, nil
}

// See records the supervisor's word. Nobody answers for themselves, and what
// was answered stays: both are ErrConflict. After it callers of the letter are
// checked again.
func (s *Store) See(ctx context.Context, id int64, by, answer string) error {
	return s.write(ctx, fmt.Sprintf("see %d", id), func(c conn) error {
		return c.one(ctx, sqlSeen, by, s.now().UnixMicro(), answer, id, by)
	})
}
