package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oshirase/letters"
)

// TestGoingOnAfterABackupIsConfirmedByCommand: it must read the journal of its
// home, which the desk does not.
func TestGoingOnAfterABackupIsConfirmedByCommand(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	_, err := td.store.Propose(t.Context(), letters.Proposal{Action: letters.ActResume, Reason: "restored", By: "prepare"}, td.clock())
	must(t, err)
	b := td.as(letters.RoleApprove)
	if p := b.get("/decisions"); strings.Contains(p.body, "/decisions/1/confirm") || !strings.Contains(p.body, "コマンド（decide）から確定します") {
		t.Errorf("the page offers to confirm it:\n%s", p.body)
	}
	if p := b.post("/decisions/1/confirm", nil); p.status != http.StatusConflict {
		t.Errorf("it is confirmed: status %d", p.status)
	}
	p := b.post("/decisions", url.Values{"action": {"resume"}, "letters": {"1"}, "reason": {"x"}})
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("it is proposed at the desk: status %d", p.status)
	}
	if open, err := td.store.OpenDecisions(t.Context()); err != nil || len(open) != 1 || !open[0].Open() {
		t.Errorf("open decisions %+v, %v", open, err)
	}
}

func TestTypedIDs(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	v := &Visit{d: td.desk}
	id, err := letters.NewID(strings.NewReader("12345678"))
	must(t, err)
	ids, wrong := v.typedIDs(id.Groups() + "\r\n " + string(id) + "、1234")
	if len(ids) != 1 || ids[0] != id || len(wrong) != 1 || !strings.Contains(wrong[0].Text, "「1234」") {
		t.Errorf("got %q, %q", ids, wrong)
	}
	if _, wrong := v.typedIDs(" \n,"); len(wrong) != 1 {
		t.Errorf("nothing typed: %q", wrong)
	}
}

// TestFreshRoutesAskForThePassword: a change that meets an old proof
// is done once the password was given, and not before.
func TestFreshRoutesAskForThePassword(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RoleAdmin)
	td.pass(proofLasts)
	form := url.Values{"name": {"shiro"}, "role": {"audit"}, "password": {testPassword}}
	p := b.post("/users", form)
	if p.status != http.StatusUnauthorized || !strings.Contains(p.body, `action="/prove"`) {
		t.Fatalf("status %d\n%s", p.status, p.body)
	}
	if _, err := td.store.User(t.Context(), "shiro"); err == nil {
		t.Fatal("done without the password")
	}
	key := between(t, p.body, `name="form" value="`, `"`)
	if p := b.post("/prove", url.Values{"form": {key}, "password": {"wrong"}}); p.status != http.StatusUnauthorized {
		t.Errorf("a wrong password: status %d", p.status)
	}
	if p := b.post("/prove", url.Values{"form": {key}, "password": {testPassword}}); p.status != http.StatusSeeOther || p.header.Get("Location") != "/users/shiro?note=user_added" {
		t.Errorf("the form was not sent on: status %d, to %q\n%s", p.status, p.header.Get("Location"), p.body)
	}
	u, err := td.store.User(t.Context(), "shiro")
	if err != nil || u.Role != letters.RoleAudit || !strings.Contains(u.PasswordHash, "m=19456,t=2,p=1") {
		t.Errorf("got %+v, %v", u, err)
	}
}

// TestReturnedFromAWrongAddressIsNotOfferedAgain: the same address is proposed
// for what lay too long at the post office, and not for who has moved.
func TestReturnedFromAWrongAddressIsNotOfferedAgain(t *testing.T) {
	t.Parallel()
	d := newTestDesk(t).desk
	suggestion := func(id letters.ID, why string) letters.Suggestion {
		return letters.Suggestion{LetterID: id, State: letters.Returned, Action: letters.Suggested(letters.Returned, why), Why: why}
	}
	groups := grouped([]letters.Suggestion{suggestion("1111", "moved"), suggestion("2222", "kept"), suggestion("3333", "incomplete"), suggestion("4444", "refused")})
	view, err := d.views.page("decisions")
	must(t, err)
	var b strings.Builder
	must(t, view.ExecuteTemplate(&b, "main", decisionsPage{Suggested: groups}))
	for id, want := range map[string]bool{"1111": false, "2222": true, "3333": false, "4444": true} {
		if got := strings.Contains(b.String(), `name="letters" value="`+id+`"`); got != want || !strings.Contains(b.String(), id) {
			t.Errorf("%s offered: %t, want %t\n%s", id, got, want, b.String())
		}
	}
}
