package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"time"

	"oshirase/letters"
	"oshirase/templates"
)

// Ledger is what the desk needs of the ledger, page by page.
type Ledger interface {
	SessionLedger
	DoorLedger
	StaffLedger
	BoardLedger
	CallLedger
	SupervisionLedger
	RetailerLedger
	DecisionLedger
}

// Record is one entry of the audit chain: IDs and codes only. It is an alias
// of an unnamed type, so that other packages can name it for themselves.
type Record = struct {
	Actor, Action, Object, Reason, Outcome, Client string
}

// Recorder writes to the audit chain. It returns when the record is durable;
// on an error nothing may be shown.
type Recorder interface {
	Record(ctx context.Context, r Record) error
}

// Options are what a desk is made of.
type Options struct {
	Templates *templates.Set
	Ledger    Ledger
	Audit     Recorder
	Chain     AuditReader
	Steps     MonthSteps
	Refusal   func(error) (Refusal, bool) // what the ledger's errors say to people
	Now       func() time.Time
	Random    io.Reader
	Log       *slog.Logger

	Secure    bool           // reached by https: directly or through Proxy
	PublicURL *url.URL       // how browsers reach the desk; nil = this machine alone
	Proxies   []netip.Prefix // whose X-Forwarded-For is believed; empty = nobody's
	Limits    Limits
	SignOn    *SignOn // the house's identity provider; nil = passwords alone
	Hashers   int     // passwords compared at the same time; 0 = one a core
	Looks     LookLimits
	Pages     LetterPages
	Packets   PacketFiles
	Pause     func(ctx context.Context) error // before a search is answered: slower on purpose
	Answered  func(status int)                // called after every answer; nil = nobody counts
}

// Desk is the web desk. It is safe for use by many goroutines.
type Desk struct {
	o       Options
	routes  []Route
	views   *views
	words   words
	pending *pendingForms
	hashers chan struct{}
	paces   *paces
	turns   *turns
	signOn  *signOn
	inner   *http.ServeMux // the routes
	handler http.Handler   // the routes behind their guards
}

// New reads and checks every template and makes the desk.
func New(o Options) (*Desk, error) {
	if o.Templates == nil || o.Ledger == nil || o.Audit == nil || o.Chain == nil || o.Steps == nil || o.Refusal == nil || o.Now == nil || o.Random == nil || o.Log == nil ||
		o.Pages == nil || o.Packets == nil || o.Pause == nil {
		return nil, errors.New("desk options are not complete")
	}
	if o.Hashers == 0 {
		o.Hashers = runtime.GOMAXPROCS(0)
	}
	d := &Desk{o: o, routes: Routes(), pending: newPendingForms(),
		hashers: make(chan struct{}, o.Hashers), paces: newPaces(o.Limits.or(defaultLimits())), turns: newTurns(), signOn: newSignOn(o.SignOn)}
	var err error
	if d.words, err = readDeskWords(o.Templates); err != nil {
		return nil, err
	}
	if d.views, err = readViews(o.Templates, d.words); err != nil {
		return nil, err
	}
	d.inner = d.mux()
	d.handler = d.guarded(d.inner)
	return d, nil
}

// ServeHTTP answers one request.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.handler.ServeHTTP(w, r) }

func (d *Desk) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range d.routes {
		mux.HandleFunc(route.Method+" "+route.Path, func(w http.ResponseWriter, r *http.Request) { d.serve(route, w, r) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		v := d.visit(Route{Public: true}, w, r)
		if err := v.signedIn(); err != nil {
			d.fail(v, err)
			return
		}
		d.fail(v, refuse(http.StatusNotFound, "not_found"))
	})
	return mux
}

// serve answers one request of a route, or says why not.
func (d *Desk) serve(route Route, w http.ResponseWriter, r *http.Request) {
	v := d.visit(route, w, r)
	if err := d.answer(v); err != nil {
		d.fail(v, err)
	}
}

func (d *Desk) answer(v *Visit) error {
	if err := v.signedIn(); err != nil {
		return err
	}
	if !d.paces.allow(v.paceKey(), d.o.Now()) {
		return refuse(http.StatusTooManyRequests, "too_fast")
	}
	if v.r.Method == http.MethodPost {
		if err := v.r.ParseForm(); err != nil {
			return refuse(http.StatusBadRequest, "bad_form")
		}
	}
	if !typeable(v.r.PostForm) || !typeable(v.r.URL.Query()) {
		return refuse(http.StatusBadRequest, "bad_form")
	}
	if !typeable(url.Values{"": {v.r.URL.Path}}) {
		return refuse(http.StatusNotFound, "not_found")
	}
	if !v.route.Public && v.User.Name == "" {
		return d.askToSignIn(v)
	}
	if !v.route.may(v.User) {
		return refuse(http.StatusForbidden, "role")
	}
	if v.route.Fresh && !d.fresh(v.session) {
		return d.askToProve(v)
	}
	return v.route.Serve(d, v)
}

// Refusal is an error that the person is told in a sentence of words.toml.
type Refusal struct {
	Status int
	Key    string
	Args   []string
	Err    error // for the log; may be nil
}

// Error names the sentence; Unwrap gives the cause.
func (r *Refusal) Error() string {
	if r.Err != nil {
		return fmt.Sprintf("refused, %s: %v", r.Key, r.Err)
	}
	return "refused, " + r.Key
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(status int, key string, args ...string) error {
	return &Refusal{Status: status, Key: key, Args: args}
}

// missing reports whether the ledger said that something is not there.
func (d *Desk) missing(err error) bool {
	known, ok := d.o.Refusal(err)
	return ok && known.Status == http.StatusNotFound
}

// roleHome is where a role begins: the first row of its menu.
func (d *Desk) roleHome(u letters.User) string {
	for _, r := range d.routes {
		if r.Nav != "" && r.may(u) && r.Method == http.MethodGet {
			return r.Path
		}
	}
	return ""
}
