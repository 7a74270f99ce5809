package fault

import (
	"fmt"
	"testing"
	"time"
)

// TestNoTransactionWhileMailing: while the mail server takes its time, no
// session of the worker stands in a transaction.
func TestNoTransactionWhileMailing(t *testing.T) {
	c := startCluster(t)
	h := newHouse(t, program(t), c.url("postgres"))
	startWitness(t, h, "delay=1", 1, "--delay", "3s")
	h.month(4, "メール")
	h.release(4)
	db := h.openDB()
	defer db.Close()
	w := &worker{house: h}
	w.start()
	waited := 0
	for sent(pgStates(db)) < 4 {
		var open, handing int
		h.must(db.QueryRow(`SELECT COUNT(pid) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '1500 milliseconds'`).Scan(&open))
		h.must(db.QueryRow(`SELECT COUNT(letter_id) FROM dispatch WHERE state = 'handing_over'`).Scan(&handing))
		if open > 0 {
			t.Errorf("%d sessions stand in a transaction while mails are on their way", open)
			break
		}
		if handing > 0 {
			waited++
		}
		time.Sleep(100 * time.Millisecond)
	}
	if waited < 10 {
		t.Errorf("the mail server was waited for only %d times: nothing is proved", waited)
	}
	w.stop()
	if got := fmt.Sprint(told(states(h.ledger()))); got != "accepted 4" {
		t.Errorf("at the end %s", got)
	}
}
