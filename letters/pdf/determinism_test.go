package pdf

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// hashLines is what a process of its own prints.
func hashLines(out map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(out)) {
		fmt.Fprintf(&b, "%s %s\n", k, out[k])
	}
	return b.String()
}

// TestSameBytesInOtherProcesses draws the same letters in two further
// processes, one of them single-threaded and in reversed order.
func TestSameBytesInOtherProcesses(t *testing.T) {
	order := slices.Clone(goldenOrder)
	if mode := os.Getenv("OSHIRASE_HASHES"); mode != "" {
		if mode == "reversed" {
			slices.Reverse(order)
		}
		fmt.Print("<<" + hashLines(outputs(t, newShared(t), order)) + ">>")
		return
	}
	t.Parallel()
	want := hashLines(outputs(t, newShared(t), order))
	for _, env := range [][]string{{"OSHIRASE_HASHES=straight"}, {"OSHIRASE_HASHES=reversed", "GOMAXPROCS=1"}} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSameBytesInOtherProcesses$")
		cmd.Env = append(os.Environ(), env...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(string(out), "<<")
		got, _, _ = strings.Cut(got, ">>")
		if got != want {
			t.Errorf("%v:\n got %s\nwant %s", env, got, want)
		}
	}
}

// TestSameBytesFromManyWorkers shares one Shared among workers that draw in
// different orders, some of them with warm caches.
func TestSameBytesFromManyWorkers(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	want := hashLines(outputs(t, s, goldenOrder))
	var wg sync.WaitGroup
	for i := range 6 {
		order := slices.Clone(goldenOrder)
		order = append(order[i%4:], order[:i%4]...)
		wg.Go(func() {
			if got := hashLines(outputs(t, s, order)); got != want {
				t.Errorf("worker %d:\n got %s\nwant %s", i, got, want)
			}
		})
	}
	wg.Wait()
}

// TestContentHashBindsTheGeometry: the same words on another sheet are
// another letter.
func TestContentHashBindsTheGeometry(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	sheet := sampleSheet()
	sheet.Window.InnerWidth = 229
	other, err := NewShared(Config{Library: s.config.Library, Sheet: sheet, TemplateText: templateText()})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := outputs(t, s, goldenOrder[2:3]), outputs(t, other, goldenOrder[2:3]); a["mail content"] == b["mail content"] {
		t.Error("the content hash does not see the geometry")
	}
}
