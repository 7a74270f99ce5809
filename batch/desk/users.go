package desk

import (
	"context"
	"fmt"
	"net/http"

	"github.com/alexedwards/argon2id"

	"oshirase/letters"
)

// StaffLedger keeps the members of staff.
type StaffLedger interface {
	User(ctx context.Context, name string) (letters.User, error)
	UserBySubject(ctx context.Context, subject string) (letters.User, error)
	Users(ctx context.Context) ([]letters.User, error)
	AddUser(ctx context.Context, u letters.User) error
	ChangeUser(ctx context.Context, u letters.User) error
	SetPassword(ctx context.Context, name, hash string) error
	DisableUser(ctx context.Context, name string) error
	EnableUser(ctx context.Context, name string) error
	RetailersOf(ctx context.Context, name string) ([]string, error)
	AssignRetailers(ctx context.Context, name string, codes []string) error
	Retailers(ctx context.Context, m letters.Month) ([]letters.Retailer, error)
}

// usersPage is what users.html gets.
type usersPage struct{ Users []letters.User }

// newUserPage is what user_new.html gets: the form as typed.
type newUserPage struct {
	Roles   []letters.Role
	Name    string
	Role    letters.Role
	Lead    bool
	Subject string
}

func adminRoutes() []Route {
	admin := []letters.Role{letters.RoleAdmin}
	return []Route{
		{Method: http.MethodGet, Path: "/users", Roles: admin, Nav: "users", Serve: (*Desk).users},
		{Method: http.MethodPost, Path: "/users", Roles: admin, Fresh: true, Serve: (*Desk).addUser},
		{Method: http.MethodGet, Path: "/new-user", Roles: admin, Serve: (*Desk).newUser},
		{Method: http.MethodGet, Path: "/users/{name}", Roles: admin, Serve: (*Desk).user},
		{Method: http.MethodPost, Path: "/users/{name}", Roles: admin, Fresh: true, Serve: (*Desk).changeUser},
		{Method: http.MethodPost, Path: "/users/{name}/password", Roles: admin, Fresh: true, Serve: (*Desk).resetPassword},
		{Method: http.MethodPost, Path: "/users/{name}/stand", Roles: admin, Fresh: true, Serve: (*Desk).standUser},
		{Method: http.MethodPost, Path: "/users/{name}/retailers", Roles: admin, Fresh: true, Serve: (*Desk).assignRetailers},
		{Method: http.MethodGet, Path: "/sessions", Roles: admin, Nav: "sessions", Serve: (*Desk).sessions},
		{Method: http.MethodPost, Path: "/sessions", Roles: admin, Serve: (*Desk).endSession},
	}
}

func adminViews() []view {
	return []view{{"users", usersPage{}}, {"user_new", newUserPage{}}, {"user", userPage{}}, {"sessions", sessionsPage{}}}
}

func roles() []letters.Role {
	return []letters.Role{letters.RolePrepare, letters.RoleApprove, letters.RoleRetail, letters.RoleCallCenter,
		letters.RoleAudit, letters.RoleAdmin}
}

func (d *Desk) users(v *Visit) error {
	list, err := d.o.Ledger.Users(v.Context())
	if err != nil {
		return err
	}
	return v.Show("users", usersPage{list})
}

func (d *Desk) newUser(v *Visit) error { return v.Show("user_new", newUserPage{Roles: roles()}) }

func (d *Desk) addUser(v *Visit) error {
	page := newUserPage{Roles: roles(), Name: v.Form("name"), Role: letters.Role(v.Form("role")), Lead: v.Form("lead") != "",
		Subject: v.Form("subject")}
	password := v.r.PostForm.Get("password")
	var wrong []Problem
	if _, err := letters.ParseUserName(page.Name); err != nil {
		wrong = append(wrong, v.problem("name", "user_name"))
	}
	if _, err := letters.ParseRole(string(page.Role)); err != nil {
		wrong = append(wrong, v.problem("role", "user_role"))
	}
	wrong = append(wrong, v.badLead(page.Role, page.Lead)...)
	if password != "" || page.Subject == "" {
		wrong = append(wrong, v.badPassword(password)...)
	}
	if len(wrong) > 0 {
		return v.Problems("user_new", page, wrong...)
	}
	return d.putUser(v, page, password)
}

func (d *Desk) putUser(v *Visit, page newUserPage, password string) error {
	hash := ""
	if password != "" {
		var err error
		if hash, err = d.hash(v.Context(), password); err != nil {
			return err
		}
	}
	if err := v.Record("user_add", page.Name, string(page.Role), "tried"); err != nil {
		return err
	}
	err := d.o.Ledger.AddUser(v.Context(), letters.User{Name: page.Name, Role: page.Role, PasswordHash: hash,
		Lead: page.Lead, Subject: page.Subject})
	if d.clash(err) {
		return v.Problems("user_new", page, v.problem("name", "user_exists"))
	}
	if err != nil {
		return err
	}
	return v.Go("/users/"+page.Name, "user_added")
}

func (v *Visit) badLead(r letters.Role, lead bool) []Problem {
	if lead && !r.CanLead() {
		return []Problem{v.problem("lead", "user_lead")}
	}
	return nil
}

func (v *Visit) badPassword(password string) []Problem {
	if len([]rune(password)) < letters.PasswordLeast {
		return []Problem{v.problem("password", "password_short", fmt.Sprint(letters.PasswordLeast))}
	}
	return nil
}

