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
func comparePrint(all []row, folders []reader.Folder) (broken []string) {
	stands := make(map[string][]string)
	for _, f := range folders {
		for _, l := range f.Letters {
			stands[l.ID] = append(stands[l.ID], f.Run)
		}
	}
	whole := make(map[string]bool)
	for _, f := range folders {
		whole[f.Run] = len(f.Faults) == 0
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

func compareLetter(r row, stands []string, whole map[string]bool) (broken []string) {
	say := func(format string, args ...any) {
		broken = append(broken, fmt.Sprintf("letter %s: %s: ", r.id, r.state)+fmt.Sprintf(format, args...))
	}
	if len(stands) > 1 {
		say("stands in %v", stands)
	}
	switch {
	case r.state == "handed_over" && (len(stands) == 0 || stands[0] != r.run):
		say("stands in %v, not in its run %s", stands, r.run)
	case r.state == "handed_over" && !whole[r.run]:
		say("its run %s is not whole", r.run)
	case r.state != "handed_over" && r.state != "uncertain" && r.state != "in_print_run" && len(stands) > 0:
		say("stands in %v", stands)
	}
	return broken
}

// killPrint kills `work` again and again while it makes print runs of a few
// letters each.
func killPrint(t testing.TB, h *house, kills, n int, seed uint64, points *coverage) *result {
	t.Helper()
	h.month(n, "郵送")
	r := rand.New(rand.NewPCG(seed, 2))
	out := &result{points: points}
	for left := n; out.kills < kills && len(out.broken) == 0; {
		if some := min(left, max(1, n/kills)); some > 0 && waiting(states(h.ledger())) == 0 {
			h.release(some)
			left -= some
		}
		l := draw(r, out.points)
		l.after = time.Duration(r.Int64N(int64(120 * time.Millisecond)))
		d := h.live(r, l)
		out.points.note(l, d)
		out.lost += d.lost
		if d.killed {
			out.kills++
		}
		all := h.ledger()
		out.add(comparePrint(all, h.folders())...)
		out.add(h.reconcile()...)
		if out.kills%25 == 0 && d.killed {
			progress("letters: %d kills, %s", out.kills, told(states(all)))
		}
		if left == 0 && waiting(states(all)) == 0 {
			break
		}
	}
	if len(out.broken) > 0 {
		return out
	}
	if left := states(h.ledger())["approved"]; left > 0 {
		h.release(left)
	}
	h.finish(out.points)
	out.end = states(h.ledger())
	out.add(comparePrint(h.ledger(), h.folders())...)
	out.add(h.reconcile()...)
	if n := waiting(out.end); n > 0 {
		out.add(fmt.Sprintf("%d letters never came to an end: %s", n, told(out.end)))
	}
	return out
}

func (h *house) folders() []reader.Folder {
	h.t.Helper()
	all, err := reader.Read(h.path("print"))
	h.must(err)
	return all
}

// TestKilledWhilePrinting: every letter stands before the printer once, in a
// folder that is whole; what cannot be known is uncertain. Each hundred kills
// have a home of their own: every restart reads all its print folders back.
func TestKilledWhilePrinting(t *testing.T) {
	t.Parallel()
	s := seed(t)
	kills, n := size("KILLS", 12), size("LETTERS", 36)
	all := &result{points: newCoverage(), end: make(map[string]int)}
	for begun := 0; begun < kills; begun += 100 {
		some := min(100, kills-begun)
		h := newHouse(t, program(t), "")
		out := killPrint(t, h, some, n*some/kills, s+uint64(begun), all.points)
		for _, f := range h.folders() {
			wrong, err := reader.Pages(h.path("print"), f)
			h.must(err)
			out.add(wrong...)
		}
		for _, b := range out.broken {
			t.Error(b)
		}
		all.kills, all.lost = all.kills+out.kills, all.lost+out.lost
		for state, count := range out.end {
			all.end[state] += count
		}
		progress("letters: %d kills in all, %s", all.kills, told(all.end))
	}
	t.Logf("%d kills over %d letters, %d files or names lost with the power; at the end %s\nkilled at:\n%s",
		all.kills, n, all.lost, told(all.end), all.points)
	mustReach(t, all.points, "before rename: print run", "after rename: print run", "before fsync: file of print run",
		"after fsync of folder: print run", "before fsync of folder: print folder", "before commit: claim for print run",
		"before commit: begin print run", "after commit: finish print run", "before fsync: journal")
}
