package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oshirase/letters/audit"
)

// chainOf reads a home's whole audit chain.
func chainOf(t *testing.T, o *office) []audit.Record {
	t.Helper()
	h := o.opened()
	log, closeLog, err := h.chain()
	if err != nil {
		t.Fatal(err)
	}
	defer closeLog()
	var all []audit.Record
	for r, err := range log.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// keepings are the chain's records of backups and restorations, without what
// chains them.
func keepings(all []audit.Record) (out []string) {
	for _, r := range all {
		if r.Action == "backup" || r.Action == "restore" {
			out = append(out, strings.Join([]string{r.Actor, r.Action, r.Object, r.Reason, r.Outcome, r.Client, time.UnixMicro(r.At).UTC().Format(time.DateOnly)}, " "))
		}
	}
	return out
}

func sumOf(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// tookAndRestored holds both chains against the file: the one the backup was
// taken from says that it was, and the restored one that it is restored; the
// backup, taken before, knows of neither.
func tookAndRestored(t *testing.T, from, to *office, file string) {
	t.Helper()
	day := from.now.UTC().Format(time.DateOnly)
	took := "account:keeper backup " + sumOf(t, file) + "  done terminal " + day
	if got := keepings(chainOf(t, from)); !slices.Equal(got, []string{took}) {
		t.Errorf("the chain says %q, want %q", got, took)
	}
	restored := "account:keeper restore " + sumOf(t, file) + "  done terminal " + day
	if got := keepings(chainOf(t, to)); !slices.Equal(got, []string{restored}) {
		t.Errorf("the restored chain says %q, want %q", got, restored)
	}
}

// A person who takes a backup is named; one who cannot sign in takes none.
func TestBackupNamesThePerson(t *testing.T) {
	t.Parallel()
	for _, db := range []string{"", "postgres"} {
		t.Run("ledger "+db, func(t *testing.T) {
			t.Parallel()
			url := ""
			if db != "" {
				url = postgres(t)
			}
			o, _, _ := backupOffice(t, url)
			file := filepath.Join(t.TempDir(), "b.age")
			o.ends(4, "backup", file, "--as", "nobody")
			if there(file) || len(keepings(chainOf(t, o))) != 0 {
				t.Error("a stranger took a backup")
			}
			o.ok("backup", file, "--as", "hana")
			if got := keepings(chainOf(t, o)); len(got) != 1 || !strings.HasPrefix(got[0], "hana backup "+sumOf(t, file)) {
				t.Errorf("the chain says %q", got)
			}
			o.ok("audit", "verify")
		})
	}
}

// No record, no backup: a chain that takes nothing leaves no file.
func TestBackupWithoutRecordIsNone(t *testing.T) {
	t.Parallel()
	o, _, _ := backupOffice(t, "")
	o.ok("backup", filepath.Join(t.TempDir(), "first.age"))
	chain := filepath.Join(o.home, "audit.jsonl")
	b, err := os.ReadFile(chain)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(chain, append(b, "not a record\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o.ends(1, "backup", filepath.Join(dir, "b.age"))
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// A home that kept its own chain gets the record of the restoration there.
func TestRestoreContinuesTheHomesChain(t *testing.T) {
	t.Parallel()
	o, key, _ := backupOffice(t, "")
	file := filepath.Join(t.TempDir(), "b.age")
	o.ok("backup", file)
	if err := os.Remove(filepath.Join(o.home, "ledger.db")); err != nil {
		t.Fatal(err)
	}
	o.ends(5, "restore", file, "--identity", key)
	got := keepings(chainOf(t, o))
	if len(got) != 2 || !strings.Contains(got[0], " backup "+sumOf(t, file)) || !strings.Contains(got[1], " restore "+sumOf(t, file)) {
		t.Errorf("the chain says %q", got)
	}
	o.ok("audit", "verify")
}
