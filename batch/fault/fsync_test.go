package fault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// A disk may say that it did not keep what it was given (EIO, ENOSPC at an
// fsync or a rename). Then nothing of that step counts: the program stops with
// one sentence, and whatever the ledger calls handed over stands on the disk,
// even when the power goes at that moment, or later, after a run that came to
// its end. The tests fail each step of a small run in turn.

// failing is a life in which a durable step fails, or at which it is killed.
type failing struct {
	step  string // fsync, rename, or answer to rename: it is done, and said to have failed
	n     int
	as    string // EIO or ENOSPC
	kill  string // a failpoint instead
	early bool   // the power goes right after it; else after the next run has come to its end
}

func (f failing) String() string {
	return fmt.Sprintf("%s%s %d: %s, power lost at once: %t", f.kill, f.step, f.n, f.as, f.early)
}

func (f failing) vars() map[string]string {
	if f.kill != "" {
		return map[string]string{"OSHIRASE_FAILPOINT": f.kill}
	}
	return map[string]string{"OSHIRASE_FAIL": fmt.Sprintf("%s@%d=%s", f.step, f.n, f.as)}
}

// disk is a house's disk over several lives.
type disk struct {
	*house
	p    *power
	r    *rand.Rand
	line []string // the command whose steps fail
}

func newDisk(h *house, r *rand.Rand) *disk {
	h.t.Helper()
	p, err := newPower(h.home)
	h.must(err)
	return &disk{h, p, r, []string{"work", "--once"}}
}

// work is one life of the command, to its own end or to where vars end it. met tells whether it came there.
func (d *disk) work(vars map[string]string) (code int, out string, met bool) {
	d.t.Helper()
	record := d.path("disk")
	d.must(os.WriteFile(record, nil, 0o600))
	all := map[string]string{"OSHIRASE_DISK": record}
	maps.Copy(all, vars)
	var said bytes.Buffer
	c := d.command(all, d.line...)
	c.Stdout, c.Stderr = &said, &said
	_ = c.Run() // its status is looked at
	steps, err := os.ReadFile(record)
	d.must(err)
	d.must(d.p.follow(steps))
	code = c.ProcessState.ExitCode()
	return code, said.String(), code == -1 || bytes.Contains(steps, []byte(`["failed"`))
}

// off takes the power away. What stands afterwards is safe.
func (d *disk) off() {
	d.t.Helper()
	_, err := d.p.take(d.r)
	d.must(err)
	d.p, err = newPower(d.home)
	d.must(err)
}

// checks are what must hold of the house at any time.
type checks func() []string

// try lets one step fail, or kills at it, and runs again. It reports what is
// broken, and whether there was such a step at all.
func (d *disk) try(f failing, hold checks) (broken []string, reached bool) {
	d.t.Helper()
	say := func(some ...string) {
		for _, s := range some {
			broken = append(broken, fmt.Sprintf("%s: %s", f, s))
		}
	}
	code, out, met := d.work(f.vars())
	if !met {
		return nil, false
	}
	if n := sentences(out); f.kill == "" && (code != 1 || n != 1) {
		say(fmt.Sprintf("the command ended with %d and %d sentences: %s", code, n, out))
	}
	if f.early {
		d.off()
	}
	say(hold()...)
	for _, when := range []string{"run again", "after the loss of power"} {
		if code, out, _ := d.work(nil); code != 0 && code != 5 {
			say(fmt.Sprintf("%s, it ended with %d: %s", when, code, out))
		}
		d.off()
	}
	say(hold()...)
	if n := waiting(states(d.ledger())); n > 0 {
		say(fmt.Sprintf("%d letters never came to an end", n))
	}
	return broken, true
}

// sentences counts what was said to people: the lines that are no log.
func sentences(out string) (n int) {
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "{") && strings.Contains(line, "ディスク") {
			n++
		}
	}
	return n
}

// scene builds a house with something to do, and says what must hold of it.
type scene func(t testing.TB) (*house, checks, []string)

// printScene and mailScene are three letters each, copies of one house.
func printScene(t testing.TB, bin string) scene {
	base := newHouse(t, bin, "")
	base.month(3, "郵送")
	base.release(3)
	return func(t testing.TB) (*house, checks, []string) {
		h := base.copy(t)
		return h, func() []string { return append(comparePrint(h.ledger(), h.folders(), nil), h.reconcile()...) }, []string{"work", "--once"}
	}
}

func mailScene(t testing.TB, bin string) scene {
	base := newHouse(t, bin, "")
	base.month(3, "メール")
	base.release(3)
	return func(t testing.TB) (*house, checks, []string) {
		h := base.copy(t)
		w := startWitness(t, h, "ok=1", 1)
		return h, func() []string { return append(compareMails(h.ledger(), w.has(t)), h.reconcile()...) }, []string{"work", "--once"}
	}
}

// keptScene makes two letters and keeps their PDFs; packetScene makes a
// retailer's packet.
func keptScene(t testing.TB, bin string) scene {
	base := newHouse(t, bin, "")
	base.imported(2, "郵送")
	return func(t testing.TB) (*house, checks, []string) {
		h := base.copy(t)
		return h, func() []string { return append(h.compareKept(), h.reconcile()...) },
			[]string{"render", "2023-02", "--as", "hana", "--date", "2023-02-08", "--keep"}
	}
}

func packetScene(t testing.TB, bin string) scene {
	base := newHouse(t, bin, "")
	base.month(2, "郵送")
	return func(t testing.TB) (*house, checks, []string) {
		h := base.copy(t)
		return h, h.reconcile, []string{"packets", "2023-02"}
	}
}

