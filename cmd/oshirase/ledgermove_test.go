package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

// TestLedgerMovesToPostgres: every figure, hash and record is there, neither
// ledger sends by itself, and two people let the new one go on.
func TestLedgerMovesToPostgres(t *testing.T) {
	t.Parallel()
	o, to := newOffice(t, ""), postgres(t)
	o.sentMonth(30)
	o.ok("show", string(o.in("handed_over")[0]), "--as", "hana", "--reason", "確認")
	o.ends(2, "migrate", "--to", "ledger.db")
	before := counts(t, o.ok("report", "--json"))
	out, _ := o.ends(5, "migrate", "--to", to, "--json")
	var moved moveJSON
	if err := json.Unmarshal([]byte(out), &moved); err != nil || moved.Rows == 0 || moved.Looks != officeRecords+2 {
		t.Fatalf("moved %s, %v", out, err)
	}
	o.ends(4, "work", "--once") // the old one
	o.ends(4, "migrate", "--to", to)
	o.db = to
	if after := counts(t, o.ok("report", "--json")); !maps.Equal(before, after) {
		t.Errorf("figures\n%v\nbefore\n%v", after, before)
	}
	o.ok("reconcile")
	o.ok("audit", "verify")
	o.ends(4, "work", "--once")
	o.ok("decide", "--propose", "resume", "--reason", "台帳を移した", "--as", "hana")
	o.ok("decide", "--decision", "1", "--confirm", "--as", "jiro")
	o.ok("work", "--once")
	o.ok("reconcile")
}

// TestRefusalsAreOneObject: with --json a command that made no report says why
// in one object.
func TestRefusalsAreOneObject(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for status, line := range map[int][]string{1: {"status", "2020-01", "--json"}, 2: {"show", "12", "--as", "hana", "--json"},
		4: {"approve", "2023-02", "--as", "hana", "--json"}} {
		out, errs := o.ends(status, line...)
		var got errorJSON
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.Error.Status != status || got.Error.Code == "" || !strings.Contains(errs, got.Error.Message) {
			t.Errorf("%v: %q, %v", line, out, err)
		}
	}
	if out, _ := o.ends(1, "status", "2020-01"); out != "" {
		t.Errorf("in words: %q", out)
	}
}
