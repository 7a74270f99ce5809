package desk

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"oshirase/letters"
)

// continuePage is what continue.html gets: a form that waits to be sent on.
// The answer of the provider arrives by GET, which changes nothing.
type continuePage struct{ Form, Next string }

func signOnRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/signin/oidc", Public: true, Serve: (*Desk).toProvider},
		{Method: http.MethodGet, Path: "/signin/return", Public: true, Serve: (*Desk).fromProvider},
		{Method: http.MethodGet, Path: "/prove/oidc", Anyone: true, Serve: (*Desk).proveAtProvider},
		{Method: http.MethodPost, Path: "/continue", Anyone: true, Serve: (*Desk).sendOnForm},
	}
}

func signOnViews() []view { return []view{{"continue", continuePage{}}} }

func (d *Desk) toProvider(v *Visit) error { return d.leave(v, "") }

func (d *Desk) proveAtProvider(v *Visit) error { return d.leave(v, v.User.Name) }

// leave sends the browser to the identity provider. Somebody who proves
// themselves must enter what they know there again.
func (d *Desk) leave(v *Visit, prove string) error {
	if d.signOn == nil {
		return refuse(http.StatusNotFound, "not_found")
	}
	p, err := d.signOn.discovered(v.Context())
	if err != nil {
		return err
	}
	a := attempt{next: v.Query("next"), form: v.Query("form"), prove: prove, verifier: oauth2.GenerateVerifier(), at: d.o.Now()}
	var key string
	for _, to := range []*string{&key, &a.state, &a.nonce} {
		if *to, err = secret(d.o.Random); err != nil {
			return err
		}
	}
	d.signOn.keep(key, a)
	http.SetCookie(v.w, d.attemptCookie(key, int(attemptLasts.Seconds())))
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.nonce), oauth2.S256ChallengeOption(a.verifier)}
	if prove != "" {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	http.Redirect(v.w, v.r, d.signOn.oauth(p).AuthCodeURL(a.state, options...), http.StatusSeeOther)
	return nil
}

// attemptCookie ties a sign-in to the browser that began it.
func (d *Desk) attemptCookie(key string, maxAge int) *http.Cookie {
	name := attemptName
	if d.o.Secure {
		name = "__Host-" + attemptName
	}
	return &http.Cookie{Name: name, Value: key, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: d.o.Secure, SameSite: http.SameSiteLaxMode}
}

// fromProvider is where the provider sends the browser back to.
func (d *Desk) fromProvider(v *Visit) error {
	if d.signOn == nil {
		return refuse(http.StatusNotFound, "not_found")
	}
	a, err := d.answered(v)
	if err == nil {
		var c claims
		if c, err = d.signOn.verified(v.Context(), a, v.Query("code"), d.o.Now); err == nil {
			return d.signedOn(v, a, c)
		}
	}
	if told, ok := errors.AsType[*Refusal](err); ok && told.Status >= 500 {
		return err
	}
	return d.refuseSignOn(v, "sign_on", err)
}

// answered finds the attempt that the answer belongs to.
func (d *Desk) answered(v *Visit) (attempt, error) {
	cookie, err := v.r.Cookie(d.attemptCookie("", 0).Name)
	if err != nil {
		return attempt{}, errors.New("answer without an attempt in this browser")
	}
	http.SetCookie(v.w, d.attemptCookie("", -1))
	a, ok := d.signOn.take(cookie.Value, d.o.Now())
	if !ok {
		return attempt{}, errors.New("answer to no attempt, or to one already answered")
	}
	if subtle.ConstantTimeCompare([]byte(a.state), []byte(v.Query("state"))) != 1 {
		return attempt{}, errors.New("answer to another attempt")
	}
	// RFC 9207: the answer may name who gives it.
	if iss := v.Query("iss"); iss != "" && iss != d.signOn.Issuer {
		return attempt{}, errors.New("answer of another provider")
	}
	if v.Query("error") != "" {
		return attempt{}, errors.New("the provider refused")
	}
	return a, nil
}

