package fault

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// damage tears a file: cut off, or one bit turned, at a place of the seed.
func damage(t testing.TB, r *rand.Rand, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := r.IntN(len(raw))
	if r.IntN(2) == 0 {
		raw = raw[:at]
	} else {
		raw[at] ^= 1 << r.IntN(8)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTornRunIsFoundAtStart kills work between the folder's appearing and the
// commit that records it, damages one file, and starts work again: the run is
// uncertain, its letters neither handed over nor queued.
func TestTornRunIsFoundAtStart(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(seed(t), 4))
	base := newHouse(t, program(t), "")
	base.month(6, "郵送")
	base.release(6)
	d := base.live(life{point: "before commit: finish print run@1", after: lifetime})
	if !d.killed {
		t.Fatalf("work was not killed:\n%s", d.out)
	}
	for _, name := range torn(t, base) {
		for range size("TORN", 1) {
			h := base.copy(t)
			damage(t, r, filepath.Join(h.path("print"), name))
			code, out := h.run("work", "--once")
			if n := states(h.ledger()); code != 5 || n["uncertain"] != 6 {
				t.Errorf("%s damaged: work ended with %d, %s\n%s", name, code, told(n), out)
			}
			for _, b := range h.reconcile() {
				t.Error(b)
			}
		}
	}
	whole := base.copy(t)
	whole.ok("work", "--once")
	if n := states(whole.ledger()); n["handed_over"] != 6 {
		t.Errorf("undamaged: %s", told(n))
	}
}

// TestTornFolderIsFoundByReconcile damages a file of a run that was handed over.
func TestTornFolderIsFoundByReconcile(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(seed(t), 5))
	base := newHouse(t, program(t), "")
	base.month(6, "郵送")
	base.release(6)
	base.ok("work", "--once")
	if b := base.reconcile(); len(b) > 0 {
		t.Fatal(b)
	}
	for _, name := range torn(t, base) {
		for range size("TORN", 1) {
			h := base.copy(t)
			damage(t, r, filepath.Join(h.path("print"), name))
			if len(h.reconcile()) == 0 {
				t.Errorf("%s is damaged, and reconcile did not find it", name)
			}
		}
	}
}

// torn names the files of the house's one print run, below print.
func torn(t testing.TB, h *house) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(h.path("print"), "*", "*"))
	if err != nil || len(found) < 5 {
		t.Fatalf("%v in the print folder, %v", found, err)
	}
	var out []string
	for _, path := range found {
		rel, err := filepath.Rel(h.path("print"), path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rel)
	}
	return out
}
