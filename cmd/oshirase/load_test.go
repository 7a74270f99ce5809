//go:build load

package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"oshirase/letters"
)

// The load: agents who look up without a pause, on a ledger of a million.
const (
	loadAgents = 50
	loadLimit  = 100 * time.Millisecond // p99 of every request
)

// loadLasts is how long; OSHIRASE_LOAD_LASTS shortens it for a first try.
func loadLasts() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("OSHIRASE_LOAD_LASTS")); err == nil {
		return d
	}
	return time.Minute
}

// loadLetters is how many letters there are: a million, or as OSHIRASE_LOAD
// says for a first try.
func loadLetters() int {
	if n, err := strconv.Atoi(os.Getenv("OSHIRASE_LOAD")); err == nil {
		return n
	}
	return 1_000_000
}

// TestLookUpsUnderLoad fills PostgreSQL, with fsync on, starts serve as its
// own process, and has fifty agents look up letters for a minute: number,
// caller's check, purpose, letter. Every look is in the audit chain before it
// is answered, and the chain is whole afterwards.
func TestLookUpsUnderLoad(t *testing.T) {
	if state := fsyncOf(t, os.Getenv("OSHIRASE_TEST_POSTGRES")); state != "on" {
		t.Fatalf("fsync is %q: run this by `make load`", state)
	}
	o := newOffice(t, postgres(t))
	for i := range loadAgents {
		o.ok("user", "add", fmt.Sprintf("agent%d", i), "--role", "callcenter")
	}
	began := time.Now()
	fill(t, o.db)
	t.Logf("%d letters filled in %s", loadLetters(), time.Since(began).Round(time.Second))
	base := o.serveAlone(t)
	agents := make([]*loadAgent, loadAgents)
	for i := range agents {
		agents[i] = signedInAgent(t, base, i)
	}
	took, looks := runLoad(t, agents)
	report(t, took, looks)
	var v verdictJSON
	if err := json.Unmarshal([]byte(o.ok("audit", "verify", "--json")), &v); err != nil || !v.Whole {
		t.Fatalf("audit chain: %+v, %v", v, err)
	}
	t.Logf("audit chain whole, %d records", v.Records)
	if int(v.Records) < looks {
		t.Errorf("%d records for %d looks", v.Records, looks)
	}
}

