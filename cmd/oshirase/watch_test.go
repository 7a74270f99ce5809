package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"oshirase/letters"
	"oshirase/templates"
)

// truth counts with a query of its own, past everything that makes figures.
func (o *office) truth(query string) map[string]float64 {
	o.t.Helper()
	db := o.database()
	defer db.Close()
	rows, err := db.QueryContext(o.t.Context(), query)
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]float64{}
	for rows.Next() {
		var key string
		var n float64
		if err := rows.Scan(&key, &n); err != nil {
			o.t.Fatal(err)
		}
		out[key] = n
	}
	if err := rows.Err(); err != nil {
		o.t.Fatal(err)
	}
	return out
}

// running starts a command that goes on until the test stops it.
func (o *office) running(line ...string) (stop func() (int, string)) {
	o.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var out, errs syncBuffer
	p := &program{out: &out, err: &errs, now: o.clock, random: rand.Reader,
		env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }}
	all := append([]string{"--home", o.home}, line...)
	if o.db != "" {
		all = append([]string{"--db", o.db}, all...)
	}
	ended := make(chan int, 1)
	go func() { ended <- p.run(ctx, all) }()
	var once sync.Once
	var code int
	stop = func() (int, string) {
		once.Do(func() { cancel(); code = <-ended })
		return code, errs.String()
	}
	o.t.Cleanup(func() { stop() })
	return stop
}

const (
	sqlTruthStates = `SELECT d.state || ' ' || d.channel, COUNT(*) FROM letter l JOIN dispatch d
		ON d.letter_id = l.letter_id AND d.generation = l.generation GROUP BY d.state, d.channel`
	sqlTruthMoves = `SELECT to_state, COUNT(*) FROM letter_event GROUP BY to_state`
	sqlTruthHeld  = `SELECT hold_reason, COUNT(*) FROM dispatch WHERE state = 'held_review' GROUP BY hold_reason`
	sqlTruthRuns  = `SELECT state, COUNT(*) FROM print_run GROUP BY state`
)

// agrees holds a scrape against what stands in the database.
func (o *office) agrees(got samples) {
	o.t.Helper()
	want := samples{}
	for key, n := range o.truth(sqlTruthStates) {
		state, channel, _ := strings.Cut(key, " ")
		want[fmt.Sprintf(`oshirase_letters{channel=%q,state=%q}`, channel, state)] = n
	}
	for name, query := range map[string]string{`oshirase_moves_total{state=%q}`: sqlTruthMoves, `oshirase_held_letters{reason=%q}`: sqlTruthHeld,
		`oshirase_print_runs{state=%q}`: sqlTruthRuns} {
		for key, n := range o.truth(query) {
			want[fmt.Sprintf(name, key)] = n
		}
	}
	for key, n := range want {
		if got[key] != n {
			o.t.Errorf("%s is %v, in the database %v", key, got[key], n)
		}
	}
	for key := range got {
		for _, name := range []string{"oshirase_letters{", "oshirase_moves_total{", "oshirase_held_letters{", "oshirase_print_runs{"} {
			if _, ok := want[key]; strings.HasPrefix(key, name) && !ok {
				o.t.Errorf("%s does not stand in the database", key)
			}
		}
	}
}

// TestFiguresOfARunningWork scrapes a work in the middle of its mails and when
// it has nothing left to do, and holds every figure against the database, the
// mail server's own count, and status.
func TestFiguresOfARunningWork(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		m := newMoody(t)
		at := freePort(t)
		maps.Copy(o.env, map[string]string{"OSHIRASE_MAIL_HOST": "127.0.0.1", "OSHIRASE_MAIL_PORT": strconv.Itoa(m.port), "OSHIRASE_MAIL_PER_MINUTE": "0",
			"OSHIRASE_MAIL_FROM": "oshirase@example.jp", "OSHIRASE_MAIL_RETURN_DOMAIN": "bounce.example.jp", "OSHIRASE_METRICS_LISTEN": at})
		o.readyMonth(200)
		stop := o.running("work")
		<-m.held
		busy := until(t, at, "the ninth mail in hand and eight settled", func(s samples) bool {
			settled := 0.0
			for _, state := range []string{"accepted", "failed_5xx", "uncertain"} {
				settled += s[fmt.Sprintf(`oshirase_letters{channel="email",state=%q}`, state)]
			}
			return settled == 8 && s[`oshirase_letters{channel="email",state="handing_over"}`] == 1
		})
		if busy["oshirase_leases"] < 2 || busy[`oshirase_letters{channel="email",state="claimed"}`] < 1 || health(t, at) != http.StatusOK {
			t.Errorf("in the middle: %v", busy)
		}
		o.agrees(busy)
		close(m.on)
		idle := until(t, at, "nothing due", func(s samples) bool {
			waiting := 0.0
			for _, state := range []string{"queued_email", "claimed", "handing_over"} {
				waiting += s[fmt.Sprintf(`oshirase_letters{channel="email",state=%q}`, state)]
			}
			return waiting == 0 && s["oshirase_leases"] == 0
		})
		o.agrees(idle)
		for state, did := range map[string]string{"accepted": "taken", "failed_5xx": "refused", "uncertain": "hung up"} {
			if n := idle[fmt.Sprintf(`oshirase_letters{channel="email",state=%q}`, state)]; n == 0 || n != float64(m.count(did)) {
				t.Errorf("%v letters are %s, the server counts %d %s", n, state, m.count(did), did)
			}
		}
		if idle["oshirase_journal_lines"] == 0 || idle["oshirase_last_hand_over_timestamp_seconds"] == 0 {
			t.Errorf("no hand-over in %v", idle)
		}
		o.statusAgrees(idle)
		if code, errs := stop(); code != exitWaits {
			t.Errorf("work ended with %d, and uncertain letters wait\n%s", code, errs)
		}
	})
}

