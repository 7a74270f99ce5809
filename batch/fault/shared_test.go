package fault

import (
	"bytes"
	"context"
	"database/sql"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// worker is a `work` process with a home of its own on the shared ledger.
type worker struct {
	*house
	cmd *exec.Cmd
	out bytes.Buffer
}

// another is a further home on the same ledger, as of a second machine.
func (h *house) another(t testing.TB) *house {
	t.Helper()
	c := *h
	c.t, c.vars, c.home = t, maps.Clone(h.vars), filepath.Join(t.TempDir(), "home")
	c.must(os.MkdirAll(c.home, 0o700))
	c.write("demo", "")
	c.write("password", "correct horse battery\n")
	c.turnClock(0)
	c.vars["OSHIRASE_PASSWORD_FILE"], c.vars["OSHIRASE_CLOCK"] = c.path("password"), c.path("clock")
	c.run("status") // the home draws its identity, also where the ledger has no schema yet
	return &c
}

func (w *worker) start() {
	w.t.Helper()
	w.cmd = w.command(nil, "work")
	w.cmd.Stdout, w.cmd.Stderr = &w.out, &w.out
	w.must(w.cmd.Start())
}

func (w *worker) signal(s syscall.Signal) { w.must(w.cmd.Process.Signal(s)) }

// stop asks the worker to end, as an operator does, and returns its status.
func (w *worker) stop() int {
	w.signal(syscall.SIGTERM)
	_ = w.cmd.Wait()
	return w.cmd.ProcessState.ExitCode()
}

// sent counts letters that are through.
func sent(n map[string]int) int { return n["accepted"] + n["uncertain"] + n["failed_5xx"] }

// pgStates counts letters by state, or gives nothing while the server is away.
func pgStates(db *sql.DB) map[string]int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	rows, err := db.QueryContext(ctx, `SELECT state, COUNT(letter_id) FROM dispatch GROUP BY state`)
	if err != nil {
		return nil
	}
	defer rows.Close()
	n := make(map[string]int)
	for rows.Next() {
		var state string
		var count int
		if rows.Scan(&state, &count) != nil {
			return nil
		}
		n[state] = count
	}
	if rows.Err() != nil {
		return nil
	}
	return n
}

// TestWorkersShareALedger: several workers on one PostgreSQL, which is crashed
// again and again; sessions are cut, one worker is killed, one stands still
// beyond its lease and goes on. No letter is claimed by two, lost or sent
// twice, every worker ends well, and the relay's log tells of every letter
// that nobody can tell of.
func TestWorkersShareALedger(t *testing.T) {
	t.Parallel()
	s := seed(t)
	n, restarts, workers := size("SHARED", 300), size("RESTARTS", 2), size("WORKERS", 4)
	c := startCluster(t)
	h := newHouse(t, program(t), c.url("postgres")+"&idle_in_transaction_session_timeout=4s")
	h.vars["OSHIRASE_LEASE"] = "6s"
	w := startWitness(t, h, "ok=95,delay=2,lost-reply=1,drop-dot=1,rcpt-450=1", s)
	h.month(n, "メール")
	h.release(n)
	houses := []*house{h}
	for range workers - 1 {
		houses = append(houses, h.another(t))
	}
	from := open(houses, w)
	all := staff(houses)
	db := h.openDB()
	defer db.Close()
	begun := time.Now()
	trouble(t, c, db, all, n, restarts, rand.New(rand.NewPCG(s, 3)))
	drain(t, db, all, n)
	took := time.Since(begun).Round(time.Second)
	for i, each := range all {
		if code := each.stop(); code != 0 && code != 5 {
			t.Errorf("worker %d ended with %d:\n%s", i+1, code, each.out.String())
		}
	}
	out := &result{}
	finish(houses)
	out.add(compareMails(h.ledger(), w.has(t))...)
	shares := byWorker(h, db)
	resolve(houses, w, from, out)
	out.close(h, compareMails(h.ledger(), w.has(t)))
	for _, b := range out.broken {
		t.Error(b)
	}
	twice := doubleClaims(h, db)
	if twice != 0 {
		t.Errorf("%d letters were claimed by two workers at the same time", twice)
	}
	out.gone, out.twice = account(h.ledger(), w.has(t))
	t.Logf("%d workers, %d letters, %d crashes of PostgreSQL in %s: lost %d, twice %d, double claims %d, uncertain %d of which received %d; at the end %s; by worker %v",
		workers, n, restarts, took, out.gone, out.twice, twice, out.uncertain, out.received, told(out.end), shares)
}

