package desk

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oshirase/letters"
)

func asText(v any) string { return fmt.Sprintf("%+v\n", v) }

// open reports whether a browser is signed in.
func (b *browser) open() bool {
	b.t.Helper()
	return b.get("/prove").status == http.StatusOK
}

func TestSessionEndsWhenIdle(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RolePrepare)
	for range 3 { // each use begins the quarter of an hour anew
		td.pass(14 * time.Minute)
		if !b.open() {
			t.Fatal("ended within 15 minutes of its last use")
		}
	}
	td.pass(15 * time.Minute)
	if b.open() {
		t.Error("lasts 15 minutes after its last use")
	}
}

func TestSessionEndsAfterEightHours(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RolePrepare)
	for range 8*60/10 - 1 {
		td.pass(10 * time.Minute)
		if !b.open() {
			t.Fatal("ended within eight hours of steady use")
		}
	}
	td.pass(10 * time.Minute)
	if b.open() {
		t.Error("lasts longer than eight hours")
	}
}

func TestSignInGivesANewToken(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.browser()
	u, err := url.Parse(b.base)
	must(t, err)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: cookieDevelop, Value: "planted", Path: "/"}})
	b.signIn("prepare")
	first := b.cookie()
	if first == "planted" || len(first) < 40 {
		t.Fatalf("token %q after signing in", first)
	}
	b.signIn("prepare")
	if b.cookie() == first {
		t.Error("a second sign-in kept the token")
	}
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: cookieDevelop, Value: first, Path: "/"}})
	if b.open() {
		t.Error("the token from before signing in again still counts")
	}
}

func TestLedgerHoldsNoToken(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RolePrepare)
	list, err := td.store.Sessions(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].TokenHash == b.cookie() || list[0].TokenHash != hashed(b.cookie()) {
		t.Errorf("sessions %+v", list)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	here, there := td.as(letters.RolePrepare), td.as(letters.RolePrepare)
	token := here.cookie()
	here.post("/signout", nil)
	if here.cookie() != "" || here.open() {
		t.Error("still signed in")
	}
	u, err := url.Parse(here.base)
	must(t, err)
	here.client.Jar.SetCookies(u, []*http.Cookie{{Name: cookieDevelop, Value: token, Path: "/"}})
	if here.open() {
		t.Error("the token counts after signing out")
	}
	if !there.open() {
		t.Error("the person's other session ended too")
	}
	here.signIn("prepare")
	here.post("/signout", url.Values{"everywhere": {"1"}})
	if there.open() {
		t.Error("signing out everywhere left a session")
	}
}

func TestDisabledPersonIsOutAtOnce(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RolePrepare)
	must(t, td.store.DisableUser(t.Context(), "prepare"))
	if b.open() {
		t.Error("a disabled person is still signed in")
	}
	p := td.browser().post("/signin", url.Values{"name": {"prepare"}, "password": {testPassword}})
	if p.status != http.StatusUnauthorized {
		t.Errorf("a disabled person signs in: status %d", p.status)
	}
}

// TestWrongPasswordsSlowDown: nobody learns whether the name or the password
// was wrong, and the sixth try at an account waits, the right one too.
func TestWrongPasswordsSlowDown(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.browser()
	try := func(name, password string) page {
		return b.post("/signin", url.Values{"name": {name}, "password": {password}})
	}
	known, unknown := try("prepare", "wrong"), try("nobody", "wrong")
	if got, want := strings.ReplaceAll(unknown.body, "nobody", "prepare"), known.body; got != want {
		t.Errorf("the answers differ:\n%s\n%s", got, want)
	}
	for range 4 {
		if p := try("prepare", "wrong"); p.status != http.StatusUnauthorized {
			t.Fatalf("status %d", p.status)
		}
	}
	if p := try("prepare", testPassword); p.status != http.StatusTooManyRequests {
		t.Errorf("right password at once after five wrong ones: status %d, want 429", p.status)
	}
	td.pass(2 * time.Second)
	if p := try("prepare", testPassword); p.status != http.StatusSeeOther {
		t.Errorf("right password after the pause: status %d", p.status)
	}
}

// TestPasswordsAtTheSameTimeAreFewToo: tries sent together are no more than
// tries sent one after the other.
func TestPasswordsAtTheSameTimeAreFewToo(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.browser()
	var compared atomic.Int64
	var tries sync.WaitGroup
	for range 30 {
		tries.Go(func() {
			if p := b.post("/signin", url.Values{"name": {"prepare"}, "password": {"wrong"}}); p.status == http.StatusUnauthorized {
				compared.Add(1)
			}
		})
	}
	tries.Wait()
	if got := compared.Load(); got != letters.FreeTries {
		t.Errorf("%d passwords were compared at once, want %d", got, letters.FreeTries)
	}
}

