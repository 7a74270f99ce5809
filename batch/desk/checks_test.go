package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"oshirase/letters"
)

// compared are the records of callers whose answers were compared.
func (a *testAudit) compared() (n int) {
	for _, r := range a.all() {
		if r.Action == "caller" && (r.Outcome == "match" || r.Outcome == "mismatch") {
			n++
		}
	}
	return n
}

func TestAnswersAtTheSameTimeAreThreeToo(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	id := td.withLetters(taro())[0]
	b := td.as(letters.RoleCallCenter)
	paths := []string{b.look(id), b.look(id)}
	var asked sync.WaitGroup
	for i := range 30 {
		asked.Go(func() { b.post(paths[i%2]+"/check", url.Values{"last_four": {fmt.Sprintf("%04d", 2000+i)}}) })
	}
	asked.Wait()
	if n := td.audit.compared(); n != letters.MissLimit {
		t.Errorf("%d answers about one letter were compared, want %d", n, letters.MissLimit)
	}
	if n, err := td.store.Misses(t.Context(), id); err != nil || n != letters.MissLimit {
		t.Errorf("%d misses stand, %v", n, err)
	}
	if list, err := td.store.Supervisions(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("supervisor's list %+v, %v", list, err)
	}
}

// hangsUp is a browser that goes away as soon as its answer was compared.
type hangsUp struct {
	Recorder
	leave func()
}

func (h *hangsUp) Record(ctx context.Context, r Record) error {
	err := h.Recorder.Record(ctx, r)
	if r.Action == "caller" {
		h.leave()
	}
	return err
}

func TestHangingUpBuysNoAnswer(t *testing.T) {
	t.Parallel()
	h := &hangsUp{}
	td := newTestDesk(t, func(o *Options) { h.Recorder, o.Audit = o.Audit, h })
	id := td.withLetters(taro())[0]
	b := td.as(letters.RoleCallCenter)
	path := b.look(id)
	ctx, cancel := context.WithCancel(t.Context())
	h.leave = cancel
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, path+"/check", strings.NewReader("last_four=0000"))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: cookieDevelop, Value: b.cookie()})
	td.desk.ServeHTTP(httptest.NewRecorder(), r)
	if n, err := td.store.Misses(t.Context(), id); err != nil || n != 1 || td.audit.compared() != 1 {
		t.Errorf("%d misses stand after %d comparisons, %v", n, td.audit.compared(), err)
	}
}
