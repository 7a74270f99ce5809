package fault

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// moods are the endings of a printer's server on a bad day.
const moods = "ok=20,fetch=30,slow=5,lost-answer=5,lost-fetched=5,lost-away=2,late=5,late-fetched=5,late-away=2,cut-before=4,away-before=2," +
	"refuse-rename=3,cut-upload=4,full=3,torn=3,denied=1,gone=1"

// openDropBureau is a bureau whose workers drop their runs on one server.
func openDropBureau(t testing.TB, bin string, workers, letters int, oneFolder bool, seed uint64) *bureau {
	t.Helper()
	b := openBureau(t, bin, workers, letters, oneFolder, seed)
	b.points = newCoverage(dropPoints())
	b.printer = startPrinter(t, moods, seed)
	for _, h := range b.houses {
		for key, value := range b.printer.vars() {
			h.vars[key] = value
		}
	}
	return b
}

// settle books what the printer reports of uncertain letters, and has two
// people decide of those that it does not have.
func (b *bureau) settle() {
	h := b.houses[0]
	h.t.Helper()
	b.printer.catchUp()
	uncertain, received := h.settle(shown(b.stands(false)))
	b.uncertain, b.received = b.uncertain+uncertain, b.received+received
}

// storm kills the workers, crashes the database and lets the server end badly
// until all of it has been done as often as asked, or n letters are dropped.
func (b *bureau) storm(n, kills, crashes int) {
	h := b.houses[0]
	h.t.Helper()
	aimed := func() bool { return b.points.whole(kills) && len(b.points.missed()) > 0 && b.kills < kills+100 }
	for left := n; len(b.broken) == 0 && (b.kills < kills || b.crashed < crashes || aimed()); {
		wait := waiting(b.states())
		if wait == 0 && left == 0 {
			return
		}
		if wait < len(b.houses) && left > 0 {
			rounds := max(1, kills-b.kills)/len(b.houses) + 3 // some letters are kept back: a life may end unkilled
			some := min(left, max(len(b.houses), left/rounds))
			b.release(some)
			left -= some
		}
		crash := b.r.IntN(max(1, (kills-b.kills)/len(b.houses))) < crashes-b.crashed || left == 0 && b.crashed < crashes
		b.round(crash, left == 0 && b.kills < kills)
		b.check()
		if b.r.IntN(8) == 0 {
			b.settle()
			b.check()
		}
		progress("printer's server: %d kills, %d crashes, %s", b.kills, b.crashed, told(b.states()))
	}
}

// calm lets everything come to its end with a server that is well.
func (b *bureau) calm() {
	b.printer.endings("ok=1")
	if left := b.states()["approved"] - len(b.houses); left > 0 {
		b.release(left)
	}
	for len(b.broken) == 0 && (waiting(b.states()) > 0 || b.states()["uncertain"] > 0) {
		finish(b.houses)
		b.check()
		b.settle()
	}
}

func (b *bureau) states() map[string]int { return states(b.houses[0].ledger()) }

// tidy has every home that left something on the server hand one more run on,
// and be killed while it removes it. Nothing is left there then.
func (b *bureau) tidy() {
	for _, h := range b.houses {
		if !slices.ContainsFunc(b.printer.left(), h.begun) {
			continue
		}
		b.release(1)
		for i, point := range tidyPoints() {
			l := life{point: point + "@1", early: true, after: lifetime}
			d := h.live(l)
			b.note([]life{l}, []death{d})
			if i == 0 && !d.killed { // of an empty folder no file is removed
				b.add(fmt.Sprintf("%s was not come by: %s", point, d.out))
			}
		}
		finish([]*house{h})
	}
	for _, name := range b.printer.left() {
		b.add("left on the printer's server: " + name)
	}
	if left := b.states()["approved"]; left > 0 {
		b.release(left)
		finish(b.houses)
	}
	b.check()
}

// begun reports whether a print run's folder is of this home.
func (h *house) begun(folder string) bool {
	raw, err := os.ReadFile(h.path("home.id"))
	h.must(err)
	return strings.Contains(filepath.Base(folder), "-"+string(raw[:6])+"-")
}

// through runs it all, and counts what is lost and what the printer has twice.
func (b *bureau) through(n, kills, crashes int) {
	b.storm(n-len(b.houses), kills, crashes)
	if len(b.broken) > 0 {
		return
	}
	b.calm()
	b.tidy()
	b.close(b.houses[0], nil)
	b.gone, b.twice = standing(b.houses[0].ledger(), b.stands(true))
}

// strayed names the failpoints that were passed and that nobody declared.
func (b *bureau) strayed() []string {
	return slices.DeleteFunc(b.points.undeclared(), func(name string) bool {
		return slices.Contains(slices.Concat(printPoints(), tidyPoints()), name)
	})
}

// TestWorkersShareAPrinter: several workers drop their print runs on one
// server, which ends badly in every way; each is killed again and again at
// random and at every step of the drop, without power, and the database is
// crashed in their midst. Every letter is before the printer once, whole from
// the instant it can be seen; what nobody can tell of, the receipt tells; and
// nothing of ours is left there.
func TestWorkersShareAPrinter(t *testing.T) {
	t.Parallel()
	s := seed(t)
	n, kills, crashes, workers := size("SFTP_LETTERS", 10), size("SFTP_KILLS", 4), size("SFTP_CRASHES", 1), size("SFTP_WORKERS", 2)
	modes := []bool{false, true}
	if kills < 20 {
		modes = modes[s%2 : s%2+1]
	}
	for i, oneFolder := range modes {
		b := openDropBureau(t, program(t), workers, n, oneFolder, s+uint64(i))
		begun := time.Now()
		b.through(n, kills, crashes)
		for _, broken := range b.broken {
			t.Error(broken)
		}
		if short := kills < 20; b.gone+b.twice > 0 || !short && (b.kills < kills || b.crashed < crashes) {
			t.Errorf("lost %d, twice %d; %d of %d kills, %d of %d crashes", b.gone, b.twice, b.kills, kills, b.crashed, crashes)
		}
		if names := b.strayed(); len(names) > 0 {
			t.Errorf("failpoints were passed that nobody declared: %q", names)
		}
		if missed := b.points.missed(); len(missed) > 0 && b.points.whole(kills) {
			t.Errorf("never killed at %q", missed)
		}
		t.Logf("%d workers (one print folder: %t), %d letters in %d runs, %d kills and %d crashes of PostgreSQL in %s: lost %d, twice %d, uncertain %d of which received %d; %d files or names lost with the power; at the end %s; shown %s\nkilled at:\n%s",
			workers, oneFolder, n, len(b.printer.shown()), b.kills, b.crashed, time.Since(begun).Round(time.Second), b.gone, b.twice,
			b.uncertain, b.received, b.lost, told(b.end), b.printer.tally(), b.points)
	}
}
