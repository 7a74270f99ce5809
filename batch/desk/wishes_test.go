package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oshirase/letters"
)

// TestWishesAreDecidedOnce records two wishes by a call and has 広報 decide
// them; the second who decides the same is told so.
func TestWishesAreDecidedOnce(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	id := td.withLetters(taro())[0]
	agent := td.as(letters.RoleCallCenter)
	path := agent.reach(id)
	form := url.Values{"outcome": {"explained"}, "wish": {"no_contact", "resend"}}
	if p := agent.post(path+"/inquiry", form); p.status != http.StatusSeeOther {
		t.Fatalf("record: status %d", p.status)
	}
	b := td.as(letters.RolePrepare)
	p := b.get("/wishes")
	if p.status != 200 || strings.Count(p.body, id.Groups()) != 2 || len(p.shows(secrets())) > 0 {
		t.Errorf("wishes: status %d, shows %q", p.status, p.shows(secrets()))
	}
	if p := b.post("/wishes/1", url.Values{"decision": {"accept"}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("without an answer: status %d", p.status)
	}
	if p := b.post("/wishes/1", url.Values{"answer": {"見送る理由"}}); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "見送る理由") {
		t.Errorf("without a decision: status %d, or what was typed is lost", p.status)
	}
	for n, want := range []int{http.StatusSeeOther, http.StatusConflict} {
		if p := b.post("/wishes/1", url.Values{"decision": {"accept"}, "answer": {"送らない"}}); p.status != want {
			t.Errorf("decision %d: status %d, want %d", n+1, p.status, want)
		}
	}
	if p := b.post("/wishes/2", url.Values{"decision": {"decline"}, "answer": {"まだ届く前"}}); p.status != http.StatusSeeOther {
		t.Errorf("the other wish: status %d", p.status)
	}
	wishes, err := td.store.WishesOf(t.Context(), id)
	must(t, err)
	if len(wishes) != 2 || wishes[0].State+wishes[1].State != "accepteddeclined" && wishes[0].State+wishes[1].State != "declinedaccepted" {
		t.Errorf("wishes %+v", wishes)
	}
	if events, err := td.store.Events(t.Context(), id); err != nil || events[len(events)-1].To != letters.Rendered {
		t.Errorf("the letter was changed by a wish: %+v, %v", events, err)
	}
}
