package desk

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"oshirase/letters"
)

// provider is a real OpenID provider (zitadel/oidc's), with a person id1
// (test-user@127.0.0.1) and a person id2 (test-user2). change, when set, alters the claims of
// the ID tokens it gives to the desk; with foreign they are signed by a key
// that is not its own.
type provider struct {
	server  *httptest.Server
	storage *storage.Storage
	change  func(claims map[string]any)
	foreign bool
}

const testClient = "desk"

// newProvider starts one that sends browsers back to the desk's address.
func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{}
	mux := http.NewServeMux()
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	clients := map[string]*storage.Client{testClient: storage.WebClient(testClient, "hush", "https://desk.example.jp/signin/return")}
	p.storage = storage.NewStorageWithClients(storage.NewUserStore(p.server.URL), clients)
	mux.Handle("/", exampleop.SetupServer(p.server.URL, p.storage, slog.New(slog.DiscardHandler), false))
	return p
}

// RoundTrip is the desk's way to the provider; it alters tokens on the way.
func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.Method != http.MethodPost || p.change == nil && !p.foreign {
		return res, err
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if raw, ok := answer["id_token"].(string); ok {
		if answer["id_token"], err = p.altered(r, raw); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(answer)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	return res, err
}

func (p *provider) altered(r *http.Request, raw string) (string, error) {
	signed, err := jose.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return "", err
	}
	claims := map[string]any{}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims); err != nil {
		return "", err
	}
	if p.change != nil {
		p.change(claims)
	}
	keys := p.storage
	if p.foreign {
		keys = storage.NewStorageWithClients(storage.NewUserStore(p.server.URL), nil)
	}
	own, err := p.storage.SigningKey(r.Context())
	if err != nil {
		return "", err
	}
	key, err := keys.SigningKey(r.Context())
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key.Key()},
		(&jose.SignerOptions{}).WithHeader("kid", own.ID()))
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	out, err := signer.Sign(body)
	if err != nil {
		return "", err
	}
	return out.CompactSerialize()
}

// signOnDesk is a desk with the provider as its sign-on. Its clock is the real
// one's, as the provider's is.
func signOnDesk(t *testing.T, change ...func(*SignOn)) (*testDesk, *provider) {
	t.Helper()
	p := newProvider(t)
	s := &SignOn{Issuer: p.server.URL, ClientID: testClient, ClientSecret: "hush", ReturnURL: "https://desk.example.jp/signin/return",
		Scopes: []string{"profile", "email"}, Client: &http.Client{Transport: p, Timeout: 10 * time.Second}}
	for _, c := range change {
		c(s)
	}
	td := newTestDesk(t, func(o *Options) { o.SignOn = s })
	td.pass(time.Since(td.clock()))
	must(t, td.store.AddUser(t.Context(), letters.User{Name: "hana", Role: letters.RolePrepare, Subject: "id1"}))
	return td, p
}

