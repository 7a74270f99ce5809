package fault

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"oshirase/batch/fault/reader"
)

// bureau is a print shop of several workers on one PostgreSQL, each in a home
// of its own.
type bureau struct {
	*result
	houses  []*house
	folders string   // the one print folder of all; "" = each has its own
	printer *printer // the server on which all drop their runs; nil = the folders are the hand-over
	cluster *cluster
	r       *rand.Rand
	seen    map[string]bool // every run that was ever before the printer
	crashed int
}

func openBureau(t testing.TB, bin string, workers, letters int, oneFolder bool, seed uint64) *bureau {
	t.Helper()
	c := startCluster(t)
	h := newHouse(t, bin, c.url("postgres"))
	b := &bureau{result: &result{points: newCoverage(printPoints()), end: make(map[string]int)}, houses: []*house{h}, cluster: c,
		r: rand.New(rand.NewPCG(seed, 11)), seen: make(map[string]bool)}
	if oneFolder {
		b.folders = filepath.Join(t.TempDir(), "print")
		h.vars["OSHIRASE_PRINT_OUT"] = b.folders
	}
	h.month(letters, "郵送")
	for range workers - 1 {
		b.houses = append(b.houses, h.another(t))
	}
	return b
}

// roots are the folders that the printer looks into.
func (b *bureau) roots() []string {
	if b.printer != nil {
		return []string{b.printer.root, b.printer.fetched}
	}
	if b.folders != "" {
		return []string{b.folders}
	}
	var all []string
	for _, h := range b.houses {
		all = append(all, h.path("print"))
	}
	return all
}

// stands reads what is before the printer now, and looks for every letter on
// its pages where that is asked.
func (b *bureau) stands(pages bool) []reader.Folder {
	h := b.houses[0]
	h.t.Helper()
	if b.printer != nil {
		b.printer.quiet()
	}
	var all []reader.Folder
	for _, root := range b.roots() {
		some, err := reader.Read(root)
		h.must(err)
		all = append(all, some...)
		for i := range some {
			if pages {
				wrong, err := reader.Pages(root, some[i])
				h.must(err)
				b.add(wrong...)
			}
		}
	}
	return all
}

// watch looks for runs that appear, until over is closed: one that was seen
// and is gone could have been fetched meanwhile.
func (b *bureau) watch(over <-chan struct{}) {
	for {
		for _, root := range b.roots() {
			entries, _ := os.ReadDir(root) // it may not be there yet
			for _, e := range entries {
				if !strings.HasPrefix(e.Name(), ".") {
					b.seen[e.Name()] = true
				}
			}
		}
		select {
		case <-over:
			return
		case <-time.After(3 * time.Millisecond):
		}
	}
}

// release queues two tranches of a few letters, each for a posting day of its
// own, so that several workers find something to claim.
func (b *bureau) release(some int) {
	h := b.houses[0]
	h.t.Helper()
	for i, n := range []int{some - some/2, some / 2} {
		if n > 0 {
			count, day := strconv.Itoa(n), fmt.Sprintf("2023-02-%02d", 9+i)
			h.ok("release", "2023-02", "--as", "jiro", "--limit", count, "--expect", count, "--post-on", day)
		}
	}
}

// round lets one life pass in every house, all at once, and perhaps the
// database crash in their midst.
func (b *bureau) round(crash, last bool) {
	each := plan(b.r, b.points, len(b.houses), false)
	for i := range each {
		each[i].power = each[i].power && b.printer != nil && b.folders == "" // else each machine keeps its own
		if b.printer != nil && b.r.IntN(12) == 0 {
			each[i].vars = b.printer.stranger()
		}
		if each[i].point == "" {
			each[i].after = time.Duration(b.r.Int64N(int64(120 * time.Millisecond)))
		}
	}
	atClaim(each, "for print run", last)
	wait := time.Duration(b.r.Int64N(int64(time.Second)))
	over := make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(func() { b.watch(over) })
	if crash {
		b.crashed++
		beside.Go(func() { time.Sleep(wait); b.cluster.crash() })
	}
	deaths := lives(b.houses, each)
	close(over)
	beside.Wait()
	b.note(each, deaths)
	for _, d := range deaths {
		if !d.killed && d.code != 0 && d.code != 5 && !b.waits(d) {
			b.add(fmt.Sprintf("work ended with %d: %s", d.code, d.out))
		}
	}
}

