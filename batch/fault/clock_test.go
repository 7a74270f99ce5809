package fault

import (
	"bytes"
	"testing"
	"time"
)

// TestClockJumps turns the program's clock back a day, on a year, and into the
// next month while mails go: no letter is lost or sent twice.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	h := newHouse(t, program(t), "")
	w := startWitness(t, h, "ok=80,delay=10,rcpt-450=5,lost-reply=5", seed(t))
	n := size("CLOCKED", 40)
	h.month(n, "メール")
	h.release(n)
	jumps := []time.Duration{-24 * time.Hour, 365 * 24 * time.Hour, -340 * 24 * time.Hour, 28 * 24 * time.Hour, -30 * time.Minute}
	for i := range size("CLOCKED", 40) / 20 {
		jumped := jumping(h, jumps)
		if jumped == 0 && i == 0 {
			t.Fatal("work ended before its clock was turned: nothing is proved")
		}
		for _, b := range append(compareMails(h.ledger(), w.has(t)), h.reconcile()...) {
			t.Error(b)
		}
	}
	h.turnClock(400 * 24 * time.Hour)
	h.finish()
	for _, b := range append(compareMails(h.ledger(), w.has(t)), h.reconcile()...) {
		t.Error(b)
	}
	if got := states(h.ledger()); got["accepted"]+got["uncertain"] != n {
		t.Errorf("at the end %s", told(got))
	}
}

// jumping runs work once while its clock jumps, and says how often it did.
func jumping(h *house, jumps []time.Duration) (jumped int) {
	h.t.Helper()
	var out bytes.Buffer
	c := h.command(nil, "work", "--once")
	c.Stdout, c.Stderr = &out, &out
	h.must(c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		select {
		case <-ended:
			return jumped
		case <-time.After(40 * time.Millisecond):
			h.turnClock(jumps[jumped%len(jumps)])
			jumped++
		}
	}
}