// staff starts a worker in every house.
func staff(houses []*house) []*worker {
	var all []*worker
	for _, h := range houses {
		all = append(all, &worker{house: h})
		all[len(all)-1].start()
	}
	return all
}

// trouble does to the workers what happens to workers, at even distances of
// what is left to send.
func trouble(t testing.TB, c *cluster, db *sql.DB, all []*worker, n, restarts int, r *rand.Rand) {
	t.Helper()
	var zombies sync.WaitGroup
	defer zombies.Wait()
	for i := range restarts {
		now := awaitSent(t, db, all, 0)
		awaitSent(t, db, all, min(n, now+max(1, (n-now)/(restarts-i+1))))
		c.crash()
		progress("shared ledger: crash %d of %d, %s", i+1, restarts, told(pgStates(db)))
		_, _ = db.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND random() < 0.5`)
		switch i % 4 {
		case 0: // a machine that is switched off
			dead := all[r.IntN(len(all))]
			dead.signal(syscall.SIGKILL)
			_ = dead.cmd.Wait()
			dead.start()
		case 1: // a zombie, while the others go on and the server is crashed again
			still := all[r.IntN(len(all))].cmd.Process
			_ = still.Signal(syscall.SIGSTOP)
			zombies.Go(func() {
				time.Sleep(time.Duration(size("FROZEN", 8)) * time.Second)
				_ = still.Signal(syscall.SIGCONT) // it may have been killed meanwhile
			})
		}
	}
}

// awaitSent waits until so many letters are through or put off, and returns how
// many are: what is put off waits for the clocks to be turned.
func awaitSent(t testing.TB, db *sql.DB, all []*worker, want int) int {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		n := pgStates(db)
		if done := sent(n) + n["deferred"]; n != nil && done >= want {
			return done
		}
		if time.Since(begun) > 10*lifetime {
			var said string
			for _, w := range all {
				said += w.said()
			}
			t.Fatalf("%d letters did not get through: %s\n%s", want, told(n), said)
		}
	}
}

// drain turns the clocks on until nothing waits.
func drain(t testing.TB, db *sql.DB, all []*worker, n int) {
	t.Helper()
	for begun := time.Now(); sent(pgStates(db)) < n; time.Sleep(100 * time.Millisecond) {
		for _, w := range all {
			w.turnClock(time.Minute)
		}
		if time.Since(begun) > 10*lifetime {
			t.Fatalf("not everything got through: %s", told(pgStates(db)))
		}
	}
}

// doubleClaims counts claims of a letter that another claim still held: each
// must begin where the letter stood in the queue.
func doubleClaims(h *house, db *sql.DB) int {
	h.t.Helper()
	var n int
	h.must(db.QueryRow(`SELECT COUNT(x.letter_id) FROM (SELECT letter_id, to_state, seq,
		LAG(to_state) OVER (PARTITION BY letter_id ORDER BY seq) AS before, LAG(seq) OVER (PARTITION BY letter_id ORDER BY seq) AS last
		FROM letter_event) x WHERE x.to_state = 'claimed' AND (x.before <> 'queued_email' OR x.last <> x.seq - 1)`).Scan(&n))
	return n
}

// byWorker counts accepted letters by worker.
func byWorker(h *house, db *sql.DB) []int {
	h.t.Helper()
	rows, err := db.Query(`SELECT COUNT(letter_id) FROM letter_event WHERE to_state = 'accepted' AND actor LIKE 'work-%' GROUP BY actor ORDER BY 1`)
	h.must(err)
	defer rows.Close()
	var out []int
	for rows.Next() {
		var n int
		h.must(rows.Scan(&n))
		out = append(out, n)
	}
	h.must(rows.Err())
	return out
}
