package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

func TestThreeMissesThenTheSupervisor(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	id := td.withLetters(taro())[0]
	b := td.as(letters.RoleCallCenter)
	path := b.look(id)
	for range 3 {
		b.post(path+"/check", url.Values{"last_four": {"0000"}})
	}
	if p := b.post(path+"/check", url.Values{"last_four": {"1234"}}); p.status != http.StatusTooManyRequests {
		t.Errorf("a fourth, right answer: status %d", p.status)
	}
	if p := b.get(b.look(id)); strings.Contains(p.body, `name="last_four"`) || !strings.Contains(p.body, "責任者") {
		t.Error("another call still asks")
	}
	if p := b.post(path+"/inquiry", url.Values{"outcome": {"not_confirmed"}, "wish": {"resend"}}); p.status != http.StatusSeeOther {
		t.Errorf("record: status %d", p.status)
	}
	if wishes, err := td.store.OpenWishes(t.Context()); err != nil || len(wishes) != 0 {
		t.Errorf("an unmatched caller's wish stands: %+v, %v", wishes, err)
	}
}

func TestLimitsOfLookingUp(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t, func(o *Options) { o.Looks = LookLimits{Span: 10 * time.Minute, Alert: 2, Stop: 4} })
	id := td.withLetters(taro())[0]
	b := td.as(letters.RoleCallCenter)
	for range 4 {
		b.look(id)
	}
	if p := b.post("/calls", url.Values{"number": {string(id)}}); p.status != http.StatusTooManyRequests || !strings.Contains(p.body, "責任者") {
		t.Errorf("fifth look-up: status %d", p.status)
	}
	if all := td.audit.all(); all[len(all)-1].Outcome != "stopped" {
		t.Errorf("last record %+v", all[len(all)-1])
	}
	if p := b.post("/calls", url.Values{"number": {string(id[:15]) + "0"}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a mistyped number: status %d", p.status)
	}
}

// addUser adds a person with the test's password.
func (td *testDesk) addUser(name string, role letters.Role, lead bool) {
	td.t.Helper()
	u, err := td.store.User(td.t.Context(), string(role))
	must(td.t, err)
	must(td.t, td.store.AddUser(td.t.Context(), letters.User{Name: name, Role: role, PasswordHash: u.PasswordHash, Lead: lead}))
}

func TestLeads(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	td.addUser("boss", letters.RoleCallCenter, true)
	td.addUser("chief", letters.RoleRetail, true)
	for name, paths := range map[string][2]string{"boss": {"/supervision", "/retailers"}, "chief": {"/retailers", "/supervision"}} {
		b := td.browser()
		b.signIn(name)
		if p := b.get(paths[0]); p.status != 200 {
			t.Errorf("%s, %s: status %d", name, paths[0], p.status)
		}
		if p := b.get(paths[1]); p.status != http.StatusForbidden {
			t.Errorf("%s, %s: status %d, want 403", name, paths[1], p.status)
		}
	}
}

func TestSupervisorAnswers(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	id := td.withLetters(taro())[0]
	agent := td.as(letters.RoleCallCenter)
	path := agent.look(id)
	for range 3 {
		agent.post(path+"/check", url.Values{"last_four": {"0000"}})
	}
	td.addUser("boss", letters.RoleCallCenter, true)
	b := td.browser()
	b.signIn("boss")
	if p := b.get("/supervision"); !strings.Contains(p.body, id.Groups()) || !strings.Contains(p.body, "callcenter") {
		t.Errorf("supervisor's page: status %d", p.status)
	}
	if p := b.post("/supervision/1", url.Values{"answer": {""}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("without an answer: status %d", p.status)
	}
	if p := b.post("/supervision/1", url.Values{"answer": {"折り返して確かめた"}}); p.status != http.StatusSeeOther {
		t.Errorf("answer: status %d", p.status)
	}
	if p := b.post("/supervision/1", url.Values{"answer": {"もう一度"}}); p.status != http.StatusConflict {
		t.Errorf("answered twice: status %d, want 409", p.status)
	}
	if p := agent.post(path+"/check", url.Values{"last_four": {"1234"}}); p.status != http.StatusSeeOther {
		t.Errorf("checked again after the supervisor: status %d", p.status)
	}
}
