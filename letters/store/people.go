package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	sqlAddUser = `INSERT INTO staff (user_name, role, password_hash, disabled, created_at, lead, subject)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	userColumns   = `user_name AS name, role, password_hash AS passwordhash, disabled, lead, subject`
	sqlUser       = `SELECT ` + userColumns + ` FROM staff WHERE user_name = ?`
	sqlUsers      = `SELECT ` + userColumns + ` FROM staff ORDER BY user_name`
	sqlUserBySub  = `SELECT ` + userColumns + ` FROM staff WHERE subject = ?`
	sqlSetPass    = `UPDATE staff SET password_hash = ? WHERE user_name = ?`
	sqlDisable    = `UPDATE staff SET disabled = 1 WHERE user_name = ?`
	sqlEnable     = `UPDATE staff SET disabled = 0 WHERE user_name = ?`
	sqlChangeUser = `UPDATE staff SET role = ?, lead = ?, subject = ? WHERE user_name = ?`
)

// AddUser adds a member of staff; a name that exists is ErrConflict.
func (s *Store) AddUser(ctx context.Context, u letters.User) error {
	return s.write(ctx, "add user", func(c conn) error {
		return c.one(ctx, sqlAddUser, u.Name, u.Role, u.PasswordHash, flag(u.Disabled), s.now().UnixMicro(), flag(u.Lead), u.Subject)
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

// UserBySubject returns the member of staff for whom this name at the identity
// provider is noted, or ErrNotFound. A user name alone is never taken for it.
func (s *Store) UserBySubject(ctx context.Context, subject string) (letters.User, error) {
	var u letters.User
	if subject == "" {
		return u, fmt.Errorf("user by subject: %w", ErrNotFound)
	}
	if err := s.reader().get(ctx, &u, sqlUserBySub, subject); err != nil {
		return letters.User{}, fmt.Errorf("user by subject: %w", err)
	}
	return u, nil
}

// ChangeUser sets role, lead and subject of a member of staff, ends their
// sessions when the role changes, and frees their retailers when they no
// longer look after any. An unknown name is ErrNotFound, a subject that is
// another's ErrConflict.
func (s *Store) ChangeUser(ctx context.Context, u letters.User) error {
	return s.write(ctx, "change user", func(c conn) error {
		var old letters.User
		if err := c.get(ctx, &old, sqlUser, u.Name); err != nil {
			return err
		}
		if err := c.one(ctx, sqlChangeUser, u.Role, flag(u.Lead), u.Subject, u.Name); err != nil {
			return err
		}
		if old.Role == u.Role {
			return nil
		}
		if _, err := c.exec(ctx, sqlFreeRetailers, u.Name); err != nil {
			return err
		}
		_, err := c.exec(ctx, sqlEndSessions, s.now().UnixMicro(), u.Name)
		return err
	})
}

// SetPassword stores a new argon2id PHC string and ends the person's sessions:
// who knew the old one is out. An unknown name is ErrNotFound.
func (s *Store) SetPassword(ctx context.Context, name, hash string) error {
	return s.shutOut(ctx, "set password", name, sqlSetPass, hash, name)
}

// DisableUser bars a member of staff and ends their sessions; nobody is ever
// removed, since approvals name them. An unknown name is ErrNotFound.
func (s *Store) DisableUser(ctx context.Context, name string) error {
	return s.shutOut(ctx, "disable user", name, sqlDisable, name)
}

// shutOut changes a member of staff and ends their sessions.
func (s *Store) shutOut(ctx context.Context, step, name, q string, args ...any) error {
	return s.write(ctx, step, func(c conn) error {
		n, err := c.exec(ctx, q, args...)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, sqlEndSessions, s.now().UnixMicro(), name)
		return err
	})
}

// EnableUser takes a bar back; an unknown name is ErrNotFound.
func (s *Store) EnableUser(ctx context.Context, name string) error {
	return s.write(ctx, "enable user", func(c conn) error {
		n, err := c.exec(ctx, sqlEnable, name)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
}

const (
	sqlFreeRetailers  = `DELETE FROM staff_retailer WHERE user_name = ?`
	sqlAssignRetailer = `INSERT INTO staff_retailer (user_name, retailer) VALUES (?, ?)
		ON CONFLICT (user_name, retailer) DO NOTHING`
	sqlRetailersOf = `SELECT retailer FROM staff_retailer WHERE user_name = ? ORDER BY retailer`
)

// AssignRetailers sets the retailers that a member of staff looks after, by
// their codes. It is ErrConflict for a role other than 小売対応.
func (s *Store) AssignRetailers(ctx context.Context, name string, codes []string) error {
	return s.write(ctx, "assign retailers", func(c conn) error {
		var u letters.User
		if err := c.get(ctx, &u, sqlUser, name); err != nil {
			return err
		}
		if u.Role != letters.RoleRetail {
			return fmt.Errorf("role %s: %w", u.Role, ErrConflict)
		}
		if _, err := c.exec(ctx, sqlFreeRetailers, name); err != nil {
			return err
		}
		for _, code := range codes {
			if _, err := c.exec(ctx, sqlAssignRetailer, name, code); err != nil {
				return err
			}
		}
		return nil
	})
}

// RetailersOf returns the codes of the retailers that a member of staff looks
// after.
func (s *Store) RetailersOf(ctx context.Context, name string) ([]string, error) {
	var codes []string
	if err := s.reader().list(ctx, &codes, sqlRetailersOf, name); err != nil {
		return nil, fmt.Errorf("retailers of a user: %w", err)
	}
	return codes, nil
}
