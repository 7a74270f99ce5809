package fault

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// everyEnding makes most mails go well and lets all the rest happen.
const everyEnding = "ok=60,delay=4,drip=2,lost-reply=4,hang-after=1,garbage=2,drop-after=2,rset-500=1,rset-drop=1," +
	"drop-dot=4,hang-before=1,421-dot=1,drop-mail=1,drop-rcpt=1,drop-data=1,drop-body=2,421-mail=1,421-rcpt=1,421-data=1," +
	"mail-450=1,rcpt-450=1,rcpt-550=1,data-450=1,data-554=1,dot-451=2,dot-554=1"

// killMails kills `work` again and again while it sends mails, in one house or
// in several on one ledger, checks the invariants at every restart, lets it
// finish, and compares with the witness.
func killMails(t testing.TB, all []*house, k killing, points *coverage) *result {
	t.Helper()
	h := all[0]
	scene := &stage{refuser: startWitness(t, h, "rcpt-450=1", k.seed).port}
	w := startWitness(t, h, k.endings, k.seed)
	h.month(k.mails, "メール")
	kept := k.mails / 10 // for lives that are killed at their claim: those send nothing
	h.release(k.mails - kept)
	from := open(all, w)
	r := rand.New(rand.NewPCG(k.seed, 1))
	out := &result{points: points}
	for told := 0; out.goesOn(k); {
		each := plan(r, out.points, len(all), out.kills >= k.kills)
		if kept == 0 {
			atClaim(each, "e-mails", out.kills < k.kills)
		}
		out.round(all, scene, r, each)
		out.add(h.reconcile()...)
		ledger := h.ledger()
		out.add(compareMails(ledger, w.has(t))...)
		if out.kills/25 > told {
			told = out.kills / 25
			out.progress("mails", ledger)
		}
		if waiting(states(ledger)) == 0 {
			if kept == 0 {
				break // nothing left to kill
			}
			h.release(kept)
			kept = 0
		}
		turn(all, time.Minute) // what was deferred comes again
	}
	if len(out.broken) > 0 {
		return out
	}
	if kept > 0 {
		h.release(kept)
	}
	finish(all, out.points)
	out.add(compareMails(h.ledger(), w.has(t))...)
	resolve(all, w, from, out)
	out.close(h, compareMails(h.ledger(), w.has(t)))
	out.gone, out.twice = account(h.ledger(), w.has(t))
	return out
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
	for round := range 40 {
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

// TestKilledWhileMailing: no letter is lost, none is sent twice, and what
// cannot be known is uncertain.
func TestKilledWhileMailing(t *testing.T) {
	t.Parallel()
	k := killing{kills: size("KILLS", 12), mails: size("MAILS", 150), seed: seed(t), endings: everyEnding}
	points := newCoverage(mailPoints())
	inHomes(t, k, 125, points, func(t *testing.T, k killing) *result {
		return killMails(t, []*house{newHouse(t, program(t), "")}, k, points)
	}).mustHold(t, k)
}

// TestDroppedAndNoneAfter: the relay's log tells even of the last mail of all,
// named as it came in and dropped before it was whole, since the relay works on
// for others. Of so many the relay takes one at the first try: where it took
// none, nobody knows whose log this is.
func TestDroppedAndNoneAfter(t *testing.T) {
	t.Parallel()
	k := killing{mails: 40, seed: seed(t), endings: "ok=1,drop-dot=1"}
	out := killMails(t, []*house{newHouse(t, program(t), "")}, k, newCoverage(mailPoints()))
	out.mustHold(t, k)
	if out.end["accepted"] != k.mails {
		t.Errorf("at the end %s, want %d accepted", told(out.end), k.mails)
	}
}

// TestKilledOnPostgres: the same with two workers of two senders each on one
// ledger, both of which are killed.
func TestKilledOnPostgres(t *testing.T) {
	t.Parallel()
	k := killing{kills: size("PG_KILLS", 4), mails: size("PG_MAILS", 60), seed: seed(t), endings: everyEnding}
	h := newHouse(t, program(t), startCluster(t).url("postgres"))
	h.vars["OSHIRASE_LEASE"] = "20s"
	points := newCoverage(mailPoints())
	k.whole = points.whole(k.kills)
	out := killMails(t, []*house{h, h.another(t)}, k, points)
	out.mustHold(t, k)
	db := h.openDB()
	defer db.Close()
	twice := doubleClaims(h, db)
	if twice != 0 {
		t.Errorf("%d letters were claimed by two workers at the same time", twice)
	}
	t.Logf("double claims %d; accepted by worker %v", twice, byWorker(h, db))
}