// readyMonth is a month whose letters wait to leave.
func (o *office) readyMonth(contracts int) {
	o.t.Helper()
	o.approved(contracts)
	o.releaseAll("2023-02")
}

// statusAgrees holds status, as JSON and in words, against a scrape.
func (o *office) statusAgrees(s samples) {
	o.t.Helper()
	var answer statusJSON
	if err := json.Unmarshal([]byte(o.ok("status", "--json")), &answer); err != nil {
		o.t.Fatal(err)
	}
	by := map[letters.State]int{}
	for key, n := range s {
		if rest, ok := strings.CutPrefix(key, "oshirase_letters{"); ok {
			_, state, _ := strings.Cut(rest, `state="`)
			by[letters.State(strings.TrimSuffix(state, `"}`))] += int(n)
		}
	}
	if !maps.Equal(by, answer.Months[0].States) {
		o.t.Errorf("metrics %v, status %v", by, answer.Months[0].States)
	}
	text, w := strings.Join(strings.Fields(o.ok("status", "2023-02")), " "), answer.Months[0].Waits
	words, err := readWords(templates.Shipped())
	if err != nil {
		o.t.Fatal(err)
	}
	for _, wait := range w {
		if wait.Count != by[letters.State(wait.Code)] {
			o.t.Errorf("%d wait as %s, metrics say %d", wait.Count, wait.Code, by[letters.State(wait.Code)])
		}
		if line := fmt.Sprintf("%s %s 通", words.label("wait_"+wait.Code), thousands(wait.Count)); !strings.Contains(text, line) {
			o.t.Errorf("status does not say %q:\n%s", line, text)
		}
		for _, why := range wait.Why {
			if got := s[fmt.Sprintf(`oshirase_held_letters{reason=%q}`, why.Reason)]; int(got) != why.Count {
				o.t.Errorf("%d are held for %s, metrics say %v", why.Count, why.Reason, got)
			}
		}
	}
}

// TestFiguresOfARunningDesk: looks and refusals as the audit chain and the
// visitors themselves count them.
func TestFiguresOfARunningDesk(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := officeInMonth(newOffice(t, db))
		at := freePort(t)
		o.env["OSHIRASE_METRICS_SERVE_LISTEN"], o.env["OSHIRASE_DESK_LOOKS_STOP"], o.env["OSHIRASE_DESK_LOOKS_ALERT"] = at, "4", "3"
		who, _ := o.callable()
		before := o.chained()
		base := o.serving()
		seen := map[int]int{}
		v := o.visitor(base, "callcenter")
		v.answered = func(status int) { seen[status]++ }
		send := func(method, path string, form url.Values) { v.send(method, path, form) }
		send("GET", "/calls", nil)
		for range 5 { // the fourth is refused
			send("POST", "/calls", url.Values{"number": {who.LetterID.Groups()}})
		}
		send("GET", "/board", nil) // not theirs
		send("GET", "/nowhere", nil)
		got := until(t, at, "the desk's figures", func(s samples) bool { return s[`oshirase_desk_answers_total{status="404"}`] > 0 })
		if seen[http.StatusTooManyRequests] == 0 || seen[http.StatusForbidden] == 0 {
			t.Fatalf("nothing was refused: %v", seen)
		}
		for status, n := range seen {
			key := fmt.Sprintf(`oshirase_desk_answers_total{status="%d"}`, status)
			if status >= 400 && got[key] != float64(n) {
				t.Errorf("%s is %v, the visitor had %d", key, got[key], n)
			}
		}
		want := o.chained()
		for key, n := range before {
			want[key] -= n
		}
		for key, n := range want {
			if got[key] != n {
				t.Errorf("%s is %v, the audit chain has %v", key, got[key], n)
			}
		}
		if got[`oshirase_desk_looks_total{action="lookup",outcome="stopped"}`] != float64(seen[http.StatusTooManyRequests]) || got["oshirase_supervision_open"] == 0 {
			t.Errorf("looks and what the supervisor has to see: %v", got)
		}
	})
}