// refuseSignOn tells the person a sentence, the log the cause, and the record
// that it happened.
func (d *Desk) refuseSignOn(v *Visit, key string, cause error) error {
	d.o.Log.LogAttrs(v.Context(), slog.LevelWarn, "sign-on refused", slog.String("request", v.id), slog.String("cause", cause.Error()))
	if err := v.Record("sign_in", "account", sessionOIDC, "refused"); err != nil {
		return err
	}
	return &Refusal{Status: http.StatusForbidden, Key: key}
}

// signedOn lets a person in whom the provider vouches for, or notes that they
// have proved themselves again.
func (d *Desk) signedOn(v *Visit, a attempt, c claims) error {
	u, err := d.whoIs(v, c)
	if err != nil {
		return err
	}
	proved := d.o.Now()
	if c.AuthTime > 0 && time.Unix(c.AuthTime, 0).Before(proved) {
		proved = time.Unix(c.AuthTime, 0)
	}
	if a.prove != "" {
		if a.prove != u.Name || v.User.Name != u.Name || c.AuthTime == 0 || proved.Before(a.at.Add(-clockSkew)) {
			return d.refuseSignOn(v, "sign_on_prove", errors.New("not proved again by the same person"))
		}
		if err := v.Record("prove", u.Name, sessionOIDC, "done"); err != nil {
			return err
		}
		if err := v.prove(d.o.Now()); err != nil {
			return err
		}
		return v.goOn(a)
	}
	v.User = u
	if err := v.Record("sign_in", u.Name, sessionOIDC, "done"); err != nil {
		return err
	}
	if err := v.begin(u, sessionOIDC, proved); err != nil {
		return err
	}
	return v.goOn(a)
}

// goOn takes the person to their page, or shows that a form waits.
func (v *Visit) goOn(a attempt) error {
	if a.form != "" {
		return v.Show("continue", continuePage{Form: a.form, Next: local(a.next)})
	}
	return v.Go(local(a.next), "")
}

func (d *Desk) sendOnForm(v *Visit) error { return v.sendOn(v.Form("form"), v.Form("next")) }

// whoIs finds the member of staff whom the token names. Somebody unknown is
// let in only when the house has named a claim for roles and it holds one.
func (d *Desk) whoIs(v *Visit, c claims) (letters.User, error) {
	subject := c.person(d.signOn.UserClaim)
	if subject == "" {
		return letters.User{}, d.refuseSignOn(v, "sign_on", fmt.Errorf("no claim %s", d.signOn.UserClaim))
	}
	u, err := d.o.Ledger.UserBySubject(v.Context(), subject)
	if d.missing(err) {
		return d.newcomer(v, c, subject)
	}
	if err != nil {
		return u, err
	}
	if u.Disabled {
		return u, d.refuseSignOn(v, "sign_on_unknown", errors.New("the account is disabled"))
	}
	return u, nil
}

// newcomer adds somebody to whom the provider gives a role.
func (d *Desk) newcomer(v *Visit, c claims, subject string) (letters.User, error) {
	role, err := letters.ParseRole(c.text(d.signOn.RoleClaim))
	if d.signOn.RoleClaim == "" || err != nil {
		return letters.User{}, d.refuseSignOn(v, "sign_on_unknown", errors.New("nobody of that subject, and no role for them"))
	}
	name, err := letters.ParseUserName(c.text("preferred_username"))
	if err != nil {
		return letters.User{}, d.refuseSignOn(v, "sign_on_unknown", err)
	}
	u := letters.User{Name: name, Role: role, Subject: subject}
	if err := v.Record("user_add", name, string(role), "tried"); err != nil {
		return u, err
	}
	err = d.o.Ledger.AddUser(v.Context(), u)
	if d.clash(err) {
		return u, d.refuseSignOn(v, "sign_on_unknown", errors.New("the name is another's"))
	}
	return u, err
}
