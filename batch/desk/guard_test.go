package desk

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

// TestNoRouteTakesAChangeFromElsewhere sends every POST as another site's
// page would have a browser send it, and as a program that says nothing.
func TestNoRouteTakesAChangeFromElsewhere(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	for _, c := range []struct {
		name   string
		header http.Header
	}{
		{"cross-site", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}},
		{"same-site, other host", http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://x.example.jp"}}},
		{"old browser elsewhere", http.Header{"Origin": {"https://evil.example"}}},
		{"origin hidden", http.Header{"Origin": {"null"}}},
		{"says nothing", http.Header{}},
	} {
		for _, role := range allRoles() {
			b := td.as(role)
			b.header = c.header
			before := len(td.audit.all())
			for _, r := range Routes() {
				if r.Method == http.MethodGet {
					continue
				}
				if p := b.send(r.Method, r.address(), url.Values{"name": {"admin"}, "password": {testPassword}}); p.status != http.StatusForbidden {
					t.Errorf("%s: %s %s as %s: status %d, want 403", c.name, r.Method, r.Path, role, p.status)
				}
			}
			if after := len(td.audit.all()); after != before {
				t.Errorf("%s as %s: %d things were done", c.name, role, after-before)
			}
		}
	}
}

func TestAnOldBrowserOnTheDesksOwnPageMaySend(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.browser()
	b.header = http.Header{"Origin": {td.server.URL}}
	b.signIn("admin")
}

// TestNoGetChangesAnything asks for every page as everybody and compares the
// ledger's contents before and after.
func TestNoGetChangesAnything(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	for _, role := range allRoles() {
		b := td.as(role)
		before := td.ledgerText()
		for _, r := range Routes() {
			if r.Method == http.MethodGet {
				b.get(r.address())
			}
		}
		if after := td.ledgerText(); after != before {
			t.Errorf("as %s: a GET changed the ledger\n%s\n%s", role, before, after)
		}
	}
}

// ledgerText is what the desk's people can change, as text.
func (td *testDesk) ledgerText() string {
	td.t.Helper()
	users, err := td.store.Users(td.t.Context())
	must(td.t, err)
	sessions, err := td.store.Sessions(td.t.Context())
	must(td.t, err)
	months, err := td.store.Months(td.t.Context())
	must(td.t, err)
	decisions, err := td.store.OpenDecisions(td.t.Context())
	must(td.t, err)
	return asText(users) + asText(sessions) + asText(months) + asText(decisions)
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RolePrepare)
	for _, path := range []string{"/signin", "/board", "/nothing", td.desk.views.style.path} {
		p := b.get(path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		policy := p.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s: %s", path, want, policy)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s", path, policy)
		}
		if !strings.HasPrefix(path, "/static/") && p.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", path)
		}
	}
}

func TestCookieOverHTTPS(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t, func(o *Options) { o.Secure = true })
	p := td.browser().post("/signin", url.Values{"name": {"admin"}, "password": {testPassword}})
	got := p.header.Get("Set-Cookie")
	for _, want := range []string{"__Host-oshirase=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(got, want) {
			t.Errorf("cookie %q lacks %s", got, want)
		}
	}
	if strings.Contains(got, "Domain") {
		t.Errorf("cookie %q names a domain", got)
	}
	if p.header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers are not told to stay with https")
	}
}

func TestOtherNamesAreRefused(t *testing.T) {
	t.Parallel()
	public, err := url.Parse("https://desk.example.jp")
	must(t, err)
	td := newTestDesk(t, func(o *Options) { o.PublicURL = public })
	for host, want := range map[string]bool{
		"desk.example.jp": true, "DESK.example.jp": true, "localhost:8480": true, "127.0.0.1": true, "[::1]:8480": true,
		"evil.example": false, "desk.example.jp.evil.example": false, "10.0.0.7:8480": false, "": false,
	} {
		if got := td.desk.knownHost(host); got != want {
			t.Errorf("%q known: %v, want %v", host, got, want)
		}
	}
}

func TestOnlyTheProxysWordIsTaken(t *testing.T) {
	t.Parallel()
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}
	td := newTestDesk(t, func(o *Options) { o.Proxies = proxy })
	for _, c := range []struct {
		remote, forwarded, client string
		through                   bool
	}{
		{"10.0.0.5:4000", "192.0.2.7", "192.0.2.7", true},
		{"10.0.0.5:4000", "203.0.113.9, 192.0.2.7", "192.0.2.7", true},           // the first was written by the browser
		{"10.0.0.5:4000", "203.0.113.9, 192.0.2.7, 10.0.0.6", "192.0.2.7", true}, // two proxies
		{"10.0.0.5:4000", "nonsense", "10.0.0.5", true},
		{"192.0.2.7:4000", "203.0.113.9", "192.0.2.7", false}, // round the proxy
		{"127.0.0.1:4000", "203.0.113.9", "127.0.0.1", true},  // on this machine
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": {c.forwarded}}}
		if got := td.desk.clientOf(r); got != c.client {
			t.Errorf("%s for %q: client %s, want %s", c.remote, c.forwarded, got, c.client)
		}
		if got := td.desk.throughProxy(r); got != c.through {
			t.Errorf("%s: through the proxy %v, want %v", c.remote, got, c.through)
		}
	}
}

