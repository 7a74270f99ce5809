package fault

import (
	"fmt"
	"testing"
	"time"
)

// TestNoTransactionWhileMailing: while the mail server lets both senders wait
// for its answer, no session of the worker stands in a transaction.
func TestNoTransactionWhileMailing(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	h := newHouse(t, program(t), c.url("postgres"))
	server := startWitness(t, h, "delay=1", 1, "--until", h.path("answer"))
	h.month(4, "メール")
	h.release(4)
	db := h.openDB()
	defer db.Close()
	w := &worker{house: h}
	w.start()
	count := func(query string) (n int) {
		h.must(db.QueryRow(query).Scan(&n))
		return n
	}
	await(t, w, "two mails with the server", func() bool {
		return count(`SELECT COUNT(letter_id) FROM dispatch WHERE state = 'handing_over'`) >= 2 && len(server.has(t)) >= 2
	})
	// A transaction around a mail would last as long as the server waits: for ever.
	await(t, w, "no session in a transaction", func() bool {
		return count(`SELECT COUNT(pid) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'`) == 0
	})
	h.write("answer", "")
	await(t, w, "all mails", func() bool { return sent(pgStates(db)) == 4 })
	w.stop()
	if got := fmt.Sprint(told(states(h.ledger()))); got != "accepted 4" {
		t.Errorf("at the end %s", got)
	}
}

// await waits for what a worker must bring about.
func await(t testing.TB, w *worker, what string, done func() bool) {
	t.Helper()
	for begun := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > lifetime {
			t.Fatalf("never: %s\n%s", what, w.said())
		}
	}
}

// said ends the worker and returns what it has said.
func (w *worker) said() string {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
	return w.out.String()
}
