package fault

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// limited runs work with a limit on how large any file may grow, which is
// what a full disk is to a program that only appends (RLIMIT_FSIZE, EFBIG).
func (h *house) limited(kilobytes int64) (int, string) {
	h.t.Helper()
	c := h.command(nil, "work", "--once")
	shell := exec.Command("bash", append([]string{"-c", fmt.Sprintf(`ulimit -f %d; exec "$@"`, kilobytes), "bash"}, c.Args...)...)
	shell.Env, shell.SysProcAttr = c.Env, c.SysProcAttr
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	_ = shell.Run()
	if shell.ProcessState == nil {
		h.t.Fatal("bash is missing")
	}
	return shell.ProcessState.ExitCode(), out.String()
}

func kilobytes(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()/1024 + 1
}

// mustSayFull fails unless work failed, once, and named the reason.
func mustSayFull(t *testing.T, code int, out string) {
	t.Helper()
	if code != 1 || !strings.Contains(out, "file too large") && !strings.Contains(out, "full") && !strings.Contains(out, "disk I/O error") {
		t.Errorf("on a full disk work ended with %d:\n%s", code, out)
	}
}

// TestJournalFull: when the journal cannot be written no dot is sent for what
// it does not hold; with room again everything comes to its end.
func TestJournalFull(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	h := newHouse(t, program(t), c.url("postgres"))
	w := startWitness(t, h, "ok=1", 1)
	h.month(40, "メール")
	h.release(40)
	for range 3 {
		code, out := h.limited(kilobytes(t, h.path("journal.jsonl")) + 2)
		mustSayFull(t, code, out)
		for _, b := range append(compareMails(h.ledger(), w.has(t)), h.reconcile()...) {
			t.Error(b)
		}
	}
	h.finish()
	for _, b := range append(compareMails(h.ledger(), w.has(t)), h.reconcile()...) {
		t.Error(b)
	}
	if n := states(h.ledger()); n["accepted"]+n["uncertain"] != 40 || n["accepted"] < 10 {
		t.Errorf("at the end %s", told(n))
	}
}

// TestLedgerFull: the same with SQLite's own files.
func TestLedgerFull(t *testing.T) {
	t.Parallel()
	h := newHouse(t, program(t), "")
	w := startWitness(t, h, "ok=1", 1)
	h.month(60, "メール")
	h.release(60)
	code, out := h.limited(64) // the write-ahead log stands at the wall soon
	mustSayFull(t, code, out)
	for _, b := range append(compareMails(h.ledger(), w.has(t)), h.reconcile()...) {
		t.Error(b)
	}
	h.finish()
	for _, b := range append(compareMails(h.ledger(), w.has(t)), h.reconcile()...) {
		t.Error(b)
	}
	if n := states(h.ledger()); n["accepted"]+n["uncertain"] != 60 {
		t.Errorf("at the end %s", told(n))
	}
}

// TestPrintFolderFull: a print file that does not fit leaves nothing before the
// printer, and its letters wait.
func TestPrintFolderFull(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	h := newHouse(t, program(t), c.url("postgres"))
	h.month(40, "郵送")
	h.release(40)
	code, out := h.limited(64)
	mustSayFull(t, code, out)
	if n := states(h.ledger()); n["queued_print"] != 40 {
		t.Errorf("after a full disk %s", told(n))
	}
	if f := h.folders(); len(f) > 0 {
		t.Errorf("%d folders stand before the printer", len(f))
	}
	if left := leftovers(t, h.path("print")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	h.finish()
	for _, b := range append(comparePrint(h.ledger(), h.folders(), nil), h.reconcile()...) {
		t.Error(b)
	}
	if n := states(h.ledger()); n["handed_over"] != 40 {
		t.Errorf("at the end %s", told(n))
	}
}

// leftovers are the staged folders that nobody makes any more.
func leftovers(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != dir && strings.HasPrefix(d.Name(), ".") {
			out = append(out, d.Name())
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return out
}
