//go:build long

package fault

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestPlantedBugsAreCaught: the harness proves itself. Each bug is built in,
// and the run that is clean without it must find something broken.
func TestPlantedBugsAreCaught(t *testing.T) {
	t.Parallel()
	s := seed(t)
	for _, b := range bugs() {
		t.Run(b.name, func(t *testing.T) {
			flag := overlay(t, strings.ReplaceAll(b.name, " ", "-"), b.planted(t))
			found := b.run(t, flag, s)
			if len(found) == 0 {
				t.Fatal("not caught: the harness proves nothing")
			}
			for _, what := range found[:min(len(found), 4)] {
				t.Logf("caught: %s", strings.Join(strings.Fields(what)[:min(len(strings.Fields(what)), 24)], " "))
			}
		})
	}
}

func (b bug) run(t *testing.T, flag string, s uint64) []string {
	t.Helper()
	if b.old == "" {
		return claimTest(t, flag)
	}
	bin := shared.build(t, strings.ReplaceAll(b.name, " ", "-"), "cmd/oshirase", "-tags", "failpoint", flag)
	h := newHouse(t, bin, "")
	if b.name == "no fsync before rename" {
		return killPrint(t, h, killing{kills: 60, mails: 60, seed: s}, newCoverage(printPoints())).broken
	}
	return killMails(t, []*house{h}, killing{kills: 60, mails: 400, seed: s, endings: everyEnding}, newCoverage(mailPoints())).broken
}

// claimTest runs the ledger's own test of the claim, under the plan that a
// planner may choose one day.
func claimTest(t *testing.T, flag string) []string {
	t.Helper()
	c := exec.Command("go", "test", "-count=1", flag, "oshirase/letters/store", "-run", "^TestClaimTakesNoMoreThanAsked$")
	c.Dir = module(t)
	c.Env = append(os.Environ(), "OSHIRASE_TEST_POSTGRES="+startCluster(t).url("postgres"))
	out, err := c.CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "asked for") {
			return []string{strings.TrimSpace(line)}
		}
	}
	t.Fatalf("the test of the claim failed for another reason:\n%s", out)
	return nil
}
