//go:build long

package fault

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestPlantedDiskBugsAreCaught: each bug is built in, and a test that is clean
// without it must find something broken.
func TestPlantedDiskBugsAreCaught(t *testing.T) {
	s := seed(t)
	for _, b := range diskBugs() {
		t.Run(b.name, func(t *testing.T) {
			name := strings.ReplaceAll(b.name, " ", "-")
			bin := shared.build(t, name, "cmd/oshirase", "-tags", "failpoint", overlay(t, name, b.planted(t)))
			found := b.search(t, bin, s)
			if len(found) == 0 {
				t.Fatal("not caught: the tests prove nothing")
			}
			for _, what := range found[:min(len(found), 3)] {
				t.Logf("caught: %.300s", what)
			}
		})
	}
}

// search runs the tests of failing disks on a program with a bug until they
// find something.
func (b bug) search(t *testing.T, bin string, s uint64) []string {
	t.Helper()
	if b.name == "name not synced after a restart" {
		for range 8 { // what is not safe may be there all the same
			if found := restarted(t, bin).broken; len(found) > 0 {
				return found
			}
		}
		return nil
	}
	scenes := []scene{printScene(t, bin), mailScene(t, bin)}
	if b.name == "kept file not synced" {
		scenes = []scene{keptScene(t, bin)}
	}
	for _, build := range scenes {
		out := &failed{end: make(map[string]int)}
		for n := 1; out.try(t, build, failing{step: "fsync", n: n, as: "EIO"}, rand.New(rand.NewPCG(s, uint64(n)))); n++ {
			if found := harm(out.broken); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// harm leaves out that the program went on: that alone breaks nothing yet.
func harm(broken []string) []string {
	return slices.DeleteFunc(slices.Clone(broken), func(s string) bool { return strings.Contains(s, "sentences") })
}

// TestLedgerOnAFailingDisk: the same for SQLite's own files, whose fsyncs the
// kernel is made to refuse (strace). Which thread syncs is chance, and so is
// the one that fails; what holds does not depend on it.
func TestLedgerOnAFailingDisk(t *testing.T) {
	t.Parallel()
	s, failures := seed(t), 0
	for _, build := range []scene{printScene(t, program(t)), mailScene(t, program(t))} {
		for n := 1; n <= 4*size("FSYNCS", 1); n++ {
			h, hold, _ := build(t)
			d := newDisk(h, rand.New(rand.NewPCG(s, uint64(n))))
			code, out, failed := d.refused(n)
			if failed {
				failures++
			}
			if code != 0 && code != 1 && code != 5 { // 0: what failed was the last checkpoint, and the log has it all
				t.Errorf("fsync %d refused (%t): work ended with %d: %s", n, failed, code, out)
			}
			for range 2 {
				if code, out, _ := d.work(nil); code != 0 && code != 5 {
					t.Errorf("run again after fsync %d was refused, work ended with %d: %s", n, code, out)
				}
			}
			for _, b := range hold() {
				t.Errorf("fsync %d of the ledger refused: %s", n, b)
			}
			if left := waiting(states(h.ledger())); left > 0 {
				t.Errorf("fsync %d of the ledger refused: %d letters never came to an end", n, left)
			}
		}
	}
	t.Logf("%d fsyncs of the ledger refused", failures)
	if failures == 0 {
		t.Error("no fsync was refused: nothing is proved")
	}
}

// refused is a life in which the kernel refuses the n-th fsync of a thread on
// the ledger's files.
func (d *disk) refused(n int) (code int, out string, failed bool) {
	d.t.Helper()
	c := d.command(nil, "work", "--once")
	log := d.path("strace")
	line := []string{"-f", "-y", "-e", "signal=none", "-o", log, "-e", "trace=fsync,fdatasync", "-e", fmt.Sprintf("inject=fsync,fdatasync:error=EIO:when=%d", n)}
	for _, name := range []string{"ledger.db", "ledger.db-wal"} {
		line = append(line, "-P", d.path(name))
	}
	traced := exec.Command("strace", append(line, c.Args...)...)
	traced.Env, traced.SysProcAttr = c.Env, c.SysProcAttr
	var said bytes.Buffer
	traced.Stdout, traced.Stderr = &said, &said
	_ = traced.Run() // its status is looked at
	if traced.ProcessState == nil {
		d.t.Fatal("strace is missing")
	}
	calls, err := os.ReadFile(log)
	d.must(err)
	return traced.ProcessState.ExitCode(), said.String(), bytes.Contains(calls, []byte("INJECTED"))
}
