package desk

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"oshirase/letters"
)

// sessionsPage is what sessions.html gets: who is signed in now.
type sessionsPage struct{ Sessions []sessionLine }

// sessionLine is a session that counts.
type sessionLine struct {
	letters.Session
	Own bool
}

// liveSessions are those that count now, of everybody or of one person.
func (d *Desk) liveSessions(v *Visit, of string) ([]sessionLine, error) {
	all, err := d.o.Ledger.Sessions(v.Context())
	if err != nil {
		return nil, err
	}
	var out []sessionLine
	for _, n := range all {
		if counts(n, d.o.Now()) && (of == "" || n.User == of) {
			out = append(out, sessionLine{n, n.TokenHash == v.session.TokenHash})
		}
	}
	return out, nil
}

func (d *Desk) sessions(v *Visit) error {
	list, err := d.liveSessions(v, "")
	if err != nil {
		return err
	}
	return v.Show("sessions", sessionsPage{list})
}

func (d *Desk) endSession(v *Visit) error {
	n, err := d.o.Ledger.Session(v.Context(), v.Form("session"))
	if err != nil {
		return err
	}
	if err := v.Record("session_end", n.User, "", "done"); err != nil {
		return err
	}
	if err := d.o.Ledger.EndSession(v.Context(), n.TokenHash, d.o.Now()); err != nil {
		return err
	}
	return v.Go("/sessions", "session_ended")
}

// choices joins the known retailers with the assigned ones, by code.
func choices(names map[string]string, mine []string) []retailerChoice {
	for _, code := range mine {
		if _, ok := names[code]; !ok {
			names[code] = ""
		}
	}
	var out []retailerChoice
	for _, code := range slices.SortedFunc(maps.Keys(names), cmp.Compare[string]) {
		out = append(out, retailerChoice{code, names[code], slices.Contains(mine, code)})
	}
	return out
}

// accountPage is what account.html gets: one's own account.
type accountPage struct {
	User     letters.User
	Local    bool // has a password here
	Sessions []sessionLine
}

func accountRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/account", Anyone: true, Serve: (*Desk).account},
		{Method: http.MethodPost, Path: "/account", Anyone: true, Serve: (*Desk).ownPassword},
	}
}

func accountViews() []view { return []view{{"account", accountPage{}}} }

func (d *Desk) accountPage(v *Visit) (accountPage, error) {
	list, err := d.liveSessions(v, v.User.Name)
	return accountPage{User: v.User, Local: v.User.PasswordHash != "", Sessions: list}, err
}

func (d *Desk) account(v *Visit) error {
	page, err := d.accountPage(v)
	if err != nil {
		return err
	}
	return v.Show("account", page)
}

// ownPassword changes one's own password: the old one is asked for, whoever
// sits at the screen.
func (d *Desk) ownPassword(v *Visit) error {
	page, err := d.accountPage(v)
	if err != nil {
		return err
	}
	if !page.Local {
		return refuse(http.StatusForbidden, "no_password")
	}
	fresh := v.r.PostForm.Get("new_password")
	_, result, err := d.tryPassword(v.Context(), v.User.Name, v.r.PostForm.Get("password"), v.client)
	if err != nil {
		return err
	}
	switch {
	case result == waitPlease:
		return v.Problems("account", page, v.problem("password", "sign_in_wait"))
	case result == wrongPassword:
		return v.Problems("account", page, v.problem("password", "password"))
	case len(v.badPassword(fresh)) > 0:
		short := v.badPassword(fresh)[0]
		return v.Problems("account", page, Problem{"new_password", short.Text})
	}
	if err := v.Record("user_password", v.User.Name, "own", "done"); err != nil {
		return err
	}
	if err := d.setPassword(v, v.User.Name, fresh); err != nil {
		return err
	}
	if err := v.begin(v.User, sessionLocal, d.o.Now()); err != nil {
		return err
	}
	return v.Go("/account", "password_set")
}
