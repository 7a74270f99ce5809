//go:build long

package fault

import "testing"

// TestPlantedSettlingIsCaught: a worker that settles other workers' open runs
// gives back letters that are being handed over at that moment.
func TestPlantedSettlingIsCaught(t *testing.T) {
	t.Parallel()
	b := bug{"settles others' runs", "cmd/oshirase/workshop.go",
		`return strings.Contains(id, "-"+w.h.tag()+"-")`, `return strings.Contains(id, "-")`}
	bin := shared.build(t, "settles", "cmd/oshirase", "-tags", "failpoint", overlay(t, "settles", b.planted(t)))
	s := seed(t)
	for try := range uint64(5) {
		o := openBureau(t, bin, 4, 80, false, s+try)
		o.trouble(80, 30, 0)
		if len(o.broken) > 0 {
			t.Logf("caught: %.300s", o.broken[len(o.broken)-1])
			return
		}
	}
	t.Fatal("not caught: the test proves nothing")
}