// atProvider goes to the provider from a path of the desk, signs in there and
// returns the path and query with which the provider sends the browser back.
func (b *browser) atProvider(path, name string) string {
	b.t.Helper()
	res := b.get(path)
	if res.status != http.StatusSeeOther {
		b.t.Fatalf("%s: status %d\n%s", path, res.status, res.body)
	}
	jar, err := cookiejar.New(nil)
	must(b.t, err)
	back := ""
	client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "desk.example.jp" {
			back = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	login, err := client.Get(res.header.Get("Location"))
	must(b.t, err)
	defer login.Body.Close()
	id := login.Request.URL.Query().Get("authRequestID")
	done, err := client.PostForm(login.Request.URL.Scheme+"://"+login.Request.URL.Host+"/login/username",
		url.Values{"id": {id}, "username": {name}, "password": {"verysecure"}})
	must(b.t, err)
	defer done.Body.Close()
	if back == "" {
		body, _ := io.ReadAll(done.Body)
		b.t.Fatalf("the provider did not send the browser back: %s\n%s", done.Status, body)
	}
	return back
}

const testUser = "test-user@127.0.0.1"

func TestSignOnLetsAKnownPersonIn(t *testing.T) {
	t.Parallel()
	td, _ := signOnDesk(t)
	b := td.browser()
	p := b.get(b.atProvider("/signin/oidc?next=/account", testUser))
	if p.status != http.StatusSeeOther || p.header.Get("Location") != "/account" {
		t.Fatalf("status %d, to %q\n%s", p.status, p.header.Get("Location"), p.body)
	}
	if p := b.get("/account"); !strings.Contains(p.body, "hana") {
		t.Errorf("not signed in as hana:\n%s", p.body)
	}
	if p := td.browser().post("/signin", url.Values{"name": {"hana"}, "password": {""}}); p.status != http.StatusUnauthorized {
		t.Errorf("somebody without a password signs in with none: status %d", p.status)
	}
}

// TestSignOnRefusesWhatIsWrong alters the token in every way that matters.
func TestSignOnRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	td, p := signOnDesk(t)
	for _, c := range []struct {
		name    string
		change  func(map[string]any)
		foreign bool
	}{
		{"issuer", func(m map[string]any) { m["iss"] = "https://evil.example" }, false},
		{"audience", func(m map[string]any) { m["aud"] = "another" }, false},
		{"audience of several", func(m map[string]any) { m["aud"] = []string{testClient, "another"} }, false},
		{"nonce", func(m map[string]any) { m["nonce"] = "another" }, false},
		{"no nonce", func(m map[string]any) { delete(m, "nonce") }, false},
		{"expired", func(m map[string]any) { m["exp"] = time.Now().Add(-10 * time.Minute).Unix() }, false},
		{"signature", nil, true},
		{"nobody's subject", func(m map[string]any) { m["sub"] = "somebody" }, false},
		{"a local account's name", func(m map[string]any) { m["sub"] = "admin" }, false},
	} {
		p.change, p.foreign = c.change, c.foreign
		b := td.browser()
		got := b.get(b.atProvider("/signin/oidc", testUser))
		if got.status != http.StatusForbidden || b.cookie() != "" {
			t.Errorf("wrong %s: status %d, session %q", c.name, got.status, b.cookie())
		}
	}
	p.change, p.foreign = func(map[string]any) {}, false
	b := td.browser()
	if got := b.get(b.atProvider("/signin/oidc", testUser)); got.status != http.StatusSeeOther {
		t.Errorf("a token signed again, unaltered, is refused: the cases above prove nothing (status %d)", got.status)
	}
}

func TestSignOnAnswersAreUsedOnceByTheirBrowser(t *testing.T) {
	t.Parallel()
	td, _ := signOnDesk(t)
	b := td.browser()
	back := b.atProvider("/signin/oidc", testUser)
	if p := td.browser().get(back); p.status != http.StatusForbidden {
		t.Errorf("another browser uses the answer: status %d", p.status)
	}
	u, err := url.Parse(b.base)
	must(t, err)
	attempt := b.client.Jar.Cookies(u)
	if p := b.get(back); p.status != http.StatusSeeOther {
		t.Fatalf("its own browser: status %d", p.status)
	}
	b.client.Jar.SetCookies(u, attempt)
	if p := b.get(back); p.status != http.StatusForbidden {
		t.Errorf("the answer is used twice: status %d", p.status)
	}
	late := td.browser()
	back = late.atProvider("/signin/oidc", testUser)
	if p := late.get(strings.Replace(back, "state=", "state=x", 1)); p.status != http.StatusForbidden {
		t.Errorf("another state: status %d", p.status)
	}
	back = late.atProvider("/signin/oidc", testUser)
	td.pass(attemptLasts + time.Second)
	if p := late.get(back); p.status != http.StatusForbidden {
		t.Errorf("an answer after ten minutes: status %d", p.status)
	}
}

