package desk

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// SignOn is the house's identity provider (OpenID Connect, code flow, PKCE).
type SignOn struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	ReturnURL    string   // the desk's /signin/return, as the provider knows it
	Scopes       []string // besides openid
	UserClaim    string   // the claim that names a person: sub, unless the house says otherwise
	RoleClaim    string   // the claim that gives somebody unknown a role; "" = nobody unknown is let in
	Only         bool     // no passwords here
	Client       *http.Client
}

const (
	sessionOIDC  = "oidc"
	attemptLasts = 10 * time.Minute
	clockSkew    = time.Minute
	attemptsMost = 1000
	attemptName  = "oshirase-signin"
	defaultClaim = "sub"
)

// signOn keeps what is known of the provider, asked for at the first sign-in,
// and the sign-ins under way.
type signOn struct {
	SignOn
	mu       sync.Mutex
	provider *oidc.Provider
	attempts map[string]attempt
}

// attempt is a sign-in that has gone to the provider. It is used once.
type attempt struct {
	state, nonce, verifier string
	next, form             string
	prove                  string // the person who proves themselves again, "" when signing in
	at                     time.Time
}

func newSignOn(s *SignOn) *signOn {
	if s == nil {
		return nil
	}
	out := &signOn{SignOn: *s, attempts: map[string]attempt{}}
	if out.UserClaim == "" {
		out.UserClaim = defaultClaim
	}
	if out.Client == nil {
		out.Client = &http.Client{Timeout: 10 * time.Second}
	}
	return out
}

// discovered asks the provider for its addresses and keys, once.
func (s *signOn) discovered(ctx context.Context) (*oidc.Provider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider != nil {
		return s.provider, nil
	}
	// The provider's keys are fetched long after this request has ended.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), s.Client), s.Issuer)
	if err != nil {
		return nil, &Refusal{Status: http.StatusBadGateway, Key: "sign_on_away", Err: fmt.Errorf("ask identity provider: %w", err)}
	}
	s.provider = p
	return p, nil
}

func (s *signOn) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: s.ClientID, ClientSecret: s.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: s.ReturnURL,
		Scopes: append([]string{oidc.ScopeOpenID}, s.Scopes...)}
}

// keep stores an attempt under a key that only this browser gets.
func (s *signOn) keep(key string, a attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, old := range s.attempts {
		if a.at.Sub(old.at) > attemptLasts || len(s.attempts) >= attemptsMost {
			delete(s.attempts, k)
		}
	}
	s.attempts[hashed(key)] = a
}

// take gives an attempt out once: a second answer finds none.
func (s *signOn) take(key string, now time.Time) (attempt, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.attempts[hashed(key)]
	delete(s.attempts, hashed(key))
	return a, ok && now.Sub(a.at) <= attemptLasts
}

// claims are what the desk reads of an ID token.
type claims struct {
	Subject  string `json:"sub"`
	AuthTime int64  `json:"auth_time"`
	values   map[string]any
}

// verified exchanges the code and checks the token: signature, issuer,
// lifetime, that it is for this desk alone, and that it answers this attempt.
func (s *signOn) verified(ctx context.Context, a attempt, code string, now func() time.Time) (claims, error) {
	var c claims
	p, err := s.discovered(ctx)
	if err != nil {
		return c, err
	}
	ctx = oidc.ClientContext(ctx, s.Client)
	tokens, err := s.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		return c, errors.New("exchange code: refused by the identity provider") // its answer may hold anything
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return c, errors.New("no ID token")
	}
	token, err := p.Verifier(&oidc.Config{ClientID: s.ClientID, Now: now}).Verify(ctx, raw)
	if err != nil {
		return c, fmt.Errorf("verify ID token: %w", err)
	}
	if !slices.Equal(token.Audience, []string{s.ClientID}) {
		return c, errors.New("ID token is for others too")
	}
	if a.nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.nonce)) != 1 {
		return c, errors.New("ID token answers another sign-in")
	}
	if err := errors.Join(token.Claims(&c), token.Claims(&c.values)); err != nil {
		return c, fmt.Errorf("read ID token: %w", err)
	}
	return c, nil
}

// text returns a claim that is a text, or "".
func (c claims) text(name string) string {
	s, _ := c.values[name].(string)
	return s
}

// person is the value that names a person. An address counts only when the
// provider vouches for it.
func (c claims) person(claim string) string {
	if claim == "email" {
		if ok, _ := c.values["email_verified"].(bool); !ok {
			return ""
		}
	}
	return c.text(claim)
}

// secret draws 32 bytes.
func secret(random io.Reader) (string, error) {
	raw := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("draw secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}
