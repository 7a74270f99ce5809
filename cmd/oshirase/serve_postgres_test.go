package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"oshirase/batch/desk"
	"oshirase/letters"
)

// visitor is one person's browser without a screen.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client

	answered func(status int) // hears every answer; nil = nobody does
	at       func(*url.URL)   // hears every address to which an answer leads; nil = nobody does
}

// visitor signs a person in at a desk.
func (o *office) visitor(base, name string) *visitor {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	v := &visitor{t: o.t, base: base, client: &http.Client{Jar: jar}}
	if status, body := v.send(http.MethodPost, "/signin", url.Values{"name": {name}, "password": {officePassword}}); status != http.StatusOK {
		o.t.Fatalf("%s signs in: status %d\n%s", name, status, body)
	}
	return v
}

// send asks for a page and follows to where it leads.
func (v *visitor) send(method, path string, form url.Values) (int, string) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if v.at != nil {
		v.at(res.Request.URL)
	}
	if v.answered != nil {
		v.answered(res.StatusCode)
	}
	return res.StatusCode, string(body)
}

// TestServeOnPostgres opens every page over a ledger on PostgreSQL and approves
// a month there.
func TestServeOnPostgres(t *testing.T) {
	t.Parallel()
	o := officeInMonth(newOffice(t, postgres(t)))
	base, month := o.serving(), string(letters.MonthOf(o.now))
	for _, role := range []letters.Role{letters.RolePrepare, letters.RoleApprove, letters.RoleRetail, letters.RoleCallCenter,
		letters.RoleAudit, letters.RoleAdmin} {
		v := o.visitor(base, person(role))
		for _, r := range desk.Routes() {
			if r.Method != http.MethodGet || r.Public || r.Lead || !r.Anyone && r.Roles[0] != role {
				continue
			}
			status, body := v.send(http.MethodGet, o.pagePath(r.Path), nil)
			if status >= 500 || status == http.StatusForbidden {
				t.Errorf("%s as %s: status %d\n%s", r.Path, role, status, body)
			}
		}
	}
	v := o.visitor(base, "jiro")
	_, page := v.send(http.MethodGet, "/board/"+month, nil)
	_, rest, _ := strings.Cut(page, `name="hash" value="`)
	hash, _, _ := strings.Cut(rest, `"`)
	status, page := v.send(http.MethodPost, "/board/"+month+"/approve", url.Values{"kind": {"letters"}, "hash": {strings.Repeat("0", 64)}})
	if status != http.StatusConflict {
		t.Errorf("another hash than the one that is shown is approved: status %d\n%s", status, page)
	}
	status, page = v.send(http.MethodPost, "/board/"+month+"/approve", url.Values{"kind": {"letters"}, "hash": {hash}})
	if status != http.StatusOK || !strings.Contains(page, "承認しました。") {
		t.Errorf("approval: status %d\n%s", status, page)
	}
	o.ok("reconcile")
}
