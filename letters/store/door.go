package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"oshirase/letters"
)

const (
	sqlSeeDoor = `SELECT wrong, last_at AS lastat FROM sign_in_door WHERE kind = ? AND key_hash = ?`
	// An update that changes nothing locks the row: tries at one door come one after the other.
	sqlHoldDoor = `INSERT INTO sign_in_door (kind, key_hash, wrong, last_at) VALUES (?, ?, 0, 0)
		ON CONFLICT (kind, key_hash) DO UPDATE SET kind = excluded.kind RETURNING wrong, last_at AS lastat`
	sqlShutDoor   = `UPDATE sign_in_door SET wrong = ?, last_at = ? WHERE kind = ? AND key_hash = ?`
	sqlForgetDoor = `DELETE FROM sign_in_door WHERE kind = ? AND key_hash = ?`
	sqlSweepDoors = `DELETE FROM sign_in_door WHERE last_at < ?`
)

// Kinds of door.
const (
	doorAccount = "account"
	doorClient  = "client"
)

// doorKey names a door by a part of a hash: a password is sometimes typed in
// the name's place, and cannot be told from this.
func doorKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8])
}

// TrySignIn reports whether a password for an account, from an address, is
// compared now. If so it counts as a wrong one of the account until RightSignIn
// says otherwise, so that of many sent at once no more are compared than one
// after the other. The ledger counts, so neither a restart nor another process
// forgets.
func (s *Store) TrySignIn(ctx context.Context, account, client string) (open bool, err error) {
	now := s.now()
	err = s.write(ctx, "try sign-in", func(c conn) error {
		from, err := c.seeDoor(ctx, doorClient, client)
		if err != nil || !from.Open(letters.FreeTriesClient, now) {
			return err
		}
		at, err := c.holdDoor(ctx, doorAccount, account)
		if err != nil || !at.Open(letters.FreeTries, now) {
			return err
		}
		open = true
		return c.shutDoor(ctx, doorAccount, account, at.Again(now))
	})
	return open && err == nil, err
}

// WrongSignIn counts a wrong password against the address that it came from.
// The account's is counted already.
func (s *Store) WrongSignIn(ctx context.Context, client string) error {
	return s.write(ctx, "wrong sign-in", func(c conn) error {
		from, err := c.holdDoor(ctx, doorClient, client)
		if err != nil {
			return err
		}
		return c.shutDoor(ctx, doorClient, client, from.Again(s.now()))
	})
}

// RightSignIn forgets the account's wrong tries, and what is older than
// letters.DoorForgets. The address keeps its own: one known password must not
// buy tries at others.
func (s *Store) RightSignIn(ctx context.Context, account string) error {
	if err := s.changeSessions(ctx, "right sign-in", sqlForgetDoor, doorAccount, doorKey(account)); err != nil {
		return err
	}
	return s.changeSessions(ctx, "sweep sign-ins", sqlSweepDoors, s.now().Add(-letters.DoorForgets).UnixMicro())
}

// seeDoor reads a door; one that nobody was wrong at is the zero Door.
func (c conn) seeDoor(ctx context.Context, kind, name string) (d letters.Door, err error) {
	if err = c.get(ctx, &d, sqlSeeDoor, kind, doorKey(name)); isNotFound(err) {
		err = nil
	}
	return d, err
}

func (c conn) holdDoor(ctx context.Context, kind, name string) (d letters.Door, err error) {
	err = c.get(ctx, &d, sqlHoldDoor, kind, doorKey(name))
	return d, err
}

func (c conn) shutDoor(ctx context.Context, kind, name string, d letters.Door) error {
	return c.one(ctx, sqlShutDoor, d.Wrong, d.LastAt, kind, doorKey(name))
}
