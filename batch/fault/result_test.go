package fault

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

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

// mustHold fails unless everything held, and as often as was asked.
func (r *result) mustHold(t *testing.T, k killing) {
	t.Helper()
	for _, b := range r.broken {
		t.Error(b)
	}
	t.Logf("%d kills in %d lives over %d letters: lost %d, twice %d, uncertain %d of which received %d, all told by the relay's log or the printer; %d files or names lost with the power; at the end %s\nkilled at:\n%s",
		r.kills, r.lives, k.mails, r.gone, r.twice, r.uncertain, r.received, r.lost, told(r.end), r.points)
	if r.kills < k.kills {
		t.Errorf("%d kills, want %d: too few letters", r.kills, k.kills)
	}
	r.points.must(t, k.kills)
}
