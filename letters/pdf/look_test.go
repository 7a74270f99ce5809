package pdf

import (
	"os"
	"testing"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		return
	}
	r := newShared(t).NewRenderer()
	for name, n := range map[string]int{"one": 1, "nine": 9, "eighty": 80} {
		p, err := r.Pages(sampleInput(n))
		if err != nil {
			t.Fatal(err)
		}
		w, _ := os.Create(dir + "/" + name + ".pdf")
		if _, _, err := r.Single(p, w); err != nil {
			t.Fatal(err)
		}
		w.Close()
	}
}
