package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"oshirase/letters"
	"oshirase/letters/store"
	"oshirase/templates"
)

const testPassword = "correct horse battery"

// testDesk is a desk over a real SQLite ledger, with one person of each role,
// each named after it, and a clock that tests turn.
type testDesk struct {
	t      *testing.T
	desk   *Desk
	server *httptest.Server
	store  *store.Store
	audit  *testAudit
	log    *lockedBuffer

	paused atomic.Int64 // searches that were slowed

	mu  sync.Mutex
	now time.Time
}

// newTestDesk starts one; change may alter its options before.
func newTestDesk(t *testing.T, change ...func(*Options)) *testDesk {
	t.Helper()
	td := &testDesk{t: t, audit: &testAudit{}, log: &lockedBuffer{}, now: time.Date(2023, 2, 8, 1, 0, 0, 0, time.UTC)}
	td.openLedger()
	set, err := templates.Load(templates.Shipped(), templates.DemoOverlay())
	must(t, err)
	o := Options{Templates: set, Ledger: td.store, Audit: td.audit, Chain: td.audit, Steps: testSteps{td}, Refusal: testRefusal, Now: td.clock, Random: rand.Reader,
		Log: slog.New(slog.NewJSONHandler(td.log, nil)), Limits: Limits{PerSecond: 1e6, Burst: 1e6},
		Looks: LookLimits{Span: 10 * time.Minute, Alert: 30, Stop: 60}, Pages: testPages{}, Packets: testPages{},
		Pause: func(context.Context) error { td.paused.Add(1); return nil }}
	for _, c := range change {
		c(&o)
	}
	td.desk, err = New(o)
	must(t, err)
	td.server = httptest.NewServer(td.desk)
	t.Cleanup(td.server.Close)
	return td
}

func (td *testDesk) openLedger() {
	td.t.Helper()
	path, o := filepath.Join(td.t.TempDir(), "ledger.db"), store.Options{Now: td.clock}
	must(td.t, store.Migrate(td.t.Context(), path, o))
	s, err := store.Open(td.t.Context(), path, o)
	must(td.t, err)
	td.t.Cleanup(func() { must(td.t, s.Close()) })
	hash, err := argon2id.CreateHash(testPassword, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 8, KeyLength: 16})
	must(td.t, err)
	for _, role := range allRoles() {
		must(td.t, s.AddUser(td.t.Context(), letters.User{Name: string(role), Role: role, PasswordHash: hash}))
	}
	td.store = s
}

func allRoles() []letters.Role {
	return []letters.Role{letters.RolePrepare, letters.RoleApprove, letters.RoleRetail, letters.RoleCallCenter, letters.RoleAudit, letters.RoleAdmin}
}

func (td *testDesk) clock() time.Time {
	td.mu.Lock()
	defer td.mu.Unlock()
	return td.now
}

// pass lets time go by.
func (td *testDesk) pass(d time.Duration) {
	td.mu.Lock()
	defer td.mu.Unlock()
	td.now = td.now.Add(d)
}

// testSteps approves what stands in the ledger, whatever it was made with.
type testSteps struct{ td *testDesk }

func (s testSteps) Approvable(ctx context.Context, m letters.Month, packets bool) (Approvable, error) {
	if packets {
		return Approvable{}, store.ErrNotApproved
	}
	hash, n, err := s.td.store.BatchHash(ctx, m)
	return Approvable{n, hash}, err
}

func (s testSteps) Approve(ctx context.Context, m letters.Month, _ bool, by, hash string) error {
	return s.td.store.Approve(ctx, m, by, hash, s.td.clock())
}

func (s testSteps) Proof(_ context.Context, _ letters.Month, w io.Writer) error {
	_, err := io.WriteString(w, "%PDF-1.7 proof")
	return err
}

func (s testSteps) Propose(ctx context.Context, p letters.Proposal) (int64, error) {
	return s.td.store.Propose(ctx, p, s.td.clock())
}

// testRefusal maps the ledger's errors as the command does.
func testRefusal(err error) (Refusal, bool) {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Refusal{Status: http.StatusNotFound, Key: "not_found", Err: err}, true
	case errors.Is(err, store.ErrConflict):
		return Refusal{Status: http.StatusConflict, Key: "conflict", Err: err}, true
	case errors.Is(err, store.ErrTooMany):
		return Refusal{Status: http.StatusTooManyRequests, Key: "too_fast", Err: err}, true
	case errors.Is(err, store.ErrNotApproved):
		return Refusal{Status: http.StatusConflict, Key: "not_approved", Err: err}, true
	case errors.Is(err, store.ErrOwnProposal):
		return Refusal{Status: http.StatusForbidden, Key: "own_proposal", Err: err}, true
	case errors.Is(err, store.ErrDecided):
		return Refusal{Status: http.StatusConflict, Key: "decide_decided", Err: err}, true
	case errors.Is(err, store.ErrSamePerson):
		return Refusal{Status: http.StatusForbidden, Key: "same_person", Err: err}, true
	}
	return Refusal{}, false
}

