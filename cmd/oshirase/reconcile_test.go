package main

import (
	"strings"
	"testing"
)

// TestReconcileFindsPagesThatWereNotApproved: the ledger has other pages as
// approved than those that stand in the print folder.
func TestReconcileFindsPagesThatWereNotApproved(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.sentMonth(12)
	o.ok("reconcile")
	ids, _ := o.printedIDs()
	o.exec(`UPDATE dispatch SET content_hash = '` + strings.Repeat("0", 64) + `' WHERE letter_id = '` + string(ids[0]) + `'`)
	out, _ := o.ends(1, "reconcile", "--json")
	if !strings.Contains(out, "I7") || !strings.Contains(out, string(ids[0])) || strings.Contains(out, "I5") {
		t.Errorf("reconcile says %s, want I7 of %s alone", out, ids[0])
	}
}
