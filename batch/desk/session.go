package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"oshirase/letters"
)

// How long a session lasts, and how recent a proof must be for approvals and
// downloads.
const (
	sessionIdle   = 15 * time.Minute
	sessionLimit  = 8 * time.Hour
	proofLasts    = 10 * time.Minute
	sessionKept   = 24 * time.Hour   // after it was last used, for forms sent too late
	sessionStep   = 30 * time.Second // its use is noted this often
	seenLimit     = time.Second
	sessionLocal  = "local"
	tokenBytes    = 32
	cookieSecure  = "__Host-oshirase"
	cookieDevelop = "oshirase-loopback" // plain HTTP on this machine: no browser takes __Host- there
)

// SessionLedger keeps the sessions.
type SessionLedger interface {
	BeginSession(ctx context.Context, n letters.Session) error
	Session(ctx context.Context, tokenHash string) (letters.Session, error)
	SignedIn(ctx context.Context, tokenHash string) (letters.Session, letters.User, error)
	Sessions(ctx context.Context) ([]letters.Session, error)
	SeeSession(ctx context.Context, tokenHash string, at time.Time) error
	ProveSession(ctx context.Context, tokenHash, freshHash string, at time.Time) error
	EndSession(ctx context.Context, tokenHash string, at time.Time) error
	EndSessions(ctx context.Context, user string, at time.Time) error
	SweepSessions(ctx context.Context, before time.Time) error
}

// hashed is a token as the ledger knows it.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// signedIn finds the visit's session and person. A session that no longer
// counts leaves the visit without a person; only a ledger that fails is an
// error.
func (v *Visit) signedIn() error {
	if from, ok := v.r.Context().Value(resent{}).(*Visit); ok {
		v.session, v.User = from.session, from.User
		return nil
	}
	cookie, err := v.r.Cookie(v.d.cookieName())
	if err != nil || cookie.Value == "" {
		return nil
	}
	n, u, err := v.d.o.Ledger.SignedIn(v.Context(), hashed(cookie.Value))
	if v.d.missing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find session: %w", err)
	}
	now := v.d.o.Now()
	if !counts(n, now) {
		v.old = n
		return nil
	}
	if u.Disabled {
		return nil
	}
	if now.Sub(time.UnixMicro(n.SeenAt)) >= sessionStep {
		v.seen(n, now)
	}
	v.session, v.User = n, u
	return nil
}

// seen notes the use of a session, unless the ledger is busy with something
// longer: an import must not keep a caller waiting. Missed once, it is noted
// at the next use.
func (v *Visit) seen(n letters.Session, now time.Time) {
	ctx, cancel := context.WithTimeout(v.Context(), seenLimit)
	defer cancel()
	if err := v.d.o.Ledger.SeeSession(ctx, n.TokenHash, now); err != nil {
		v.d.o.Log.LogAttrs(v.Context(), slog.LevelWarn, "session use not noted", slog.String("request", v.id), slog.String("error", err.Error()))
	}
}

// counts reports whether a session is neither ended nor too old.
func counts(n letters.Session, now time.Time) bool {
	return n.EndedAt == 0 && now.Sub(time.UnixMicro(n.SeenAt)) < sessionIdle && now.Sub(time.UnixMicro(n.BeganAt)) < sessionLimit
}

// fresh reports whether the session's person has proved themselves lately.
func (d *Desk) fresh(n letters.Session) bool {
	return d.o.Now().Sub(time.UnixMicro(n.ProvedAt)) < proofLasts
}

// begin ends the browser's earlier session, whatever it was, and begins a new
// one under a new token: a token that was planted before is worth nothing.
func (v *Visit) begin(u letters.User, way string, proved time.Time) error {
	now := v.d.o.Now()
	if cookie, err := v.r.Cookie(v.d.cookieName()); err == nil {
		if err := v.d.o.Ledger.EndSession(v.Context(), hashed(cookie.Value), now); err != nil {
			return fmt.Errorf("end earlier session: %w", err)
		}
	}
	token, err := secret(v.d.o.Random)
	if err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	n := letters.Session{TokenHash: hashed(token), User: u.Name, Way: way, Client: v.client,
		BeganAt: now.UnixMicro(), SeenAt: now.UnixMicro(), ProvedAt: proved.UnixMicro()}
	if err := v.d.o.Ledger.BeginSession(v.Context(), n); err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	v.session, v.User = n, u
	http.SetCookie(v.w, v.d.cookie(token, 0))
	return v.d.o.Ledger.SweepSessions(v.Context(), now.Add(-sessionKept))
}

// prove notes that the person has proved again who they are. The session goes
// on under a new token.
func (v *Visit) prove(at time.Time) error {
	token, err := secret(v.d.o.Random)
	if err != nil {
		return fmt.Errorf("prove session: %w", err)
	}
	if err := v.d.o.Ledger.ProveSession(v.Context(), v.session.TokenHash, hashed(token), at); err != nil {
		return err
	}
	v.session.TokenHash, v.session.ProvedAt = hashed(token), at.UnixMicro()
	http.SetCookie(v.w, v.d.cookie(token, 0))
	return nil
}

// end signs out: this session, or all of the person's.
func (v *Visit) end(everywhere bool) (err error) {
	now := v.d.o.Now()
	if everywhere {
		err = v.d.o.Ledger.EndSessions(v.Context(), v.User.Name, now)
	} else {
		err = v.d.o.Ledger.EndSession(v.Context(), v.session.TokenHash, now)
	}
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	http.SetCookie(v.w, v.d.cookie("", -1))
	return nil
}

func (d *Desk) cookieName() string {
	if d.o.Secure {
		return cookieSecure
	}
	return cookieDevelop
}

func (d *Desk) cookie(token string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: d.cookieName(), Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: d.o.Secure, SameSite: http.SameSiteLaxMode}
}
