package desk

import (
	"net/http"

	"oshirase/letters"
)

// signInPage is what signin.html gets.
type signInPage struct {
	Name string // as typed
	Next string // where the person was going
	Form string // key of a form that waits for them
	Old  bool   // the session they had has ended
	ways
}

// ways are how a person can say who they are.
type ways struct{ Password, SignOn bool }

// provePage is what prove.html gets.
type provePage struct {
	Next string
	Form string
	ways
}

// allWays are the house's.
func (d *Desk) allWays() ways {
	return ways{Password: d.signOn == nil || !d.signOn.Only, SignOn: d.signOn != nil}
}

// waysOf are those of one person.
func (d *Desk) waysOf(u letters.User) ways {
	w := d.allWays()
	return ways{Password: w.Password && u.PasswordHash != "", SignOn: w.SignOn && u.Subject != ""}
}

func signInViews() []view { return []view{{"signin", signInPage{}}, {"prove", provePage{}}} }

func signInRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/signin", Public: true, Serve: (*Desk).signInForm},
		{Method: http.MethodPost, Path: "/signin", Public: true, Serve: (*Desk).signIn},
		{Method: http.MethodPost, Path: "/signout", Public: true, Serve: (*Desk).signOut},
		{Method: http.MethodGet, Path: "/prove", Anyone: true, Serve: (*Desk).proveForm},
		{Method: http.MethodPost, Path: "/prove", Anyone: true, Serve: (*Desk).prove},
	}
}

func (d *Desk) signInForm(v *Visit) error {
	if v.User.Name != "" {
		return v.Go(local(v.Query("next")), "")
	}
	return v.Show("signin", signInPage{Next: local(v.Query("next")), ways: d.allWays()})
}

// askToSignIn is the answer to somebody who is not, or no longer, signed in.
// What they sent waits for them.
func (d *Desk) askToSignIn(v *Visit) error {
	if v.r.Method != http.MethodPost {
		http.Redirect(v.w, v.r, "/signin?next="+v.r.URL.EscapedPath(), http.StatusSeeOther)
		return nil
	}
	key, err := v.keepForm(v.old.User)
	if err != nil {
		return err
	}
	page := signInPage{Name: v.old.User, Next: "/", Form: key, Old: true, ways: d.allWays()}
	return v.show(http.StatusUnauthorized, "signin", page, nil)
}

func (d *Desk) signIn(v *Visit) error {
	if !d.allWays().Password {
		return refuse(http.StatusForbidden, "sign_on_only")
	}
	name := v.Form("name")
	page := signInPage{Name: name, Next: v.Form("next"), Form: v.Form("form"), ways: d.allWays()}
	// A password is taken as it was typed, spaces and all.
	u, result, err := d.tryPassword(v.Context(), name, v.r.PostForm.Get("password"), v.client)
	if err != nil {
		return err
	}
	if result != rightPassword {
		return d.refuseSignIn(v, page, result)
	}
	v.User = u
	if err := v.Record("sign_in", u.Name, sessionLocal, "done"); err != nil {
		return err
	}
	if err := v.begin(u, sessionLocal, d.o.Now()); err != nil {
		return err
	}
	return v.sendOn(page.Form, page.Next)
}

// refuseSignIn tells neither whether the name exists nor what was wrong. The
// record holds no name: a password is sometimes typed in its place.
func (d *Desk) refuseSignIn(v *Visit, page signInPage, result verdict) error {
	key, status := "sign_in", http.StatusUnauthorized
	if result == waitPlease {
		key, status = "sign_in_wait", http.StatusTooManyRequests
	}
	v.User = letters.User{}
	if err := v.Record("sign_in", "account", sessionLocal, "refused"); err != nil {
		return err
	}
	return v.show(status, "signin", page, []Problem{v.problem("password", key)})
}

func (d *Desk) signOut(v *Visit) error {
	if v.User.Name == "" {
		return v.Go("/signin", "signed_out")
	}
	// Nothing is shown by it, so it waits for no record.
	if err := v.end(v.Form("everywhere") != ""); err != nil {
		return err
	}
	if err := v.Record("sign_out", v.User.Name, "", "done"); err != nil {
		return err
	}
	return v.Go("/signin", "signed_out")
}

func (d *Desk) proveForm(v *Visit) error {
	return v.Show("prove", provePage{Next: local(v.Query("next")), ways: d.waysOf(v.User)})
}

// askToProve asks a person who signed in a while ago for the password again.
func (d *Desk) askToProve(v *Visit) error {
	if v.r.Method != http.MethodPost {
		http.Redirect(v.w, v.r, "/prove?next="+v.r.URL.EscapedPath(), http.StatusSeeOther)
		return nil
	}
	key, err := v.keepForm(v.User.Name)
	if err != nil {
		return err
	}
	return v.show(http.StatusUnauthorized, "prove", provePage{Next: "/", Form: key, ways: d.waysOf(v.User)}, nil)
}

func (d *Desk) prove(v *Visit) error {
	page := provePage{Next: v.Form("next"), Form: v.Form("form"), ways: d.waysOf(v.User)}
	if !page.Password {
		return refuse(http.StatusForbidden, "sign_on_only")
	}
	_, result, err := d.tryPassword(v.Context(), v.User.Name, v.r.PostForm.Get("password"), v.client)
	if err != nil {
		return err
	}
	outcome := "done"
	if result != rightPassword {
		outcome = "refused"
	}
	if err := v.Record("prove", v.User.Name, sessionLocal, outcome); err != nil {
		return err
	}
	switch result {
	case waitPlease:
		return v.show(http.StatusTooManyRequests, "prove", page, []Problem{v.problem("password", "sign_in_wait")})
	case wrongPassword:
		return v.show(http.StatusUnauthorized, "prove", page, []Problem{v.problem("password", "password")})
	}
	if err := v.prove(d.o.Now()); err != nil {
		return err
	}
	return v.sendOn(page.Form, page.Next)
}