// chained counts the records of the audit chain by action and outcome.
func (o *office) chained() samples {
	o.t.Helper()
	out := samples{}
	p := &program{now: o.clock, homeDir: o.home, dbURL: o.db, env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }}
	err := p.withHome(o.t.Context(), func(h *house) error {
		log, done, err := h.chain()
		if err != nil {
			return err
		}
		defer func() { _ = done() }()
		for r, err := range log.Since(o.t.Context(), 0) {
			if err != nil {
				return err
			}
			out[fmt.Sprintf(`oshirase_desk_looks_total{action=%q,outcome=%q}`, r.Action, r.Outcome)]++
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

// wire carries connections to the database until it is cut.
type wire struct {
	listen  net.Listener
	target  string
	mu      sync.Mutex
	down    bool
	through []net.Conn
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listen: l, target: target}
	t.Cleanup(func() { l.Close(); w.set(true) })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(conn)
		}
	}()
	return w
}

func (w *wire) carry(conn net.Conn) {
	far, err := net.Dial("tcp", w.target)
	w.mu.Lock()
	down := w.down || err != nil
	if !down {
		w.through = append(w.through, conn, far)
	}
	w.mu.Unlock()
	if down {
		conn.Close()
		return
	}
	go func() { _, _ = io.Copy(far, conn); far.Close() }()
	_, _ = io.Copy(conn, far)
	conn.Close()
}

// set cuts the wire, or joins it again.
func (w *wire) set(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
	for _, c := range w.through {
		c.Close()
	}
	w.through = nil
}

// TestHealthFollowsTheDatabase: bad while it is away, good again afterwards,
// without work or desk being started anew.
func TestHealthFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	db, err := url.Parse(postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	w := newWire(t, db.Host)
	db.Host = w.listen.Addr().String()
	o := newOffice(t, db.String())
	work, desk := freePort(t), freePort(t)
	o.env["OSHIRASE_METRICS_LISTEN"], o.env["OSHIRASE_METRICS_SERVE_LISTEN"] = work, desk
	o.now = o.now.AddDate(1, 0, 0)
	stop := o.running("work")
	o.serving()
	up := func(s samples) bool { return s["oshirase_ledger_up"] == 1 }
	for _, at := range []string{work, desk} {
		if until(t, at, "the ledger", up); health(t, at) != http.StatusOK {
			t.Errorf("not well at the start")
		}
	}
	w.set(true)
	for _, at := range []string{work, desk} {
		if code := health(t, at); code != http.StatusServiceUnavailable {
			t.Errorf("health is %d without the database", code)
		}
		if s, ok := scrape(t, at); !ok || s["oshirase_ledger_up"] != 0 || s["oshirase_leases"] != 0 {
			t.Errorf("figures without the database: %v", s)
		}
	}
	w.set(false)
	for _, at := range []string{work, desk} {
		if until(t, at, "the ledger again", up); health(t, at) != http.StatusOK {
			t.Errorf("not well again")
		}
	}
	if code, errs := stop(); code != exitDone {
		t.Errorf("work ended with %d\n%s", code, errs)
	}
}

// TestMetricsOnThisMachineAlone: no other address is opened, by neither.
func TestMetricsOnThisMachineAlone(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0"} {
		o.env["OSHIRASE_METRICS_LISTEN"], o.env["OSHIRASE_METRICS_SERVE_LISTEN"] = address, address
		for _, line := range [][]string{{"work", "--once"}, {"serve", "--listen", "127.0.0.1:0"}} {
			if _, errs := o.ends(4, line...); !strings.Contains(errs, "この機械の中だけ") {
				t.Errorf("%s at %s: %s", line[0], address, errs)
			}
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	o.env["OSHIRASE_METRICS_LISTEN"] = taken.Addr().String()
	if _, errs := o.ends(1, "work", "--once"); !strings.Contains(errs, "番号がほかで使われていないか") {
		t.Errorf("a port that is taken: %s", errs)
	}
}
