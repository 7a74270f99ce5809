package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alexedwards/argon2id"
	"golang.org/x/term"

	"oshirase/letters"
	"oshirase/letters/store"
)

// errSignIn says that name, password or role did not fit. It does not say which.
var errSignIn = errors.New("not signed in")

// hashing is argon2id with 19 MiB and two passes (OWASP, password storage).
func hashing() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// signIn checks that name is a person of one of the roles and that the
// password, from OSHIRASE_PASSWORD_FILE or the terminal, is theirs.
func (p *program) signIn(ctx context.Context, s *store.Store, name string, roles ...letters.Role) error {
	if name == "" {
		return fail(exitUsage, "as_missing", errSignIn)
	}
	password, err := p.password("password", name)
	if err != nil {
		return err
	}
	u, err := s.User(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		u.PasswordHash = unknownUser
	} else if err != nil {
		return fmt.Errorf("look up user: %w", err)
	}
	if u.PasswordHash == "" { // signs in at the desk through the identity provider only
		u = letters.User{PasswordHash: unknownUser}
	}
	ok, err := argon2id.ComparePasswordAndHash(password, u.PasswordHash)
	if err != nil {
		return fmt.Errorf("compare password: %w", err)
	}
	if !ok || u.Disabled || u.Name == "" {
		return fail(exitRefused, "sign_in", errSignIn)
	}
	for _, r := range roles {
		if u.Role == r {
			return nil
		}
	}
	return fail(exitRefused, "role", errSignIn, p.words.label("role_"+string(u.Role)))
}

// unknownUser is compared with for names that do not exist, so that the
// answer takes the same time.
const unknownUser = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// password reads a password from OSHIRASE_PASSWORD_FILE, else asks for it.
func (p *program) password(prompt string, args ...string) (string, error) {
	if path, ok := p.env("OSHIRASE_PASSWORD_FILE"); ok && path != "" {
		return readSecret(path)
	}
	if p.in == nil || !term.IsTerminal(int(p.in.Fd())) {
		return "", fail(exitUsage, "password_missing", errSignIn)
	}
	fmt.Fprint(p.err, p.words.sentence(prompt, args...))
	b, err := term.ReadPassword(int(p.in.Fd()))
	fmt.Fprintln(p.err)
	return string(b), err
}

// newPassword asks twice at the terminal; a file is read once.
func (p *program) newPassword(name string) (string, error) {
	first, err := p.password("new_password", name)
	if err != nil {
		return "", err
	}
	if len([]rune(first)) < letters.PasswordLeast {
		return "", fail(exitUsage, "password_short", errors.New("password is too short"))
	}
	if _, fromFile := p.env("OSHIRASE_PASSWORD_FILE"); fromFile {
		return first, nil
	}
	again, err := p.password("repeat_password", name)
	if err != nil {
		return "", err
	}
	if first != again {
		return "", fail(exitUsage, "password_differs", errors.New("passwords differ"))
	}
	return first, nil
}

// userName accepts what may stand in events and logs.
func userName(s string) error {
	if _, err := letters.ParseUserName(s); err != nil {
		return fail(exitUsage, "user_name", err)
	}
	return nil
}