// compareKept holds the kept PDFs against the ledger: of every letter that it
// calls rendered, the file that it names.
func (h *house) compareKept() (broken []string) {
	h.t.Helper()
	for _, r := range h.ledger() {
		if r.state != "rendered" {
			continue
		}
		name := fmt.Sprintf("archive/2023-02/letters/%s.g%d.pdf", r.id, r.generation)
		raw, err := os.ReadFile(h.path(name))
		if sum := sha256.Sum256(raw); err != nil || hex.EncodeToString(sum[:]) != r.fileHash {
			broken = append(broken, fmt.Sprintf("letter %s: rendered, and its kept file is not the one that was made (%v)", r.id, err))
		}
	}
	return broken
}

// failed is what a test of a failing disk showed.
type failed struct {
	broken []string
	tried  int
	end    map[string]int
}

func (f *failed) try(t *testing.T, build scene, one failing, r *rand.Rand) (reached bool) {
	t.Helper()
	h, hold, line := build(t)
	d := newDisk(h, r)
	d.line = line
	broken, reached := d.try(one, hold)
	if !reached {
		return false
	}
	f.tried++
	f.broken = append(f.broken, broken...)
	for state, n := range states(h.ledger()) {
		f.end[state] += n
	}
	return true
}

// failEach fails every step of a run in turn, each in a scene of its own: in a
// small test the first kinds, and of fsyncs every so many.
func failEach(t *testing.T, build scene, first, every int) *failed {
	t.Helper()
	s := seed(t)
	out := &failed{end: make(map[string]int)}
	kinds := []failing{{step: "fsync", as: "EIO"}, {step: "rename", as: "EIO"}, {step: "answer to rename", as: "EIO"}}
	if size("FSYNCS", 0) == 0 {
		kinds = kinds[:first]
	} else {
		every = 1
		kinds = append(kinds, failing{step: "fsync", as: "EIO", early: true}, failing{step: "fsync", as: "ENOSPC", early: true},
			failing{step: "rename", as: "ENOSPC", early: true})
	}
	for _, kind := range kinds {
		kind.n = 1
		if kind.step == "fsync" {
			kind.n += int(s) % every
		}
		for ; out.try(t, build, kind, rand.New(rand.NewPCG(s, uint64(kind.n)))); kind.n += every {
			progress("failing disk: %s", kind)
		}
	}
	return out
}

func (f *failed) tell(t *testing.T) {
	t.Helper()
	for _, b := range f.broken {
		t.Error(b)
	}
	t.Logf("%d steps failed in turn; at the end %s", f.tried, told(f.end))
	if f.tried == 0 {
		t.Error("no step failed: nothing is proved")
	}
}

// TestPrintOnAFailingDisk: no run is handed over that the disk did not keep.
func TestPrintOnAFailingDisk(t *testing.T) {
	t.Parallel()
	failEach(t, printScene(t, program(t)), 3, 6).tell(t)
}

// TestMailOnAFailingDisk: no dot is sent for what the journal did not keep,
// and none twice.
func TestMailOnAFailingDisk(t *testing.T) {
	t.Parallel()
	failEach(t, mailScene(t, program(t)), 1, 4).tell(t)
}

// TestArchiveOnAFailingDisk: no letter is rendered whose kept file the disk
// did not keep, and no packet made.
func TestArchiveOnAFailingDisk(t *testing.T) {
	t.Parallel()
	failEach(t, keptScene(t, program(t)), 1, 8).tell(t)
	if size("FSYNCS", 0) > 0 {
		failEach(t, packetScene(t, program(t)), 1, 1).tell(t)
	}
}

// TestPowerLostAfterTheRestart: killed between a step and what makes it
// durable, started again, and only then without power: what the second life
// took for standing stands.
func TestPowerLostAfterTheRestart(t *testing.T) {
	t.Parallel()
	restarted(t, program(t)).tell(t)
}

func restarted(t *testing.T, bin string) *failed {
	t.Helper()
	out := &failed{end: make(map[string]int)}
	for _, c := range []struct {
		build  scene
		points []string
	}{
		{printScene(t, bin), []string{"before fsync of folder: print folder@2", "before fsync of folder: print folder@3", "after rename: print run@1"}},
		{mailScene(t, bin), []string{"before fsync: journal@1"}},
	} {
		for _, point := range c.points {
			for i := range max(1, size("FSYNCS", 0)) {
				if !out.try(t, c.build, failing{kill: point}, rand.New(rand.NewPCG(seed(t), uint64(i)))) {
					t.Errorf("%q was not reached", point)
				}
			}
		}
	}
	return out
}

// diskBugs are planted to see that these tests find them.
func diskBugs() []bug {
	return []bug{
		{"failed fsync ignored", "letters/disk/disk.go", "\t\trecord(\"unsynced\", f)\n\t\treturn err\n", "\t\trecord(\"unsynced\", f)\n\t\treturn nil\n"},
		{"kept file not synced", "letters/archive/archive.go", `disk.Sync("archive file", f)`, "error(nil)"},
		{"failed journal synced again", "letters/journal/journal.go", `disk.Rewrite("journal at start", j.path, max(0, good-tail))`, "error(nil)"},
		{"name not synced after a restart", "batch/printing/shop.go", `disk.SyncDir("print folder", s.Maker.Root)`, `disk.SyncDir("print folder", filepath.Dir(s.Maker.Root))`},
	}
}

// TestPlantedDiskBugsApply: every planted bug still finds its place.
func TestPlantedDiskBugsApply(t *testing.T) {
	t.Parallel()
	for _, b := range diskBugs() {
		b.planted(t)
	}
}
