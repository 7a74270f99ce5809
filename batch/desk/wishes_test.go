package desk

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oshirase/letters"
	"oshirase/letters/store"
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

// cameBack is a ledger whose letters all came back.
type cameBack struct{ *store.Store }

func (l cameBack) Letter(ctx context.Context, id letters.ID) (letters.Letter, []letters.Dispatch, error) {
	found, sent, err := l.Store.Letter(ctx, id)
	if err == nil {
		sent[len(sent)-1].State = letters.Withdrawn
	}
	return found, sent, err
}

// quicker declines every wish while somebody else's proposal of it is made.
type quicker struct {
	testSteps
	wish int64
}

func (q quicker) Propose(ctx context.Context, p letters.Proposal) (int64, error) {
	p.Action, p.Letters = letters.ActResume, nil // any proposal: the letter in truth has not left
	id, err := q.td.store.Propose(ctx, p, q.td.clock())
	if err == nil {
		err = q.td.store.DecideWish(ctx, q.wish, false, "other", "見送る", 0)
	}
	return id, err
}

// TestDeclinedWishLeavesNoProposal: of two who decide a wish at the same time
// the first counts, and the other's proposal does not wait for a second person.
func TestDeclinedWishLeavesNoProposal(t *testing.T) {
	t.Parallel()
	var steps *quicker
	td := newTestDesk(t, func(o *Options) {
		steps = &quicker{testSteps: o.Steps.(testSteps), wish: 1}
		o.Steps, o.Ledger = steps, cameBack{o.Ledger.(*store.Store)}
	})
	id := td.withLetters(taro())[0]
	agent := td.as(letters.RoleCallCenter)
	agent.post(agent.reach(id)+"/inquiry", url.Values{"outcome": {"explained"}, "wish": {"resend"}})
	if p := td.as(letters.RolePrepare).post("/wishes/1", url.Values{"decision": {"accept"}, "answer": {"送る"}}); p.status != http.StatusConflict {
		t.Errorf("the slower of two: status %d, want 409\n%s", p.status, p.body)
	}
	if open, err := td.store.OpenDecisions(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("a proposal of a declined wish waits: %+v, %v", open, err)
	}
}
