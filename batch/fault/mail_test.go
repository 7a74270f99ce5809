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
	whole        bool // it must be killed at every failpoint
}

// result is what a run of kills showed.
type result struct {
	broken []string
	points *coverage
	kills  int
	lives  int
	lost   int // files and names that losses of power took
	end    map[string]int

	uncertain, received int // before evidence: letters nobody can tell of, and how many of them the witness has
	gone, twice         int // letters that nobody has at the end, and that somebody has twice
}

func (r *result) add(broken ...string) {
	r.broken = append(r.broken, broken...)
	for _, b := range broken[:min(len(broken), 3)] {
		first, _, _ := strings.Cut(b, "\n")
		progress("broken: %s", first)
	}
}

// note takes in how lives ended.
func (r *result) note(each []life, deaths []death) {
	for i, d := range deaths {
		r.points.note(each[i], d)
		r.lives++
		r.lost += d.lost
		if d.killed {
			r.kills++
		}
	}
}

// round lets one life pass in every house.
func (r *result) round(all []*house, s *stage, rnd *rand.Rand, each []life) {
	for i, h := range all {
		r.note(s.set(h, rnd, &each[i]))
	}
	r.note(each, lives(all, each))
}

// goesOn reports whether more kills are wanted: so many were asked for, and
// each failpoint where that was. Where one is not come by in a hundred kills
// more, the run ends and must fails.
func (r *result) goesOn(k killing) bool {
	aimed := k.whole && len(r.points.missed()) > 0 && r.kills < k.kills+100
	return len(r.broken) == 0 && (r.kills < k.kills || aimed)
}

// killMails kills `work` again and again while it sends mails, in one house or
// in several on one ledger, checks the invariants at every restart, lets it
// finish, and compares with the witness.
func killMails(t testing.TB, all []*house, k killing) *result {
	t.Helper()
	h := all[0]
	scene := &stage{refuser: startWitness(t, h, "rcpt-450=1", k.seed).port}
	w := startWitness(t, h, k.endings, k.seed)
	h.month(k.mails, "メール")
	h.release(k.mails)
	from := open(all, w)
	r := rand.New(rand.NewPCG(k.seed, 1))
	out := &result{points: newCoverage(mailPoints())}
	k.whole = out.points.whole(k.kills)
	for told := 0; out.goesOn(k); {
		out.round(all, scene, r, plan(r, out.points, len(all), out.kills >= k.kills))
		out.add(h.reconcile()...)
		ledger := h.ledger()
		out.add(compareMails(ledger, w.has(t))...)
		if out.kills/25 > told {
			told = out.kills / 25
			out.progress("mails", ledger)
		}
		if waiting(states(ledger)) == 0 {
			break // nothing left to kill
		}
		turn(all, time.Minute) // what was deferred comes again
	}
	if len(out.broken) > 0 {
		return out
	}
	finish(all, out.points)
	out.add(compareMails(h.ledger(), w.has(t))...)
	resolve(all, w, from, out)
	out.close(h, compareMails(h.ledger(), w.has(t)))
	out.gone, out.twice = account(h.ledger(), w.has(t))
	return out
}

func (r *result) progress(what string, ledger []row) {
	progress("%s: %d kills, %s", what, r.kills, told(states(ledger)))
}

// close takes in how everything stands at the end.
func (r *result) close(h *house, broken []string) {
	r.end = states(h.ledger())
	r.add(broken...)
	r.add(h.reconcile()...)
	if n := waiting(r.end) + r.end["uncertain"]; n > 0 {
		r.add(fmt.Sprintf("%d letters never came to an end: %s", n, told(r.end)))
	}
}

// open points every house to the witness and returns the instant from which on
// the witness's log is whole.
func open(all []*house, w *witness) (from string) {
	for _, h := range all {
		h.vars["OSHIRASE_MAIL_HOST"], h.vars["OSHIRASE_MAIL_PORT"] = "127.0.0.1", w.port
	}
	w.knock(all[0])
	from = all[0].now().Add(time.Minute).Format(statement)
	turn(all, 10*time.Minute)
	return from
}

func turn(all []*house, by time.Duration) {
	for _, h := range all {
		h.turnClock(by)
	}
}

// resolve lets the relay's log tell of every uncertain letter whether it was
// received, and sends again what was not, until nothing is uncertain.
func resolve(all []*house, w *witness, from string, out *result) {
	h := all[0]
	h.t.Helper()
	for round := range 8 {
		ledger := h.ledger()
		n := states(ledger)["uncertain"]
		if round == 0 {
			out.uncertain = n
			for _, r := range w.has(h.t) {
				if i := slices.IndexFunc(ledger, func(l row) bool { return l.id == letterOf(r.MessageID) }); i >= 0 && ledger[i].state == "uncertain" {
					out.received++
				}
			}
		}
		if n == 0 {
			return
		}
		turn(all, 2*time.Hour)
		w.knock(h)
		to := h.now().Format(statement)
		h.ok("evidence", w.log, "--as", "hana", "--complete-from", from, "--complete-to", to)
		finish(all)
	}
}

// finish lets work run, undisturbed, until nothing is due any more.
func finish(all []*house, points ...*coverage) {
	each := make([]life, len(all))
	for i := range each {
		each[i] = life{early: true, after: 10 * lifetime}
	}
	for range 200 {
		for _, d := range lives(all, each) {
			for _, c := range points {
				c.note(life{}, d)
			}
		}
		if waiting(states(all[0].ledger())) == 0 {
			return
		}
		turn(all, time.Hour)
	}
}

func (h *house) finish() { h.t.Helper(); finish([]*house{h}) }

// TestKilledWhileMailing: no letter is lost, none is sent twice, and what
// cannot be known is uncertain.
func TestKilledWhileMailing(t *testing.T) {
	t.Parallel()
	k := killing{kills: size("KILLS", 12), mails: size("MAILS", 150), seed: seed(t), endings: everyEnding}
	killMails(t, []*house{newHouse(t, program(t), "")}, k).mustHold(t, k)
}

// TestKilledOnPostgres: the same with two workers of two senders each on one
// ledger, both of which are killed.
func TestKilledOnPostgres(t *testing.T) {
	t.Parallel()
	k := killing{kills: size("PG_KILLS", 4), mails: size("PG_MAILS", 60), seed: seed(t), endings: everyEnding}
	h := newHouse(t, program(t), startCluster(t).url("postgres"))
	h.vars["OSHIRASE_LEASE"] = "20s"
	out := killMails(t, []*house{h, h.another(t)}, k)
	out.mustHold(t, k)
	db := h.openDB()
	defer db.Close()
	twice := doubleClaims(h, db)
	if twice != 0 {
		t.Errorf("%d letters were claimed by two workers at the same time", twice)
	}
	t.Logf("double claims %d; accepted by worker %v", twice, byWorker(h, db))
}

// mustHold fails unless everything held, and as often as was asked.
func (r *result) mustHold(t *testing.T, k killing) {
	t.Helper()
	for _, b := range r.broken {
		t.Error(b)
	}
	t.Logf("%d kills in %d lives over %d mails: lost %d, twice %d, uncertain %d of which received %d; %d files or names lost with the power; at the end %s\nkilled at:\n%s",
		r.kills, r.lives, k.mails, r.gone, r.twice, r.uncertain, r.received, r.lost, told(r.end), r.points)
	if r.kills < k.kills {
		t.Errorf("%d kills, want %d: too few mails", r.kills, k.kills)
	}
	r.points.must(t, k.kills)
}
