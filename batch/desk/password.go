package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

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

// tryPassword compares a password with the person's, at most one a core at a
// time (19 MiB each), and slows down after wrong ones: by account and by
// address.
func (d *Desk) tryPassword(ctx context.Context, name, password, client string) (letters.User, verdict, error) {
	account := name
	if _, err := letters.ParseUserName(name); err != nil {
		account = "" // nobody's: whatever was typed is not kept
	}
	if !d.doors.open(account, client, d.o.Now()) {
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
		d.doors.wrong(account, client, d.o.Now())
		return letters.User{}, wrongPassword, nil
	}
	d.doors.right(account)
	return u, rightPassword, nil
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

// doors remember wrong passwords. After freeTries of an account each further
// one closes it for twice as long as the one before, from a second to
// doorLongest; an address may try many accounts only so often.
type doors struct {
	mu       sync.Mutex
	accounts map[string]door
	clients  map[string]door
}

// door is how often somebody was wrong lately, and until when they wait.
type door struct {
	wrong int
	last  time.Time
	until time.Time
}

const (
	freeTries       = 5
	freeTriesClient = 20
	doorLongest     = 15 * time.Minute
	doorForgets     = time.Hour
	doorsMost       = 10_000
)

func newDoors() *doors { return &doors{accounts: map[string]door{}, clients: map[string]door{}} }

// open reports whether a try is looked at.
func (d *doors) open(name, client string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !now.Before(d.accounts[name].until) && !now.Before(d.clients[client].until)
}

func (d *doors) wrong(name, client string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	shut(d.accounts, name, freeTries, now)
	shut(d.clients, client, freeTriesClient, now)
}

// right forgets the account's wrong tries. The address keeps its own: one
// known password must not buy tries at others.
func (d *doors) right(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.accounts, name)
}

func shut(of map[string]door, key string, free int, now time.Time) {
	x := of[key]
	if now.Sub(x.last) > doorForgets {
		x = door{}
	}
	x.wrong++
	x.last = now
	if over := x.wrong - free; over >= 0 {
		x.until = now.Add(min(time.Second<<min(over, 20), doorLongest))
	}
	for k, v := range of { // none is swept before there are many
		if len(of) < doorsMost {
			break
		}
		if now.Sub(v.last) > doorForgets || len(of) >= 2*doorsMost {
			delete(of, k)
		}
	}
	of[key] = x
}
