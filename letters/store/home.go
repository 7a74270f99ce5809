package store

import (
	"context"
	"errors"
	"fmt"
)

const (
	sqlHome    = `SELECT journal_n AS n, journal_hash AS hash, epoch FROM home WHERE home_id = ?`
	sqlSetHome = `INSERT INTO home (home_id, journal_n, journal_hash, epoch) VALUES (?, ?, ?, ?)
		ON CONFLICT (home_id) DO UPDATE SET journal_n = excluded.journal_n, journal_hash = excluded.journal_hash,
		epoch = excluded.epoch
		WHERE home.journal_n < excluded.journal_n
		OR home.journal_n = excluded.journal_n AND home.journal_hash = excluded.journal_hash`
	sqlHomesBehind = `SELECT home_id FROM home WHERE epoch <> ? AND journal_n > 0 ORDER BY home_id`
	sqlGiveUpHomes = `UPDATE home SET epoch = ? WHERE epoch <> ? AND journal_n > 0`
)

// Home returns what the ledger knows of a home's journal: its last number and
// hash, and the ledger's epoch when it was written. known is false for a home
// that the ledger has never seen.
func (s *Store) Home(ctx context.Context, homeID string) (n uint64, hash, epoch string, known bool, err error) {
	var row struct {
		N     int64
		Hash  string
		Epoch string
	}
	err = s.reader().get(ctx, &row, sqlHome, homeID)
	if errors.Is(err, ErrNotFound) {
		return 0, "", "", false, nil
	}
	if err != nil {
		return 0, "", "", false, fmt.Errorf("home: %w", err)
	}
	return uint64(row.N), row.Hash, row.Epoch, true, nil
}

// SetHome records a home's last journal number and hash under an epoch. A
// number below the recorded one, or another hash of the same line, is
// ErrConflict: a journal only grows, and a home has one.
func (s *Store) SetHome(ctx context.Context, homeID string, n uint64, hash, epoch string) error {
	return s.write(ctx, "set home", func(c conn) error {
		return c.one(ctx, sqlSetHome, homeID, int64(n), hash, epoch)
	})
}

// HomesBehind names the homes that handed something over and whose journals
// were not held against the ledger since it got its epoch of now: what they
// sent after a backup was taken nobody knows yet.
func (s *Store) HomesBehind(ctx context.Context) ([]string, error) {
	var list []string
	if err := s.reader().list(ctx, &list, sqlHomesBehind, s.epoch); err != nil {
		return nil, fmt.Errorf("homes that are behind: %w", err)
	}
	return list, nil
}

// GiveUpHomes lets sending go on without the journals of HomesBehind, which are
// lost.
func (s *Store) GiveUpHomes(ctx context.Context) error {
	return s.write(ctx, "give up homes", func(c conn) error {
		_, err := c.exec(ctx, sqlGiveUpHomes, s.epoch, s.epoch)
		return err
	})
}