// TestFormOfAnOldSessionIsSentOn: what was typed before a session ended is
// done after signing in, for its writer and for nobody else.
func TestFormOfAnOldSessionIsSentOn(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RolePrepare)
	td.pass(20 * time.Minute)
	late := b.post("/prove", url.Values{"password": {testPassword}, "next": {"/board"}})
	if late.status != http.StatusUnauthorized || !strings.Contains(late.body, "お預かり") {
		t.Fatalf("status %d\n%s", late.status, late.body)
	}
	if strings.Contains(late.body, testPassword) {
		t.Error("what was typed stands in the page that asks to sign in")
	}
	key := between(t, late.body, `name="form" value="`, `"`)
	other := td.browser().post("/signin", url.Values{"name": {"admin"}, "password": {testPassword}, "form": {key}})
	if got := other.header.Get("Location"); got != "/?note=form_lost" {
		t.Errorf("another person gets the form: status %d, to %q", other.status, got)
	}
	p := b.post("/signin", url.Values{"name": {"prepare"}, "password": {testPassword}, "form": {key}})
	if p.status != http.StatusSeeOther || p.header.Get("Location") != "/board" {
		t.Errorf("the form was not sent on: status %d, to %q", p.status, p.header.Get("Location"))
	}
	again := b.post("/signin", url.Values{"name": {"prepare"}, "password": {testPassword}, "form": {key}})
	if got := again.header.Get("Location"); got != "/?note=form_lost" {
		t.Errorf("the form was sent twice: to %q", got)
	}
}

// TestCopiedTokenProvesNothing: who holds a copy of somebody's cookie does not
// gain by what its owner proves.
func TestCopiedTokenProvesNothing(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RoleAdmin)
	u, err := url.Parse(b.base)
	must(t, err)
	thief := td.browser()
	thief.client.Jar.SetCookies(u, []*http.Cookie{{Name: cookieDevelop, Value: b.cookie(), Path: "/"}})
	if !thief.open() {
		t.Fatal("the copy of a cookie is not one")
	}
	td.pass(11 * time.Minute)
	if p := b.post("/prove", url.Values{"password": {testPassword}}); p.status != http.StatusSeeOther {
		t.Fatalf("prove: status %d", p.status)
	}
	if !b.open() {
		t.Error("who proved themselves is signed out")
	}
	if thief.open() {
		t.Error("the copy of the cookie is as good as its owner's proof")
	}
	for range 46 {
		td.pass(10 * time.Minute)
		if !b.open() {
			t.Fatal("the proof shortened the eight hours")
		}
	}
	td.pass(10 * time.Minute)
	if b.open() {
		t.Error("the proof lengthened the eight hours")
	}
}

func TestNextStaysOnTheDesk(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"": "/", "/board": "/board", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/",
		"javascript:alert(1)": "/", "board": "/", "/audit?x=1": "/audit",
	} {
		if got := local(next); got != want {
			t.Errorf("local(%q) = %q, want %q", next, got, want)
		}
	}
}

// between returns what stands between two marks.
func between(t *testing.T, s, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(s, before)
	got, _, ok2 := strings.Cut(rest, after)
	if !ok || !ok2 {
		t.Fatalf("%q … %q is not in\n%s", before, after, s)
	}
	return got
}

// TestSignOutWithoutARecord: a chain that takes no records keeps nobody signed
// in.
func TestSignOutWithoutARecord(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RoleCallCenter)
	td.audit.fail = errors.New("disk full")
	b.post("/signout", nil)
	td.audit.fail = nil
	if b.open() {
		t.Error("still signed in")
	}
}

// TestRefusedChangesAreNotDone: the chain does not say that an account was
// added or changed when the ledger refused it.
func TestRefusedChangesAreNotDone(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	must(t, td.store.AddUser(t.Context(), letters.User{Name: "riku", Role: letters.RoleRetail, Subject: "s-1"}))
	b := td.as(letters.RoleAdmin)
	before := len(td.audit.all())
	b.post("/users", url.Values{"name": {"approve"}, "role": {"admin"}, "password": {testPassword}})
	b.post("/users/prepare", url.Values{"role": {"approve"}, "subject": {"s-1"}})
	b.post("/users/prepare/retailers", url.Values{})
	for _, r := range td.audit.all()[before:] {
		if r.Outcome != "tried" {
			t.Errorf("recorded as %s: %s of %s", r.Outcome, r.Action, r.Object)
		}
	}
	if u, err := td.store.User(t.Context(), "approve"); err != nil || u.Role != letters.RoleApprove {
		t.Errorf("%+v, %v", u, err)
	}
	if n := len(td.audit.all()) - before; n != 3 {
		t.Errorf("%d records, want 3", n)
	}
}
