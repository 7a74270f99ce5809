//go:build long

package fault

import (
	"strings"
	"testing"
)

// TestPlantedDropBugsAreCaught: each bug on the way to the printer's server is
// built in, and the run that is clean without it finds something broken.
func TestPlantedDropBugsAreCaught(t *testing.T) {
	t.Parallel()
	s := seed(t)
	for _, b := range dropBugs() {
		t.Run(b.name, func(t *testing.T) {
			name := strings.ReplaceAll(b.name, " ", "-")
			bin := shared.build(t, name, "cmd/oshirase", "-tags", "failpoint", overlay(t, name, b.planted(t)))
			for try := range uint64(5) {
				o := openDropBureau(t, bin, 2, 60, false, s+try)
				o.printer.endings(b.endings)
				o.storm(60, 40, 0)
				if len(o.broken) > 0 {
					t.Logf("caught after %d kills: %.300s", o.kills, o.broken[0])
					return
				}
			}
			t.Fatal("not caught: the test proves nothing")
		})
	}
}
