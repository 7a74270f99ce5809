package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLostPacketsAreMadeAgain: approved packets stay as they are. One whose
// folder is gone, as after a restoration, is made again, and is approved again.
func TestLostPacketsAreMadeAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(t.TempDir(), "lists")
	o.ok("sample", "--contracts", "200", "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro")
	o.ok("packets", "2023-02")
	o.ok("approve", "2023-02", "--packets", "--as", "jiro")
	if _, errs := o.ends(4, "packets", "2023-02"); !strings.Contains(errs, "承認済み") {
		t.Errorf("approved packets made again: %s", errs)
	}
	made, err := filepath.Glob(filepath.Join(o.home, "packets", "2023-02", "*"))
	if err != nil || len(made) < 2 {
		t.Fatalf("%d packets, want two or more: %v", len(made), err)
	}
	if err := os.RemoveAll(made[0]); err != nil {
		t.Fatal(err)
	}
	out, _ := o.ends(1, "reconcile")
	if !strings.Contains(out, "packets") {
		t.Errorf("reconcile does not say how a lost packet comes back:\n%s", out)
	}
	if n := counts(t, o.ok("packets", "2023-02", "--json"))["packets"]; n != 1.0 {
		t.Errorf("%v packets made again, want the lost one alone", n)
	}
	o.ok("reconcile")
	o.ends(4, "packets", "2023-02") // the same day gives the same bytes: the approval holds
}
