package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	sqlAddUser = `INSERT INTO staff (user_name, role, password_hash, disabled, created_at) VALUES (?, ?, ?, ?, ?)`
	sqlUser    = `SELECT user_name AS name, role, password_hash AS passwordhash, disabled FROM staff WHERE user_name = ?`
	sqlUsers   = `SELECT user_name AS name, role, password_hash AS passwordhash, disabled FROM staff ORDER BY user_name`
	sqlSetPass = `UPDATE staff SET password_hash = ? WHERE user_name = ?`
	sqlDisable = `UPDATE staff SET disabled = 1 WHERE user_name = ?`
	sqlEnable  = `UPDATE staff SET disabled = 0 WHERE user_name = ?`
)

// AddUser adds a member of staff; a name that exists is ErrConflict.
func (s *Store) AddUser(ctx context.Context, u letters.User) error {
	return s.write(ctx, "add user", func(c conn) error {
		return c.one(ctx, sqlAddUser, u.Name, u.Role, u.PasswordHash, flag(u.Disabled), s.now().UnixMicro())
	})
}

// User returns a member of staff, or ErrNotFound.
func (s *Store) User(ctx context.Context, name string) (letters.User, error) {
	var u letters.User
	if err := s.reader().get(ctx, &u, sqlUser, name); err != nil {
		return letters.User{}, fmt.Errorf("user: %w", err)
	}
	return u, nil
}

// Users returns all members of staff by name, the disabled ones too.
func (s *Store) Users(ctx context.Context) ([]letters.User, error) {
	var list []letters.User
	if err := s.reader().list(ctx, &list, sqlUsers); err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	return list, nil
}

// SetPassword stores a new argon2id PHC string; an unknown name is ErrNotFound.
func (s *Store) SetPassword(ctx context.Context, name, hash string) error {
	return s.changeUser(ctx, "set password", sqlSetPass, hash, name)
}

// DisableUser bars a member of staff; nobody is ever removed, since approvals
// name them. An unknown name is ErrNotFound.
func (s *Store) DisableUser(ctx context.Context, name string) error {
	return s.changeUser(ctx, "disable user", sqlDisable, name)
}

// EnableUser takes a bar back; an unknown name is ErrNotFound.
func (s *Store) EnableUser(ctx context.Context, name string) error {
	return s.changeUser(ctx, "enable user", sqlEnable, name)
}

func (s *Store) changeUser(ctx context.Context, step, q string, args ...any) error {
	return s.write(ctx, step, func(c conn) error {
		n, err := c.exec(ctx, q, args...)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
}
