package store

import (
	"context"
	"fmt"
	"time"

	"oshirase/letters"
)

const (
	sqlBeginSession = `INSERT INTO desk_session (token_hash, user_name, way, client, began_at, seen_at, proved_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	sessionColumns = `token_hash AS tokenhash, user_name AS user, way, client, began_at AS beganat, seen_at AS seenat,
		proved_at AS provedat, ended_at AS endedat`
	sqlSession  = `SELECT ` + sessionColumns + ` FROM desk_session WHERE token_hash = ?`
	sqlSignedIn = `SELECT ` + sessionColumns + `, u.user_name AS "person.name", u.role AS "person.role",
		u.password_hash AS "person.passwordhash", u.disabled AS "person.disabled", u.lead AS "person.lead", u.subject AS "person.subject"
		FROM desk_session JOIN staff u USING (user_name) WHERE token_hash = ?`
	sqlSessions      = `SELECT ` + sessionColumns + ` FROM desk_session WHERE ended_at = 0 ORDER BY seen_at DESC, token_hash`
	sqlSeeSession    = `UPDATE desk_session SET seen_at = ? WHERE token_hash = ? AND ended_at = 0 AND seen_at < ?`
	sqlProveSession  = `UPDATE desk_session SET token_hash = ?, proved_at = ? WHERE token_hash = ? AND ended_at = 0`
	sqlEndSession    = `UPDATE desk_session SET ended_at = ? WHERE token_hash = ? AND ended_at = 0`
	sqlEndSessions   = `UPDATE desk_session SET ended_at = ? WHERE user_name = ? AND ended_at = 0`
	sqlSweepSessions = `DELETE FROM desk_session WHERE seen_at < ?`
)

// BeginSession stores a new session of the desk. A token that exists is
// ErrConflict.
func (s *Store) BeginSession(ctx context.Context, n letters.Session) error {
	return s.write(ctx, "begin session", func(c conn) error {
		return c.one(ctx, sqlBeginSession, n.TokenHash, n.User, n.Way, n.Client, n.BeganAt, n.SeenAt, n.ProvedAt)
	})
}

// Session returns a session by the hash of its token, an ended one too, or
// ErrNotFound. Whether it still counts is the desk's to say.
func (s *Store) Session(ctx context.Context, tokenHash string) (letters.Session, error) {
	var n letters.Session
	if err := s.reader().get(ctx, &n, sqlSession, tokenHash); err != nil {
		return letters.Session{}, fmt.Errorf("session: %w", err)
	}
	return n, nil
}

// SignedIn returns a session by the hash of its token, an ended one too, and
// whose it is, or ErrNotFound. Whether either still counts is the desk's to say.
func (s *Store) SignedIn(ctx context.Context, tokenHash string) (letters.Session, letters.User, error) {
	var found struct {
		letters.Session
		Person letters.User
	}
	if err := s.reader().get(ctx, &found, sqlSignedIn, tokenHash); err != nil {
		return letters.Session{}, letters.User{}, fmt.Errorf("signed in: %w", err)
	}
	return found.Session, found.Person, nil
}

// Sessions returns those that were not ended, the last seen first.
func (s *Store) Sessions(ctx context.Context) ([]letters.Session, error) {
	var list []letters.Session
	if err := s.reader().list(ctx, &list, sqlSessions); err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return list, nil
}

// SeeSession notes that a session was used.
func (s *Store) SeeSession(ctx context.Context, tokenHash string, at time.Time) error {
	return s.changeSessions(ctx, "see session", sqlSeeSession, at.UnixMicro(), tokenHash, at.UnixMicro())
}

// ProveSession notes that the session's person has proved again who they are,
// and gives the session a fresh token: who holds a copy of the old one has
// proved nothing (OWASP ASVS 5.0, 7.2.4). A session that was ended is
// ErrConflict.
func (s *Store) ProveSession(ctx context.Context, tokenHash, freshHash string, at time.Time) error {
	return s.write(ctx, "prove session", func(c conn) error {
		return c.one(ctx, sqlProveSession, freshHash, at.UnixMicro(), tokenHash)
	})
}

// EndSession ends one session; an unknown or ended one is no error.
func (s *Store) EndSession(ctx context.Context, tokenHash string, at time.Time) error {
	return s.changeSessions(ctx, "end session", sqlEndSession, at.UnixMicro(), tokenHash)
}

// EndSessions ends every session of a person.
func (s *Store) EndSessions(ctx context.Context, user string, at time.Time) error {
	return s.changeSessions(ctx, "end sessions", sqlEndSessions, at.UnixMicro(), user)
}

// SweepSessions forgets the sessions that were last seen before an instant.
func (s *Store) SweepSessions(ctx context.Context, before time.Time) error {
	return s.changeSessions(ctx, "sweep sessions", sqlSweepSessions, before.UnixMicro())
}

func (s *Store) changeSessions(ctx context.Context, step, q string, args ...any) error {
	return s.write(ctx, step, func(c conn) error {
		_, err := c.exec(ctx, q, args...)
		return err
	})
}