// testAudit keeps what was recorded; with fail set it records nothing.
type testAudit struct {
	mu      sync.Mutex
	records []Record
	fail    error
	bad     int64 // the first bad record of a broken chain
	check   ChainCheck
	people  int // more who looked in a month
}

// breakWith makes every record fail; nil mends it.
func (a *testAudit) breakWith(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fail = err
}

func (a *testAudit) Record(_ context.Context, r Record) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		return a.fail
	}
	a.records = append(a.records, r)
	return nil
}

// all returns the records so far.
func (a *testAudit) all() []Record {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Record(nil), a.records...)
}

// Entries, Chain, Verify and Access are AuditReader's, over what was recorded.
func (a *testAudit) Entries(_ context.Context, f AuditFilter, most int) (list AuditList, err error) {
	list.Bad = a.bad
	for i, r := range slices.Backward(a.all()) {
		if f.Action == "" || f.Action == r.Action {
			list.Entries = append(list.Entries, AuditEntry{N: int64(i) + 1, Actor: r.Actor, Action: r.Action, Object: r.Object, Reason: r.Reason, Outcome: r.Outcome})
		}
	}
	if len(list.Entries) > most {
		list.Entries, list.More = list.Entries[:most], true
	}
	return list, nil
}

func (a *testAudit) Chain(context.Context) (ChainState, error) {
	return ChainState{Records: int64(len(a.all())), Hash: "abc", Anchors: []Anchor{{"2023-02-07", 1, "def"}}, Check: a.check}, nil
}

func (a *testAudit) Verify(context.Context) error {
	a.check = ChainCheck{At: 1675785600000000, Verdict: ChainVerdict{Records: int64(len(a.all())), Bad: a.bad, Fault: "hash"}}
	return nil
}

func (a *testAudit) Access(_ context.Context, m letters.Month) (AccessMonth, error) {
	if a.bad > 0 {
		return AccessMonth{}, ErrBrokenChain
	}
	u := AccessUser{Name: "callcenter", Role: letters.RoleCallCenter, Looks: 12, Letters: 9, WithoutInquiry: 3, Flags: []string{"no_inquiry"}}
	u.Hours[10], u.Hours[22] = 11, 1
	month := AccessMonth{Looks: 12, LookUps: 14, FailedSignIns: 2, OfficeFrom: "08:00", OfficeTo: "20:00", Users: []AccessUser{u}}
	for i := range a.people {
		u.Name, u.LookUps, u.Searches, u.Unmasked, u.Misses, u.Refused, u.Stopped = fmt.Sprintf("callcenter-%03d", i), 1400, 100, 900, 90, 9, 9
		u.Flags = []string{"stopped", "many", "unmasked", "no_inquiry", "night", "outside"}
		for h := range u.Hours {
			u.Hours[h] = 10 + h
		}
		month.Users = append(month.Users, u)
	}
	for i := range 1 + 2*a.people {
		month.Unexplained = append(month.Unexplained, Unexplained{Actor: "callcenter", Letter: "1234567890123456", Day: "2023-02-07", First: 1675785600000000 + int64(i), Looks: 3, Outside: true})
	}
	return month, nil
}

// lockedBuffer is a log that tests read.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// browser is one person's browser: it keeps cookies, follows nothing, and says
// that it is on the desk's own page.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
	header http.Header
}

// page is an answer.
type page struct {
	status int
	header http.Header
	body   string
}

func (td *testDesk) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(td.t, err)
	return &browser{t: td.t, base: td.server.URL, header: http.Header{"Sec-Fetch-Site": {"same-origin"}},
		client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as opens a browser and signs the person of a role in.
func (td *testDesk) as(role letters.Role) *browser {
	td.t.Helper()
	b := td.browser()
	b.signIn(string(role))
	return b
}

func (b *browser) signIn(name string) {
	b.t.Helper()
	p := b.post("/signin", url.Values{"name": {name}, "password": {testPassword}})
	if p.status != http.StatusSeeOther {
		b.t.Fatalf("sign in as %s: status %d\n%s", name, p.status, p.body)
	}
}

func (b *browser) get(path string) page {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil)
}

func (b *browser) post(path string, form url.Values) page {
	b.t.Helper()
	return b.send(http.MethodPost, path, form)
}

func (b *browser) send(method, path string, form url.Values) page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	must(b.t, err)
	req.Header = b.header.Clone()
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.t, err)
	return page{res.StatusCode, res.Header, string(body)}
}

// cookie is the session's token as the browser holds it.
func (b *browser) cookie() string {
	u, err := url.Parse(b.base)
	must(b.t, err)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == cookieDevelop {
			return c.Value
		}
	}
	return ""
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
