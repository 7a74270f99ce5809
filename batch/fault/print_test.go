package fault

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"oshirase/batch/fault/reader"
)

// comparePrint holds the ledger's letters against the print folders: I5, and
// that no letter stands before the printer twice. It returns what is broken.
func comparePrint(all []row, folders []reader.Folder, damaged map[string]bool) (broken []string) {
	stands := make(map[string][]string)
	for _, f := range folders {
		for _, l := range f.Letters {
			stands[l.ID] = append(stands[l.ID], f.Run)
		}
	}
	whole := make(map[string]bool)
	for _, f := range folders {
		whole[f.Run] = len(f.Faults) == 0 || damaged[f.Run]
	}
	known := make(map[string]bool)
	for _, r := range all {
		known[r.id] = true
		broken = append(broken, compareLetter(r, stands[r.id], whole)...)
	}
	for id, runs := range stands {
		if !known[id] {
			broken = append(broken, fmt.Sprintf("letter %s stands in %v, the ledger does not know it", id, runs))
		}
	}
	return broken
}

// standing counts the letters that stand in no folder, and those that stand
// more than once.
func standing(all []row, folders []reader.Folder) (lost, twice int) {
	stands := make(map[string]int)
	for _, f := range folders {
		for _, l := range f.Letters {
			stands[l.ID]++
		}
	}
	for _, r := range all {
		if stands[r.id] == 0 {
			lost++
		}
		if stands[r.id] > 1 {
			twice++
		}
	}
	return lost, twice
}

func compareLetter(r row, stands []string, whole map[string]bool) (broken []string) {
	say := func(format string, args ...any) {
		broken = append(broken, fmt.Sprintf("letter %s: %s: ", r.id, r.state)+fmt.Sprintf(format, args...))
	}
	if len(stands) > 1 {
		say("stands in %v", stands)
	}
	left := r.state == "handed_over" || r.state == "posted"
	switch {
	case left && (len(stands) == 0 || stands[0] != r.run):
		say("stands in %v, not in its run %s", stands, r.run)
	case left && !whole[r.run]:
		say("its run %s is not whole", r.run)
	case !left && r.state != "uncertain" && r.state != "in_print_run" && len(stands) > 0:
		say("stands in %v", stands)
	}
	return broken
}

// killPrint kills `work` again and again while it makes print runs of a few
// letters each.
func killPrint(t testing.TB, h *house, k killing, points *coverage) *result {
	t.Helper()
	h.month(k.mails, "郵送")
	r := rand.New(rand.NewPCG(k.seed, 2))
	out := &result{points: points}
	scene := &stage{damaged: make(map[string]bool)}
	span := 120 * time.Millisecond
	for left := k.mails; out.goesOn(k); {
		if waiting(states(h.ledger())) == 0 {
			if left == 0 {
				break
			}
			some := min(left, max(1, left/max(1, k.kills-out.kills)))
			h.release(some)
			left -= some
		}
		each := plan(r, out.points, 1, out.kills >= k.kills)
		if each[0].point == "" {
			each[0].after = time.Duration(r.Int64N(int64(span)))
		}
		if left == 0 {
			atClaim(each, "for print run", out.kills < k.kills)
		}
		before := out.kills
		out.round([]*house{h}, scene, r, each)
		span = closer(span, out.kills > before)
		ledger := h.ledger()
		out.add(comparePrint(ledger, h.folders(), scene.damaged)...)
		out.add(h.reconcile()...)
		if out.kills%25 == 0 && out.kills > before {
			out.progress("letters", ledger)
		}
	}
	if len(out.broken) > 0 {
		return out
	}
	if left := states(h.ledger())["approved"]; left > 0 {
		h.release(left)
	}
	for range 8 { // what the printer does not have is printed again
		finish([]*house{h}, out.points)
		out.add(comparePrint(h.ledger(), h.folders(), scene.damaged)...)
		n, received := h.settle(shown(h.folders()))
		out.uncertain, out.received = out.uncertain+n, out.received+received
		if n == 0 {
			break
		}
	}
	out.close(h, comparePrint(h.ledger(), h.folders(), scene.damaged))
	out.gone, out.twice = standing(h.ledger(), h.folders())
	out.add(h.wrongPages(scene.damaged)...)
	return out
}

// closer draws the next kills nearer to the claim when one came too late: the
// letters of that life are through.
func closer(span time.Duration, killed bool) time.Duration {
	if !killed {
		return max(span/2, 10*time.Millisecond)
	}
	return min(span+5*time.Millisecond, 120*time.Millisecond)
}

// wrongPages looks for every letter on its pages, in each folder that is whole.
func (h *house) wrongPages(damaged map[string]bool) (broken []string) {
	h.t.Helper()
	for _, f := range h.folders() {
		if damaged[f.Run] {
			continue
		}
		wrong, err := reader.Pages(h.path("print"), f)
		h.must(err)
		broken = append(broken, wrong...)
	}
	return broken
}

func (h *house) folders() []reader.Folder {
	h.t.Helper()
	all, err := reader.Read(h.path("print"))
	h.must(err)
	return all
}

// TestKilledWhilePrinting: every letter stands before the printer once, in a
// folder that is whole; what cannot be known is uncertain, until the printer
// reports it.
func TestKilledWhilePrinting(t *testing.T) {
	t.Parallel()
	k := killing{kills: size("KILLS", 12), mails: size("LETTERS", 36), seed: seed(t)}
	points := newCoverage(printPoints())
	inHomes(t, k, 50, points, func(t *testing.T, k killing) *result {
		return killPrint(t, newHouse(t, program(t), ""), k, points)
	}).mustHold(t, k)
}