// hash makes an argon2id hash of 19 MiB and two passes (OWASP, password
// storage), at most one a core at a time.
func (d *Desk) hash(ctx context.Context, password string) (string, error) {
	leave, err := d.enterHashers(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	h, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return h, nil
}

// clash reports whether the ledger said that something else is there already.
func (d *Desk) clash(err error) bool {
	known, ok := d.o.Refusal(err)
	return ok && known.Status == http.StatusConflict
}

// userPage is what user.html gets.
type userPage struct {
	User      letters.User
	Roles     []letters.Role
	Own       bool // the admin's own account, which another admin changes
	Retailers []retailerChoice
}

// retailerChoice is a retailer of the newest lists, or one that is assigned.
type retailerChoice struct {
	Code, Name string
	Assigned   bool
}

func (d *Desk) user(v *Visit) error {
	page, err := d.userPage(v, v.Path("name"))
	if err != nil {
		return err
	}
	return v.Show("user", page)
}

func (d *Desk) userPage(v *Visit, name string) (userPage, error) {
	u, err := d.o.Ledger.User(v.Context(), name)
	if err != nil {
		return userPage{}, err
	}
	page := userPage{User: u, Roles: roles(), Own: u.Name == v.User.Name}
	if u.Role == letters.RoleRetail {
		page.Retailers, err = d.retailerChoices(v.Context(), name)
	}
	return page, err
}

// retailerChoices are the retailers of all months by code, with the newest
// name, and those that the person looks after.
func (d *Desk) retailerChoices(ctx context.Context, name string) ([]retailerChoice, error) {
	mine, err := d.o.Ledger.RetailersOf(ctx, name)
	if err != nil {
		return nil, err
	}
	months, err := d.o.Ledger.Months(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, m := range months {
		list, err := d.o.Ledger.Retailers(ctx, m.Month)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			names[r.Code] = r.Name
		}
	}
	return choices(names, mine), nil
}

func (d *Desk) changeUser(v *Visit) error {
	page, err := d.userPage(v, v.Path("name"))
	if err != nil {
		return err
	}
	if page.Own {
		return refuse(http.StatusForbidden, "own_account")
	}
	was := page.User
	page.User.Role, page.User.Lead, page.User.Subject = letters.Role(v.Form("role")), v.Form("lead") != "", v.Form("subject")
	var wrong []Problem
	if _, err := letters.ParseRole(string(page.User.Role)); err != nil {
		wrong = append(wrong, v.problem("role", "user_role"))
	}
	if wrong = append(wrong, v.badLead(page.User.Role, page.User.Lead)...); len(wrong) > 0 {
		return v.Problems("user", page, wrong...)
	}
	if err := v.Record("user_change", was.Name, string(was.Role)+" "+string(page.User.Role), "tried"); err != nil {
		return err
	}
	err = d.o.Ledger.ChangeUser(v.Context(), page.User)
	if d.clash(err) {
		return v.Problems("user", page, v.problem("subject", "user_subject"))
	}
	if err != nil {
		return err
	}
	return v.Go("/users/"+was.Name, "saved")
}

func (d *Desk) resetPassword(v *Visit) error {
	page, err := d.userPage(v, v.Path("name"))
	if err != nil {
		return err
	}
	password := v.r.PostForm.Get("password")
	if wrong := v.badPassword(password); len(wrong) > 0 {
		return v.Problems("user", page, wrong...)
	}
	if err := v.Record("user_password", page.User.Name, "", "done"); err != nil {
		return err
	}
	if err := d.setPassword(v, page.User.Name, password); err != nil {
		return err
	}
	return v.Go("/users/"+page.User.Name, "password_set")
}

// setPassword stores a password, which ends the person's sessions.
func (d *Desk) setPassword(v *Visit, name, password string) error {
	hash, err := d.hash(v.Context(), password)
	if err != nil {
		return err
	}
	return d.o.Ledger.SetPassword(v.Context(), name, hash)
}

// standUser disables a person, or lets them in again.
func (d *Desk) standUser(v *Visit) error {
	u, err := d.o.Ledger.User(v.Context(), v.Path("name"))
	if err != nil {
		return err
	}
	if u.Name == v.User.Name {
		return refuse(http.StatusForbidden, "own_account")
	}
	action, change, note := "user_disable", d.o.Ledger.DisableUser, "user_disabled"
	if u.Disabled {
		action, change, note = "user_enable", d.o.Ledger.EnableUser, "user_enabled"
	}
	if err := v.Record(action, u.Name, "", "done"); err != nil {
		return err
	}
	if err := change(v.Context(), u.Name); err != nil {
		return err
	}
	return v.Go("/users/"+u.Name, note)
}

func (d *Desk) assignRetailers(v *Visit) error {
	page, err := d.userPage(v, v.Path("name"))
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range page.Retailers {
		known[r.Code] = true
	}
	codes := v.Forms("retailer")
	for _, code := range codes {
		if !known[code] {
			return refuse(http.StatusBadRequest, "bad_form")
		}
	}
	for _, part := range letters.JoinCodes(codes) {
		if err := v.Record("user_retailers", page.User.Name, part, "tried"); err != nil {
			return err
		}
	}
	if err := d.o.Ledger.AssignRetailers(v.Context(), page.User.Name, codes); err != nil {
		return err
	}
	return v.Go("/users/"+page.User.Name, "saved")
}
