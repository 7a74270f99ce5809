package desk

import (
	"context"
	"fmt"

	"github.com/alexedwards/argon2id"

	"oshirase/letters"
)

// unknownUser is compared with for names that do not exist or have no
// password, so that the answer takes the same time.
const unknownUser = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// verdict of a password that was typed.
type verdict int

const (
	wrongPassword verdict = iota
	rightPassword
	waitPlease // too many wrong ones: not even compared
)

// DoorLedger counts wrong passwords by account and by address, and says who
// waits before the next is compared (letters.Door).
type DoorLedger interface {
	TrySignIn(ctx context.Context, account, client string) (open bool, err error)
	WrongSignIn(ctx context.Context, client string) error
	RightSignIn(ctx context.Context, account string) error
}

// tryPassword compares a password with the person's, at most one a core at a
// time (19 MiB each), and slows down after wrong ones: by account and by
// address.
func (d *Desk) tryPassword(ctx context.Context, name, password, client string) (letters.User, verdict, error) {
	account := name
	if _, err := letters.ParseUserName(name); err != nil {
		account = "" // nobody's: whatever was typed is not kept
	}
	open, err := d.o.Ledger.TrySignIn(ctx, account, client)
	if err != nil {
		return letters.User{}, wrongPassword, err
	}
	if !open {
		return letters.User{}, waitPlease, nil
	}
	u, err := d.o.Ledger.User(ctx, name)
	if err != nil && !d.missing(err) {
		return u, wrongPassword, fmt.Errorf("find user: %w", err)
	}
	hash := u.PasswordHash
	if err != nil || hash == "" {
		u, hash = letters.User{}, unknownUser
	}
	ok, err := d.compare(ctx, password, hash)
	if err != nil {
		return u, wrongPassword, err
	}
	if !ok || u.Name == "" || u.Disabled {
		// Whoever hangs up now was wrong all the same.
		return letters.User{}, wrongPassword, d.o.Ledger.WrongSignIn(context.WithoutCancel(ctx), client)
	}
	return u, rightPassword, d.o.Ledger.RightSignIn(ctx, account)
}

func (d *Desk) compare(ctx context.Context, password, hash string) (bool, error) {
	leave, err := d.enterHashers(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return ok, nil
}

// enterHashers waits for one of the few places in which a password is hashed.
func (d *Desk) enterHashers(ctx context.Context) (leave func(), err error) {
	select {
	case d.hashers <- struct{}{}:
		return func() { <-d.hashers }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
