package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"oshirase/batch/email"
	"oshirase/letters"
)

// backupOffice is an office with a month that is released, and a key for its
// backups.
func backupOffice(t *testing.T, db string) (*office, string, *email.Sink) {
	t.Helper()
	o := newOffice(t, db)
	o.approved(40)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	o.env["OSHIRASE_BACKUP_RECIPIENTS_FILE"] = o.file("recipients.txt", key.Recipient().String()+"\n")
	keys := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(keys, []byte(key.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sink, err := email.StartSink(filepath.Join(t.TempDir(), "mails"), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	o.env["OSHIRASE_MAIL_HOST"], o.env["OSHIRASE_MAIL_PORT"] = "127.0.0.1", strconv.Itoa(sink.Port())
	o.env["OSHIRASE_MAIL_FROM"], o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "oshirase@example.jp", "bounce.example.jp"
	o.env["OSHIRASE_MAIL_PER_MINUTE"] = "0"
	o.file("oshirase.toml", "[print]\nper_file = 500\n")
	dry := counts(t, o.ok("release", "2023-02", "--json"))
	o.ok("release", "2023-02", "--as", "jiro", "--expect", fmt.Sprint(dry["total"]))
	return o, keys, sink
}

// elsewhere is another, empty office with the same people's settings.
func (o *office) elsewhere(db string) *office {
	n := *o
	n.home, n.db = filepath.Join(o.t.TempDir(), "home"), db
	return &n
}

func mails(t *testing.T, sink *email.Sink) int {
	t.Helper()
	all, err := sink.Entries()
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestBackupAndRestore takes a backup before anything has left, lets
// everything leave, and restores the backup into an empty home on either kind
// of ledger: nothing is sent until two people have decided, and then nothing
// is sent twice.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, from, to string }{
		{"sqlite into postgres", "", "postgres"}, {"postgres into sqlite", "postgres", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			place := func(kind string) string {
				if kind == "" {
					return ""
				}
				return postgres(t)
			}
			o, key, sink := backupOffice(t, place(c.from))
			o.ok("audit", "verify")
			o.ok("show", string(o.in(letters.QueuedPrint)[0]), "--as", "hana", "--reason", "見本")
			file := filepath.Join(t.TempDir(), "monday.age")
			made := counts(t, o.ok("backup", file, "--json"))
			if made["rows"] < 300 || made["tables"] < 25 || made["files"] < 4 {
				t.Errorf("backup %v", made)
			}
			o.ok("work", "--once")
			sent := mails(t, sink)
			if sent == 0 {
				t.Fatal("nothing was sent that could be sent twice")
			}

			n := o.elsewhere(place(c.to))
			out, _ := n.ends(5, "restore", file, "--identity", key, "--json")
			var got restoreJSON
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatal(err)
			}
			if float64(got.Rows) != made["rows"] || len(got.Left) != 0 {
				t.Errorf("restored %+v of %v", got, made)
			}
			n.ok("audit", "verify")
			tookAndRestored(t, o, n, file)
			n.ok("reconcile")
			_, errs := n.ends(4, "work", "--once")
			if !strings.Contains(errs, "decide --propose resume") {
				t.Errorf("work says: %s", errs)
			}
			// The home's journal of today is brought beside the restored ledger.
			copyFile(t, filepath.Join(o.home, "journal.jsonl"), filepath.Join(n.home, "journal.jsonl"))
			copyTree(t, filepath.Join(o.home, "print"), filepath.Join(n.home, "print"))
			if _, errs = n.ends(4, "work", "--once"); !strings.Contains(errs, "-") || strings.Contains(errs, ": -。") {
				t.Errorf("work does not name what left: %s", errs)
			}
			n.ends(4, "decide", "--confirm", "--decision", "1", "--as", "jiro")
			n.ok("decide", "--propose", "resume", "--reason", "台帳のディスクの故障", "--as", "hana")
			n.ends(4, "decide", "--confirm", "--decision", "1", "--as", "hana")
			n.ok("decide", "--confirm", "--decision", "1", "--as", "jiro")
			n.ends(5, "work", "--once") // uncertain letters wait
			if again := mails(t, sink); again != sent {
				t.Errorf("%d mails after the restoration, %d before", again, sent)
			}
			if runs, _ := filepath.Glob(filepath.Join(n.home, "print", "*")); len(runs) == 0 {
				t.Error("no print run to compare with")
			} else if was, _ := filepath.Glob(filepath.Join(o.home, "print", "*")); len(runs) != len(was) {
				t.Errorf("%d print runs, %d before", len(runs), len(was))
			}
			n.ends(4, "decide", "--propose", "resume", "--reason", "もう一度", "--as", "hana")
		})
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// TestOldLedgerIsRefused is yesterday's ledger file put back by hand beside
// today's journal: work refuses and names what left meanwhile, and two people
// can let it go on.
func TestOldLedgerIsRefused(t *testing.T) {
	t.Parallel()
	o, _, sink := backupOffice(t, "")
	copyFile(t, filepath.Join(o.home, "ledger.db"), filepath.Join(o.home, "yesterday.db"))
	o.ok("work", "--once")
	sent := mails(t, sink)
	if sent == 0 {
		t.Fatal("nothing was sent that could be sent twice")
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(filepath.Join(o.home, "ledger.db"+suffix)) // there or not
	}
	copyFile(t, filepath.Join(o.home, "yesterday.db"), filepath.Join(o.home, "ledger.db"))
	_, errs := o.ends(4, "work", "--once")
	journal, err := os.ReadFile(filepath.Join(o.home, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for line := range strings.Lines(string(journal)) {
		var l struct{ Letter, Run string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Run != "" && strings.Contains(errs, l.Run) || len(l.Letter) == 16 && strings.Contains(errs, l.Letter[:4]+"-"+l.Letter[4:8]) {
			named++
		}
	}
	if named == 0 {
		t.Errorf("nothing that left is named: %s", errs)
	}
	o.ok("decide", "--propose", "resume", "--reason", "台帳の取り違え", "--as", "hana")
	o.ok("decide", "--confirm", "--decision", "1", "--as", "jiro")
	o.ends(5, "work", "--once")
	if again := mails(t, sink); again != sent {
		t.Errorf("%d mails, %d before", again, sent)
	}
}

// TestRestoreBesideTheJournal loses the ledger alone: the home's own journal
// and files stay as they are, and tell what left after the backup.
func TestRestoreBesideTheJournal(t *testing.T) {
	t.Parallel()
	o, key, sink := backupOffice(t, "")
	file := filepath.Join(t.TempDir(), "b.age")
	o.ok("backup", file)
	o.ok("work", "--once")
	sent := mails(t, sink)
	o.file("oshirase.toml", "[print]\nper_file = 400\n")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(o.home, "ledger.db"+suffix)); err != nil && suffix == "" {
			t.Fatal(err)
		}
	}
	out, _ := o.ends(5, "restore", file, "--identity", key, "--json")
	var got restoreJSON
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(got.Left, "home.id") || !slices.Contains(got.Left, "oshirase.toml") || len(got.Files) != 0 {
		t.Errorf("put %q, left %q", got.Files, got.Left)
	}
	if b, err := os.ReadFile(filepath.Join(o.home, "oshirase.toml")); err != nil || !strings.Contains(string(b), "400") {
		t.Errorf("settings of today were overwritten: %s %v", b, err)
	}
	if _, errs := o.ends(4, "work", "--once"); !strings.Contains(errs, "2023-02-") {
		t.Errorf("the print runs that left are not named: %s", errs)
	}
	o.ok("decide", "--propose", "resume", "--reason", "台帳の故障", "--as", "hana")
	o.ok("decide", "--confirm", "--decision", "1", "--as", "jiro")
	o.ends(5, "work", "--once")
	o.ok("reconcile")
	if again := mails(t, sink); again != sent || sent == 0 {
		t.Errorf("%d mails, %d before", again, sent)
	}
	entries, err := sink.Entries()
	if err != nil {
		t.Fatal(err)
	}
	var taken []string
	for _, e := range entries {
		taken = append(taken, e.MessageID)
	}
	out, _ = o.ends(5, "evidence", o.relayLog("mail.log", taken), "--json") // the printed letters still wait
	if e := evidenceOf(t, out); e.Received != sent || e.Unknown != 0 {
		t.Errorf("the relay took %d mails after the backup; evidence: %+v", sent, e)
	}
	o.ok("reconcile")
}

// TestRestoredLedgerKnowsEveryTry: a mail that was tried before the backup and
// stood in the queue again in it left afterwards. It is not sent again, and
// the log of the first try does not prove that it never left.
func TestRestoredLedgerKnowsEveryTry(t *testing.T) {
	t.Parallel()
	o, key, _ := backupOffice(t, "")
	c := startCutter(t, func(n int) bool { return n == 0 })
	o.env["OSHIRASE_MAIL_PORT"] = strconv.Itoa(c.ln.Addr().(*net.TCPAddr).Port)
	o.ends(5, "work", "--once")
	first := slices.Concat(c.taken, c.lost)
	lost := string(o.in(letters.Uncertain)[0])
	o.ok("decide", lost, "--propose", "not_received", "--reason", "届いていない", "--as", "hana")
	o.ok("decide", lost, "--confirm", "--as", "jiro")
	file := filepath.Join(t.TempDir(), "b.age")
	o.ok("backup", file)
	o.ok("work", "--once")
	sent := len(c.taken)
	if sent != len(first) || len(c.lost) != 1 {
		t.Fatalf("%d mails taken and %d lost, want all of %d and 1", sent, len(c.lost), len(first))
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(o.home, "ledger.db"+suffix)); err != nil && suffix == "" {
			t.Fatal(err)
		}
	}
	o.ends(5, "restore", file, "--identity", key)
	if _, errs := o.ends(4, "work", "--once"); !strings.Contains(errs, letters.ID(lost).Groups()) {
		t.Errorf("the mail that left after the backup is not named: %s", errs)
	}
	o.ok("decide", "--propose", "resume", "--reason", "台帳の故障", "--as", "hana")
	o.ok("decide", "--confirm", "--decision", "2", "--as", "jiro")
	o.ends(5, "work", "--once")
	if len(c.taken) != sent {
		t.Fatalf("%d mails, %d before: one went out twice", len(c.taken), sent)
	}
	out, _ := o.ends(5, "evidence", o.relayLog("first.log", first[:len(first)-1]), "--json",
		"--complete-from", "2023-02-08T09:00", "--complete-to", "2023-02-08T12:00", "--as", "hana")
	if e := evidenceOf(t, out); e.Requeued != 0 || e.StillUncertain != 1 {
		t.Errorf("the log of the first try alone: %+v", e)
	}
	out = o.ok("evidence", o.relayLog("mail.log", c.taken), "--json")
	if e := evidenceOf(t, out); e.Received != 1 || e.StillUncertain != 0 {
		t.Errorf("the whole log: %+v", e)
	}
	o.ok("reconcile")
}

// TestJournalRules: a home whose journal is gone, or shorter than the ledger
// knows, does not send.
func TestJournalRules(t *testing.T) {
	t.Parallel()
	o, _, _ := backupOffice(t, "")
	o.ok("work", "--once")
	path := filepath.Join(o.home, "journal.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"gone":         {nil, "送付記録がありません"},
		"one line cut": {bytes.Join(lines[:len(lines)-2], nil), "短く"},
		"empty":        {[]byte{}, "短く"},
	} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if c.content != nil {
			o.file("journal.jsonl", string(c.content))
		}
		if _, errs := o.ends(4, "work", "--once"); !strings.Contains(errs, c.says) {
			t.Errorf("%s: %s", name, errs)
		}
		o.file("journal.jsonl", string(whole))
	}
	o.ok("work", "--once")
}

// TestBackupFilesRefused: each kind of bad file has its sentence and leaves
// nothing.
func TestBackupFilesRefused(t *testing.T) {
	t.Parallel()
	o, key, _ := backupOffice(t, "")
	file := filepath.Join(t.TempDir(), "b.age")
	o.ok("backup", file)
	o.ends(2, "backup", file) // never over another
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	strange := o.file("other.key", other.String()+"\n")
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	n := o.elsewhere("")
	bad := func(name string, content []byte, key, says string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "bad.age")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, errs := n.ends(3, "restore", path, "--identity", key)
		if !strings.Contains(errs, says) {
			t.Errorf("%s: %s", name, errs)
		}
		if left, _ := filepath.Glob(filepath.Join(n.home, "*")); len(left) != 0 {
			t.Errorf("%s left %v", name, left)
		}
	}
	bad("cut", good[:len(good)-1], key, "切れている")
	bad("cut at a chunk", good[:len(good)-len(good)%65552], key, "切れている")
	bad("one bit", flipped, key, "書き換え")
	bad("text", []byte("no backup at all"), key, "控えではない")
	bad("other key", good, strange, "開けません")
	n.ends(5, "restore", file, "--identity", key)
	n.ends(4, "restore", file, "--identity", key) // a ledger is there
	delete(o.env, "OSHIRASE_BACKUP_RECIPIENTS_FILE")
	o.ends(2, "backup", filepath.Join(t.TempDir(), "c.age"))
}

// TestStoppedBackupLeavesNothing stops a backup on its way: the folder that it
// was to stand in is as it was.
func TestStoppedBackupLeavesNothing(t *testing.T) {
	t.Parallel()
	o, _, _ := backupOffice(t, "")
	dir := t.TempDir()
	var errs bytes.Buffer
	p := &program{out: io.Discard, err: &errs, now: func() time.Time { return o.now }, random: rand.Reader, homeDir: o.home,
		env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }, log: slog.New(slog.NewJSONHandler(&errs, nil))}
	err := p.withHome(t.Context(), func(h *house) error {
		ctx, stop := context.WithCancel(t.Context())
		stop() // from here on the ledger gives nothing more
		return h.backup(ctx, filepath.Join(dir, "b.age"), "")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