func fsyncOf(t *testing.T, server string) (state string) {
	t.Helper()
	db, err := sql.Open("postgres", server)
	if err == nil {
		err = db.QueryRow("SHOW fsync").Scan(&state)
	}
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// loadID is SQL for the letter ID of row i, its check digits right.
const loadID = `(x.b || lpad((98 - (x.b || '00')::numeric % 97)::text, 2, '0'))`

// fill loads a posted month of a million letters, one contract each, without
// the checks of foreign keys: they would prove what is true by construction.
func fill(t *testing.T, target string) {
	t.Helper()
	db, err := sql.Open("postgres", target)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n, bodies := fmt.Sprint(loadLetters()), `(SELECT i, (10000000000000 + i::bigint * 89999957)::text AS b FROM generate_series(1, `+fmt.Sprint(loadLetters())+`) i) x`
	for _, q := range []string{
		`SET session_replication_role = replica`,
		`INSERT INTO month_batch (month) VALUES ('2023-01')`,
		`INSERT INTO source_file (file_id, month, sha256, bytes, name, format, encoding, rows_read, state, imported_by, staged_at, finished_at, activated_at)
			VALUES (900, '2023-01', repeat('a', 64), 1, 'l', 'csv', 'utf8', ` + n + `, 'active', 'hana', 1, 1, 1)`,
		`INSERT INTO letter (letter_id, month, kind, person_key, fold_key, facts, generation, planned_at)
			SELECT ` + loadID + `, '2023-01', 'first', 'p' || i, 'f' || i, 'x', 1, 1 FROM ` + bodies,
		`INSERT INTO recipient (recipient_id, letter_id, name, kana, kind, postal_code, address, building, mail, phone)
			SELECT i, ` + loadID + `, '電力 太郎' || i, '', 'individual', lpad((i % 90000 + 8000000)::text, 7, '0'), '見本市例町' || i, '', '',
			'0920' || lpad((i % 1000000)::text, 6, '0') FROM ` + bodies,
		`INSERT INTO viewed_case (case_id, month, case_key, version, supply_point, demand_place, system, retailer_code, retailer_name, supply, last_resort, confirmed, unrecorded, first_on, last_on)
			SELECT i, '2023-01', 'k' || i, 1, '09' || lpad(i::text, 20, '0'), '', 'CC', '07001', '見本', 'low', 0, 'contract_name,contact_phone', 0, '2022-10-03', '2022-10-04' FROM generate_series(1, ` + n + `) i`,
		`INSERT INTO letter_case (letter_id, case_id, case_key, version, link) SELECT ` + loadID + `, i, 'k' || i, 1, 'told' FROM ` + bodies,
		`INSERT INTO dispatch (letter_id, generation, month, recipient_id, channel, state, token, renderer, template_version, content_hash, pages)
			SELECT ` + loadID + `, 1, '2023-01', i, 'print', 'posted', 4, 'r', 't', repeat('b', 64), 2 FROM ` + bodies,
		`INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
			SELECT ` + loadID + `, s, 1, 1675000000000000 + s, 'w', 'a', CASE s WHEN 4 THEN 'posted' WHEN 3 THEN 'handed_over' ELSE 'approved' END, '', '' FROM ` + bodies + `, generate_series(1, 4) s`,
		`INSERT INTO source_row (file_id, row_no, rejected, supply_point, name, kana, kind, kind_given, postal_code, address, building, demand_place, phone, mail, channel,
			retailer_code, retailer_name, supply, system, items, first_on, last_on, views, viewers, disaster, last_resort, handling, held, notes,
			case_key, person_key, fold_key, mail_key, kana_key, phone_key, place_key, outcome, reason, case_id, letter_id)
			SELECT 900, i, 0, '09' || lpad(i::text, 20, '0'), '電力 太郎' || i, '', 'individual', 1, '8100004', '見本市例町', '', '', '0920', '', 'print',
			'07001', '見本', 'low', 'CC', 'contract_name', '2022-10-03', '2022-10-04', 1, '', 0, 0, CASE WHEN i % 5000 = 0 THEN 'shelter' ELSE '' END, '', '',
			'k' || i, 'p' || i, 'f' || i, '', '', '', '', 'letter', '', i, ` + loadID + ` FROM ` + bodies,
		`SET session_replication_role = origin`,
		`ANALYZE`,
		`CHECKPOINT`,
	} {
		if _, err := c.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("fill: %v\n%.120s", err, q)
		}
	}
}

// serveAlone builds the program and starts serve as a process of its own, with
// no limit on looking up.
func (o *office) serveAlone(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "oshirase")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.Command(bin, "--home", o.home, "--db", o.db, "serve", "--listen", "127.0.0.1:0", "--json")
	cmd.Env = append(os.Environ(), "OSHIRASE_DESK_LOOKS_ALERT=0", "OSHIRASE_DESK_LOOKS_STOP=0", "OSHIRASE_DESK_REQUESTS_PER_SECOND=100000")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if cmd.Stderr, err = os.Create(filepath.Join(t.ArtifactDir(), "serve.log")); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	var at servingJSON
	if err == nil {
		err = json.Unmarshal([]byte(line), &at)
	}
	if err != nil {
		t.Fatalf("serve said %q: %v", line, err)
	}
	return strings.TrimSuffix(at.URL, "/")
}

// loadAgent is one agent's browser.
type loadAgent struct {
	base   string
	client *http.Client
	n      int // of the letter that comes next
	took   map[string][]time.Duration
	looks  int
}