func TestSignOnGivesARoleOnlyByTheHousesClaim(t *testing.T) {
	t.Parallel()
	td, p := signOnDesk(t, func(s *SignOn) { s.RoleClaim = "desk_role" })
	p.change = func(m map[string]any) { m["preferred_username"] = "saburo" }
	b := td.browser()
	if got := b.get(b.atProvider("/signin/oidc", "test-user2")); got.status != http.StatusForbidden {
		t.Errorf("without a role: status %d", got.status)
	}
	p.change = func(m map[string]any) { m["preferred_username"], m["desk_role"] = "saburo", "audit" }
	if got := b.get(b.atProvider("/signin/oidc", "test-user2")); got.status != http.StatusSeeOther {
		t.Fatalf("with a role: status %d\n%s", got.status, got.body)
	}
	u, err := td.store.User(t.Context(), "saburo")
	if err != nil || u.Role != letters.RoleAudit || u.Subject != "id2" || u.PasswordHash != "" {
		t.Errorf("got %+v, %v", u, err)
	}
	p.change = func(m map[string]any) { m["sub"], m["preferred_username"], m["desk_role"] = "id3", "admin", "audit" }
	if got := b.get(b.atProvider("/signin/oidc", "test-user2")); got.status != http.StatusForbidden {
		t.Errorf("a newcomer takes a name that is another's: status %d", got.status)
	}
}

func TestProofAtTheProviderMustBeNew(t *testing.T) {
	t.Parallel()
	td, p := signOnDesk(t)
	b := td.browser()
	b.get(b.atProvider("/signin/oidc", testUser))
	p.change = func(m map[string]any) { m["auth_time"] = time.Now().Add(-time.Hour).Unix() }
	if got := b.get(b.atProvider("/prove/oidc?next=/account", testUser)); got.status != http.StatusForbidden {
		t.Errorf("an old proof: status %d", got.status)
	}
	p.change = func(m map[string]any) { delete(m, "auth_time") }
	if got := b.get(b.atProvider("/prove/oidc?next=/account", testUser)); got.status != http.StatusForbidden {
		t.Errorf("a proof of no time: status %d", got.status)
	}
	p.change = func(m map[string]any) { m["sub"] = "id2" }
	must(t, td.store.AddUser(t.Context(), letters.User{Name: "other", Role: letters.RoleApprove, Subject: "id2"}))
	if got := b.get(b.atProvider("/prove/oidc?next=/account", testUser)); got.status != http.StatusForbidden {
		t.Errorf("another person's proof: status %d", got.status)
	}
	p.change = nil
	if got := b.get(b.atProvider("/prove/oidc?next=/account", testUser)); got.status != http.StatusSeeOther {
		t.Errorf("a new proof: status %d", got.status)
	}
}

// TestFormWaitsThroughSignOn: what was typed before the session grew old is
// sent by one press of a button after coming back from the provider.
func TestFormWaitsThroughSignOn(t *testing.T) {
	t.Parallel()
	td, _ := signOnDesk(t)
	b := td.browser()
	b.get(b.atProvider("/signin/oidc", testUser))
	td.pass(20 * time.Minute)
	late := b.post("/signout", url.Values{"everywhere": {"1"}})
	if late.status != http.StatusSeeOther {
		t.Fatalf("status %d", late.status)
	}
	late = b.post("/account", url.Values{"password": {"x"}})
	key := between(t, late.body, "form=", `"`)
	td.pass(time.Since(td.clock())) // the provider's tokens are of now
	p := b.get(b.atProvider("/signin/oidc?form="+key, testUser))
	if p.status != http.StatusOK || !strings.Contains(p.body, key) {
		t.Fatalf("no form waits: status %d\n%s", p.status, p.body)
	}
	if p := b.post("/continue", url.Values{"form": {key}}); p.status != http.StatusForbidden || !strings.Contains(p.body, "社内の認証") {
		t.Errorf("the form did not reach its page: status %d\n%s", p.status, p.body)
	}
}

func TestWithoutAProviderThereIsNoSignOn(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	if p := td.browser().get("/signin"); strings.Contains(p.body, "/signin/oidc") {
		t.Error("the page offers a sign-on that is not there")
	}
	for _, path := range []string{"/signin/oidc", "/signin/return"} {
		if p := td.browser().get(path); p.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, p.status)
		}
	}
}

func TestHouseWithoutPasswords(t *testing.T) {
	t.Parallel()
	td, _ := signOnDesk(t, func(s *SignOn) { s.Only = true })
	if p := td.browser().get("/signin"); strings.Contains(p.body, `type="password"`) {
		t.Error("the page asks for a password")
	}
	p := td.browser().post("/signin", url.Values{"name": {"admin"}, "password": {testPassword}})
	if p.status != http.StatusForbidden || p.header.Get("Set-Cookie") != "" {
		t.Errorf("a password is taken: status %d", p.status)
	}
}
