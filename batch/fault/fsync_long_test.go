//go:build long

package fault

import (
	"math/rand/v2"
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
	for _, build := range []scene{printScene(t, bin), mailScene(t, bin)} {
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
