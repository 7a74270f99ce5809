package metrics

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

type fakeLedger struct {
	g   letters.Gauges
	err error
}

func (f fakeLedger) Gauges(context.Context) (letters.Gauges, error) { return f.g, f.err }

func now() time.Time { return time.Unix(1_676_000_000, 0) }

func source(f fakeLedger) Source {
	return Source{Ledger: f, Command: "work", Version: "v1", Journal: func() int64 { return 7 }, Now: now}
}

func ask(t *testing.T, s Source, method, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w.Code, w.Body.String()
}

// line is one line of the text form, as a reader takes it.
var line = regexp.MustCompile(`^(# .*|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.e+]+)$`)

func TestFigures(t *testing.T) {
	t.Parallel()
	g := letters.Gauges{
		States: []letters.StateGauge{{State: letters.QueuedEmail, Channel: letters.Email, Letters: 12, Since: (now().Unix() - 90) * 1e6}},
		Moves:  []letters.MoveGauge{{State: letters.Accepted, Count: 40, Last: 1_675_999_000_000_000}, {State: letters.Posted, Count: 3, Last: 1_675_999_500_000_000}},
		Homes:  []letters.HomeGauge{{Home: "ab12", N: 44}}, Leases: 2, LeaseEnds: (now().Unix() + 30) * 1e6,
		MailPaused: true, Unresumed: true, OpenDecision: 1, Supervision: 3,
		Held: []letters.HeldGauge{{Reason: "address", Letters: 4}}, Runs: []letters.RunGauge{{State: "handed_over", Runs: 2, Letters: 90}},
	}
	code, text := ask(t, source(fakeLedger{g: g}), "GET", "/metrics")
	if code != http.StatusOK {
		t.Fatalf("status %d", code)
	}
	for _, want := range []string{
		`oshirase_info{command="work",version="v1"} 1`, "oshirase_ledger_up 1", "oshirase_journal_lines 7",
		`oshirase_letters{state="queued_email",channel="email"} 12`, `oshirase_oldest_seconds{state="queued_email",channel="email"} 90`,
		`oshirase_moves_total{state="accepted"} 40`, "oshirase_last_hand_over_timestamp_seconds 1.675999e+09",
		`oshirase_journal_known_lines{home="ab12"} 44`, "oshirase_leases 2", "oshirase_lease_ends_in_seconds 30",
		"oshirase_mail_paused 1", "oshirase_mail_braked 0", "oshirase_restored_undecided 1", "oshirase_open_decisions 1",
		`oshirase_held_letters{reason="address"} 4`, `oshirase_print_runs{state="handed_over"} 2`, `oshirase_print_run_letters{state="handed_over"} 90`,
		"oshirase_supervision_open 3",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no line %s in\n%s", want, text)
		}
	}
	for l := range strings.Lines(text) {
		if l = strings.TrimSuffix(l, "\n"); strings.HasPrefix(l, "oshirase") && !line.MatchString(l) {
			t.Errorf("not a line of the text form: %s", l)
		}
	}
	if line.MatchString("oshirase_letters{state=queued} x") {
		t.Error("the check takes anything")
	}
}

// TestDeskFigures: what the desk did is told while the ledger is away too, and
// by whoever has a desk alone.
func TestDeskFigures(t *testing.T) {
	t.Parallel()
	s := source(fakeLedger{err: errors.New("away")})
	if _, text := ask(t, s, "GET", "/metrics"); strings.Contains(text, "oshirase_desk") {
		t.Errorf("work speaks of a desk:\n%s", text)
	}
	s.Desk = &Desk{}
	for range 3 {
		s.Desk.Looked("letter", "shown")
		s.Desk.Answered(429)
	}
	_, text := ask(t, s, "GET", "/metrics")
	for _, want := range []string{`oshirase_desk_looks_total{action="letter",outcome="shown"} 3`, `oshirase_desk_answers_total{status="429"} 3`} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no line %s in\n%s", want, text)
		}
	}
}

func TestLedgerAway(t *testing.T) {
	t.Parallel()
	s := source(fakeLedger{err: errors.New("no connection to db.example.jp as user secret")})
	code, text := ask(t, s, "GET", "/health")
	if code != http.StatusServiceUnavailable || strings.Contains(text, "example.jp") {
		t.Errorf("health %d %s", code, text)
	}
	if _, text := ask(t, s, "GET", "/metrics"); !strings.Contains(text, "oshirase_ledger_up 0\n") || strings.Contains(text, "oshirase_leases") {
		t.Errorf("metrics without a ledger:\n%s", text)
	}
	if code, text := ask(t, source(fakeLedger{}), "GET", "/health"); code != http.StatusOK || !strings.Contains(text, `"ok"`) {
		t.Errorf("health %d %s", code, text)
	}
	for path, want := range map[string]int{"/": 404, "/debug/pprof/": 404} {
		if code, _ := ask(t, s, "GET", path); code != want {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _ := ask(t, s, "POST", "/metrics"); code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", code)
	}
}

func TestOnlyOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.jp:0", "127.0.0.1", ""} {
		if l, err := Listen(t.Context(), address); !errors.Is(err, ErrNotHere) {
			t.Errorf("%q: %v, %v", address, l, err)
		}
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- source(fakeLedger{}).Serve(ctx, l) }()
	resp, err := http.Get("http://" + l.Addr().String() + "/health")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if !strings.Contains(string(body), "ok") {
		t.Errorf("%s", body)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("end: %v", err)
	}
}
