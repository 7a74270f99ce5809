package desk

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oshirase/letters"
)

// slowLedger holds up a person's look-up until it is let go.
type slowLedger struct {
	Ledger
	entered, release chan struct{}
}

func (s slowLedger) User(ctx context.Context, name string) (letters.User, error) {
	close(s.entered)
	<-s.release
	return s.Ledger.User(ctx, name)
}

// TestStoppingLetsAnswersFinish: a request under way gets its answer, and only
// then Serve returns.
func TestStoppingLetsAnswersFinish(t *testing.T) {
	t.Parallel()
	slow := slowLedger{entered: make(chan struct{}), release: make(chan struct{})}
	td := newTestDesk(t, func(o *Options) { slow.Ledger, o.Ledger = o.Ledger, &slow })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended, answered := make(chan error, 1), make(chan page, 1)
	go func() { ended <- td.desk.Serve(ctx, l, nil) }()
	b := td.browser()
	b.base = "http://" + l.Addr().String()
	go func() {
		answered <- b.post("/signin", url.Values{"name": {"admin"}, "password": {testPassword}})
	}()
	<-slow.entered
	stop()
	select {
	case err := <-ended:
		t.Fatalf("stopped with a request under way: %v", err)
	default:
	}
	close(slow.release)
	if p := <-answered; p.status != http.StatusSeeOther {
		t.Errorf("the request under way ended with %d", p.status)
	}
	must(t, <-ended)
}

// TestNothingTypedReachesTheLog: what people type stands in no log line, no
// record of the chain and no address that the desk sends them to.
func TestNothingTypedReachesTheLog(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	const canary = "電力太郎"
	form := url.Values{}
	for _, field := range []string{"name", "password", "next", "form", "reason", "letters", "action", "actor", "session", "kind",
		"hash", "role", "subject", "retailer", "new_password", "everywhere"} {
		form.Set(field, canary)
	}
	form.Del("everywhere")
	for _, role := range append(allRoles(), "") {
		b := td.browser()
		if role != "" {
			b = td.as(role)
		}
		for _, r := range Routes() {
			if r.Path == "/signout" {
				continue
			}
			p := b.send(r.Method, r.address(), form)
			if to := p.header.Get("Location"); strings.Contains(to, canary) || strings.Contains(to, url.QueryEscape(canary)) {
				t.Errorf("%s %s sends to %s", r.Method, r.Path, to)
			}
			if title, _, _ := strings.Cut(p.body, "</title>"); strings.Contains(title, canary) {
				t.Errorf("%s %s has what was typed in its title", r.Method, r.Path)
			}
		}
	}
	if log := td.log.String(); !strings.Contains(log, "desk request") || strings.Contains(log, canary) {
		t.Errorf("the log is empty or holds what was typed:\n%s", log)
	}
	if records := asText(td.audit.all()); strings.Contains(records, canary) {
		t.Errorf("the chain holds what was typed:\n%s", records)
	}
}