func signedInAgent(t *testing.T, base string, i int) *loadAgent {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &loadAgent{base: base, n: i*19_997 + 1, took: map[string][]time.Duration{}, client: &http.Client{Jar: jar,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 2},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	status, _, _, err := a.send(t.Context(), "POST", "/signin", url.Values{"name": {fmt.Sprintf("agent%d", i)}, "password": {officePassword}})
	if err != nil || status != http.StatusSeeOther {
		t.Fatalf("agent %d: status %d, %v", i, status, err)
	}
	return a
}

func (a *loadAgent) send(ctx context.Context, method, path string, form url.Values) (status int, to, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", "", err
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := a.client.Do(req)
	if err != nil {
		return 0, "", "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header.Get("Location"), string(b), err
}

// look is one call: each request is timed, and must answer as it should.
func (a *loadAgent) look(ctx context.Context) error {
	a.n = a.n%loadLetters() + 1
	if a.n%5000 == 0 {
		a.n = a.n%loadLetters() + 1 // 支援措置: answers like not found
	}
	body := fmt.Sprint(10_000_000_000_000 + a.n*89_999_957)
	var id letters.ID
	for check := range 100 {
		if got, fault := letters.ReadNumber(fmt.Sprintf("%s%02d", body, check)); fault == letters.NumberGood {
			id = got
		}
	}
	call, err := a.step(ctx, "number", "POST", "/calls", url.Values{"number": {id.Groups()}}, http.StatusSeeOther, "")
	if err != nil {
		return err
	}
	four := fmt.Sprintf("%06d", a.n%1_000_000)[2:]
	if _, err = a.step(ctx, "check", "POST", call+"/check", url.Values{"last_four": {four}}, http.StatusSeeOther, ""); err != nil {
		return err
	}
	if _, err = a.step(ctx, "purpose", "POST", call+"/purpose", url.Values{"purpose": {"content"}, "caller": {"self"}}, http.StatusSeeOther, ""); err != nil {
		return err
	}
	_, err = a.step(ctx, "letter", "GET", call, nil, http.StatusOK, id.Groups())
	a.looks++
	return err
}

func (a *loadAgent) step(ctx context.Context, name, method, path string, form url.Values, want int, says string) (to string, err error) {
	began := time.Now()
	status, to, body, err := a.send(ctx, method, path, form)
	a.took[name] = append(a.took[name], time.Since(began))
	if err == nil && (status != want || !strings.Contains(body, says)) {
		err = fmt.Errorf("%s: status %d, want %d", name, status, want)
	}
	return to, err
}

// runLoad lets all agents work at once, without a pause.
func runLoad(t *testing.T, agents []*loadAgent) (took map[string][]time.Duration, looks int) {
	t.Helper()
	until := time.Now().Add(loadLasts())
	var wg sync.WaitGroup
	for _, a := range agents {
		wg.Go(func() {
			for time.Now().Before(until) {
				if err := a.look(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	took = map[string][]time.Duration{}
	for _, a := range agents {
		looks += a.looks
		for name, list := range a.took {
			took[name] = append(took[name], list...)
			took["every request"] = append(took["every request"], list...)
		}
	}
	return took, looks
}

// report prints the figures and holds the slowest hundredth to the limit.
func report(t *testing.T, took map[string][]time.Duration, looks int) {
	t.Helper()
	t.Logf("%d agents, %d processors, %s: %d letters looked at, %.0f a second", loadAgents, runtime.GOMAXPROCS(0), loadLasts(), looks, float64(looks)/loadLasts().Seconds())
	for _, name := range []string{"number", "check", "purpose", "letter", "every request"} {
		list := took[name]
		slices.Sort(list)
		at := func(share float64) time.Duration {
			return list[int(share*float64(len(list)-1))].Round(100 * time.Microsecond)
		}
		t.Logf("%-14s %7d requests  %6.0f/s  p50 %-8s p95 %-8s p99 %-8s max %s", name, len(list), float64(len(list))/loadLasts().Seconds(), at(.5), at(.95), at(.99), at(1))
		if at(.99) > loadLimit {
			t.Errorf("%s: p99 is %s, more than %s", name, at(.99), loadLimit)
		}
	}
}
