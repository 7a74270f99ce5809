package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oshirase/letters"
)

const (
	sqlPause    = `INSERT INTO meta (key, value) VALUES ('mail_paused', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	sqlResume   = `DELETE FROM meta WHERE key = 'mail_paused'`
	sqlPausedBy = `SELECT value FROM meta WHERE key = 'mail_paused'`
)

// PauseMail keeps every worker on this ledger from beginning another mail.
func (s *Store) PauseMail(ctx context.Context, by string) error {
	return s.write(ctx, "pause mail", func(c conn) error { return c.one(ctx, sqlPause, by) })
}

// ResumeMail ends a pause, and a person's word that the mails go on ends the
// brake; without either nothing changes.
func (s *Store) ResumeMail(ctx context.Context) error {
	return s.write(ctx, "resume mail", func(c conn) error {
		if _, err := c.exec(ctx, sqlReleased); err != nil {
			return err
		}
		_, err := c.exec(ctx, sqlResume)
		return err
	})
}

// MailPausedBy returns who paused the mails, "" when they are not paused.
func (s *Store) MailPausedBy(ctx context.Context) (string, error) {
	var by string
	err := s.reader().get(ctx, &by, sqlPausedBy)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for a pause: %w", err)
	}
	return by, nil
}

const (
	sqlBrakedSince = `SELECT COALESCE(MAX(CAST(value AS BIGINT)), 0) FROM meta WHERE key = 'mail_braked'`
	sqlBrake       = `INSERT INTO meta (key, value) VALUES ('mail_braked', ?) ON CONFLICT (key) DO NOTHING`
	sqlReleased    = `DELETE FROM meta WHERE key = 'mail_braked'`
)

// BrakeMail records that the mails stopped by themselves. A brake that is on
// keeps the instant of its first stop.
func (s *Store) BrakeMail(ctx context.Context, at time.Time) error {
	return s.write(ctx, "record brake", func(c conn) error {
		_, err := c.exec(ctx, sqlBrake, fmt.Sprint(at.UnixMicro()))
		return err
	})
}

// MailGoes records that a mail was taken: the brake is off.
func (s *Store) MailGoes(ctx context.Context) error {
	return s.write(ctx, "release brake", func(c conn) error {
		_, err := c.exec(ctx, sqlReleased)
		return err
	})
}

// MailBrakedSince returns the instant in µs at which the mails stopped by
// themselves and have not gone since; 0 when they did not.
func (s *Store) MailBrakedSince(ctx context.Context) (int64, error) {
	var at int64
	if err := s.reader().get(ctx, &at, sqlBrakedSince); err != nil {
		return 0, fmt.Errorf("look for a brake: %w", err)
	}
	return at, nil
}

const sqlClaimedMails = `SELECT d.letter_id, rc.mail FROM dispatch d JOIN recipient rc ON rc.recipient_id = d.recipient_id
	WHERE d.state = 'claimed' AND d.lease_owner = ?`

// ClaimedMails returns the mail address of every letter that a worker holds
// and has not begun to hand over.
func (s *Store) ClaimedMails(ctx context.Context, worker string) (map[letters.ID]string, error) {
	found := make(map[letters.ID]string)
	err := s.reader().each(ctx, sqlClaimedMails, func(scan func(...any) error) error {
		var id letters.ID
		var mail string
		err := scan(&id, &mail)
		found[id] = mail
		return err
	}, worker)
	if err != nil {
		return nil, fmt.Errorf("claimed mails: %w", err)
	}
	return found, nil
}