// waits reports whether a worker ended since its run is not yet on the server.
func (b *bureau) waits(d death) bool {
	return b.printer != nil && d.code == 1 && strings.Contains(strings.ReplaceAll(d.out, " ", ""), `"print_not_dropped":true`)
}

// check holds the ledger against everything that ever was before the printer.
func (b *bureau) check() {
	now := b.stands(false)
	b.add(comparePrint(b.houses[0].ledger(), now, nil)...)
	names := make(map[string]int)
	for _, f := range now {
		if names[f.Run]++; names[f.Run] > 1 {
			b.add(fmt.Sprintf("run %s stands twice", f.Run))
		}
	}
	for run := range b.seen {
		if names[run] == 0 {
			b.add(fmt.Sprintf("run %s was before the printer and is gone", run))
		}
	}
	if b.printer != nil {
		b.add(b.printer.wrong(now)...)
	}
	b.add(b.houses[0].reconcile()...)
}

// trouble kills the workers and crashes the database until both have been done
// as often as asked, while n letters are printed; then it lets everything end.
func (b *bureau) trouble(n, kills, crashes int) {
	h := b.houses[0]
	h.t.Helper()
	left := n
	for len(b.broken) == 0 && (b.kills < kills || b.crashed < crashes) && (left > 0 || waiting(states(h.ledger())) > 0) {
		if left > 0 {
			some := left
			if more := kills - b.kills; more > 0 {
				some = min(left, max(2, left/(more+5))) // some are kept back: a life may end unkilled
			}
			b.release(some)
			left -= some
		}
		rounds := max(1, (kills-b.kills)/2) // that are still to come, about
		crash := b.r.IntN(rounds) < crashes-b.crashed || left == 0 && b.crashed < crashes
		b.round(crash, left == 0 && b.kills < kills)
		b.check()
		progress("shared printing: %d kills, %d crashes, %s", b.kills, b.crashed, told(states(h.ledger())))
	}
	b.release(left)
	finish(b.houses)
	b.check()
	b.close(h, nil)
	b.gone, b.twice = standing(h.ledger(), b.stands(true))
}

// byHouse counts the runs that each home handed over, by its tag in their IDs.
func (b *bureau) byHouse() []int {
	n := make(map[string]int)
	for _, f := range b.stands(false) {
		n[f.Run[len(f.Run)-15:len(f.Run)-9]]++
	}
	return slices.Sorted(maps.Values(n))
}

// TestWorkersShareThePrinting: several workers print from one ledger on
// PostgreSQL, each killed again and again, the database crashed in their
// midst. Every letter stands before the printer once, in one run, in one
// print file; a run that was ever shown stands; and it all adds up.
func TestWorkersShareThePrinting(t *testing.T) {
	t.Parallel()
	s := seed(t)
	n, kills, crashes, workers := size("SHARED_LETTERS", 16), size("SHARED_KILLS", 4), size("PRINT_CRASHES", 1), size("WORKERS", 4)
	modes := []bool{true, false}
	if os.Getenv("FAULT_SHARED_LETTERS") == "" {
		modes = modes[:1]
	}
	for _, oneFolder := range modes {
		b := openBureau(t, program(t), workers, n, oneFolder, s)
		begun := time.Now()
		b.trouble(n, kills, crashes)
		for _, broken := range b.broken {
			t.Error(broken)
		}
		if b.gone+b.twice > 0 || b.kills < kills || b.crashed < crashes {
			t.Errorf("lost %d, twice %d; %d of %d kills, %d of %d crashes", b.gone, b.twice, b.kills, kills, b.crashed, crashes)
		}
		t.Logf("%d workers (one print folder: %t), %d letters, %d kills and %d crashes of PostgreSQL in %s: lost %d, twice %d; at the end %s; runs by worker %v",
			workers, oneFolder, n, b.kills, b.crashed, time.Since(begun).Round(time.Second), b.gone, b.twice, told(b.end), b.byHouse())
	}
}
