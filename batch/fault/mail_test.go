package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// everyEnding makes most mails go well and lets all the rest happen.
const everyEnding = "ok=60,delay=4,drip=2,lost-reply=4,hang-after=1,garbage=2,drop-after=2,rset-500=1,rset-drop=1," +
	"drop-dot=4,hang-before=1,421-dot=1,drop-mail=1,drop-rcpt=1,drop-data=1,drop-body=2,421-mail=1,421-rcpt=1,421-data=1," +
	"mail-450=1,rcpt-450=1,rcpt-550=1,data-450=1,data-554=1,dot-451=2,dot-554=1"

// killing is a run of many lives over one queue of mails.
type killing struct {
	kills, mails int
	seed         uint64
	endings      string
}

// result is what a run of kills showed.
type result struct {
	broken []string
	points *coverage
	kills  int
	lost   int // files and names that losses of power took
	end    map[string]int

	uncertain, received int // before evidence: letters nobody can tell of, and how many of them the witness has
}

func (r *result) add(broken ...string) {
	r.broken = append(r.broken, broken...)
	for _, b := range broken[:min(len(broken), 3)] {
		first, _, _ := strings.Cut(b, "\n")
		progress("broken: %s", first)
	}
}

// killMails kills `work` again and again while it sends mails, checks the
// invariants at every restart, lets it finish, and compares with the witness.
func killMails(t testing.TB, h *house, k killing) *result {
	t.Helper()
	w := startWitness(t, h, k.endings, k.seed)
	h.month(k.mails, "メール")
	h.release(k.mails)
	w.knock(h)
	from := h.now().Add(time.Minute).Format(statement)
	h.turnClock(10 * time.Minute)
	r := rand.New(rand.NewPCG(k.seed, 1))
	out := &result{points: newCoverage()}
	for out.kills < k.kills && len(out.broken) == 0 {
		l := draw(r, out.points)
		d := h.live(r, l)
		out.points.note(l, d)
		out.lost += d.lost
		if d.killed {
			out.kills++
		}
		out.add(h.reconcile()...)
		all := h.ledger()
		out.add(compareMails(all, w.has(t))...)
		if out.kills%25 == 0 && d.killed {
			progress("mails: %d kills, %s", out.kills, told(states(all)))
		}
		if waiting(states(all)) == 0 {
			break // nothing left to kill
		}
		h.turnClock(time.Minute) // what was deferred comes again
	}
	if len(out.broken) > 0 {
		return out
	}
	h.finish(out.points)
	out.add(compareMails(h.ledger(), w.has(t))...)
	h.resolve(w, from, out)
	all := h.ledger()
	out.end = states(all)
	out.add(compareMails(all, w.has(t))...)
	out.add(h.reconcile()...)
	if n := waiting(out.end) + out.end["uncertain"]; n > 0 {
		out.add(fmt.Sprintf("%d letters never came to an end: %s", n, told(out.end)))
	}
	return out
}

// resolve lets the relay's log tell of every uncertain letter whether it was
// received, and sends again what was not, until nothing is uncertain.
func (h *house) resolve(w *witness, from string, out *result) {
	h.t.Helper()
	for round := range 8 {
		all := h.ledger()
		n := states(all)["uncertain"]
		if round == 0 {
			out.uncertain = n
			for _, r := range w.has(h.t) {
				if i := slices.IndexFunc(all, func(l row) bool { return l.id == letterOf(r.MessageID) }); i >= 0 && all[i].state == "uncertain" {
					out.received++
				}
			}
		}
		if n == 0 {
			return
		}
		h.turnClock(2 * time.Hour)
		w.knock(h)
		to := h.now().Format(statement)
		h.ok("evidence", w.log, "--as", "hana", "--complete-from", from, "--complete-to", to)
		h.finish()
	}
}

// finish lets work run, undisturbed, until nothing is due any more.
func (h *house) finish(points ...*coverage) {
	h.t.Helper()
	for range 200 {
		d := h.live(nil, life{early: true, after: 10 * lifetime})
		for _, c := range points {
			c.note(life{}, d)
		}
		if waiting(states(h.ledger())) == 0 {
			return
		}
		h.turnClock(time.Hour)
	}
}

// TestKilledWhileMailing: no letter is lost, none is sent twice, and what
// cannot be known is uncertain.
func TestKilledWhileMailing(t *testing.T) {
	t.Parallel()
	s := seed(t)
	h := newHouse(t, program(t), "")
	k := killing{kills: size("KILLS", 12), mails: size("MAILS", 150), seed: s, endings: everyEnding}
	out := killMails(t, h, k)
	for _, b := range out.broken {
		t.Error(b)
	}
	t.Logf("%d kills over %d mails, %d files or names lost with the power; uncertain %d, of which received %d, all resolved by the relay's log; at the end %s\nkilled at:\n%s",
		out.kills, k.mails, out.lost, out.uncertain, out.received, told(out.end), out.points)
	if out.kills < k.kills {
		t.Errorf("%d kills, want %d: too few mails", out.kills, k.kills)
	}
	mustReach(t, out.points, "before dot: mail", "after dot: mail", "before fsync: journal", "after fsync: journal",
		"before commit: claim e-mails", "before commit: step to handing_over", "after commit: step to accepted", "before commit: expire leases", "after commit: end leases of")
}

// mustReach fails unless the failpoints were reached, and with enough kills
// every one was killed at.
func mustReach(t *testing.T, c *coverage, want ...string) {
	t.Helper()
	for _, name := range c.lacking(want...) {
		t.Errorf("failpoint %q was never reached", name)
	}
	killed := 0
	for _, n := range c.killed {
		killed += n
	}
	if missed := c.missed(); killed > 4*len(c.reached) && len(missed) > 0 {
		t.Errorf("never killed at %q", slices.Sorted(slices.Values(missed)))
	}
}