func TestErrorPagesTellNothingInternal(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RolePrepare)
	must(t, td.store.Close()) // every page that reads the ledger fails now
	p := b.get("/board")
	if p.status != http.StatusInternalServerError {
		t.Fatalf("status %d", p.status)
	}
	for _, inner := range []string{"sql", "database", "closed", "session", "find", "goroutine", ".go:"} {
		if strings.Contains(strings.ToLower(p.body), inner) {
			t.Errorf("the page says %q:\n%s", inner, p.body)
		}
	}
	if !strings.Contains(td.log.String(), "database is closed") {
		t.Errorf("the log does not say why:\n%s", td.log)
	}
}

func TestNothingIsDoneWithoutARecord(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	td.audit.fail = errors.New("disk full")
	p := td.browser().post("/signin", url.Values{"name": {"admin"}, "password": {testPassword}})
	if p.status != http.StatusServiceUnavailable || p.header.Get("Set-Cookie") != "" || strings.Contains(p.body, "disk") {
		t.Errorf("status %d, cookie %q\n%s", p.status, p.header.Get("Set-Cookie"), p.body)
	}
}

// TestAFaultOfOursLosesNothingTyped: what was sent into a broken desk is kept,
// for its writer alone, and goes on from the page that tells of the fault.
func TestAFaultOfOursLosesNothingTyped(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b, other := td.as(letters.RoleAdmin), td.as(letters.RolePrepare)
	td.audit.breakWith(errors.New("disk full"))
	p := b.post("/users", url.Values{"name": {"shiro"}, "role": {"audit"}, "password": {testPassword}})
	key := between(t, p.body, `name="form" value="`, `"`)
	if p.status != http.StatusServiceUnavailable || !strings.Contains(p.body, "お預かりしています") {
		t.Errorf("status %d\n%s", p.status, p.body)
	}
	td.audit.breakWith(nil)
	other.post("/continue", url.Values{"form": {key}})
	if _, err := td.store.User(t.Context(), "shiro"); err == nil {
		t.Fatal("somebody else sent the kept form")
	}
	b.post("/continue", url.Values{"form": {key}})
	if u, err := td.store.User(t.Context(), "shiro"); err != nil || u.Role != letters.RoleAudit {
		t.Errorf("the kept form made %+v, %v", u, err)
	}
}

func TestTooManyRequestsAreSlowed(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t, func(o *Options) { o.Limits = Limits{PerSecond: 1, Burst: 5} })
	b := td.as(letters.RolePrepare) // spends one of the address's
	for range 5 {
		if p := b.get("/board"); p.status != http.StatusOK {
			t.Fatalf("status %d within the burst", p.status)
		}
	}
	if p := b.get("/board"); p.status != http.StatusTooManyRequests {
		t.Errorf("status %d after the burst, want 429", p.status)
	}
	td.pass(2 * time.Second)
	if p := b.get("/board"); p.status != http.StatusOK {
		t.Errorf("status %d after a pause, want 200", p.status)
	}
}

func TestALargeFormIsRefused(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	p := td.browser().post("/signin", url.Values{"name": {strings.Repeat("x", bodyMost)}})
	if p.status != http.StatusBadRequest {
		t.Errorf("status %d, want 400", p.status)
	}
}

// TestWhatNobodyTypesIsRefused: control characters and broken UTF-8 go no
// further than the desk, in fields, questions and paths.
func TestWhatNobodyTypesIsRefused(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	td.withLetters(taro())
	b, auditor, retail := td.as(letters.RoleCallCenter), td.as(letters.RoleAudit), td.as(letters.RoleRetail)
	before := len(td.audit.all())
	for _, bad := range []string{"a\x00b", "\x1b[2J", "\xff\xfe", "\u0085"} {
		form := url.Values{"by": {"postcode"}, "name": {bad}, "postcode": {"8100004"}, "purpose": {"lost"}}
		for name, p := range map[string]page{"field": b.post("/search", form), "question": auditor.get("/audit?actor=" + url.QueryEscape(bad))} {
			if p.status != http.StatusBadRequest {
				t.Errorf("%s %q: status %d, want 400", name, bad, p.status)
			}
		}
		for _, path := range []string{"/calls/", "/packets/2023-02/", "/users/"} {
			if p := retail.get(path + url.PathEscape(bad)); p.status != http.StatusNotFound {
				t.Errorf("%s%q: status %d, want 404", path, bad, p.status)
			}
		}
	}
	if after := td.audit.all(); len(after) != before {
		t.Errorf("something was done: %+v", after[before:])
	}
	if p := b.post("/search", url.Values{"by": {"postcode"}, "name": {"一行\r\n二行\t髙𠮷"}, "postcode": {"8100004"}, "purpose": {"lost"}}); p.status == http.StatusBadRequest {
		t.Error("what people do type is refused")
	}
}
