//go:build postfix

package fault

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sink is Postfix's smtp-sink, a second opinion beside the witness.
func sink(t *testing.T, h *house, flags ...string) (dump string) {
	t.Helper()
	bin, err := exec.LookPath("smtp-sink")
	if err != nil {
		bin = "/usr/sbin/smtp-sink"
	}
	if _, err := os.Stat(bin); err != nil {
		t.Fatal("smtp-sink is missing; install postfix, which need not run")
	}
	dump, err = os.MkdirTemp("", "oshirase-sink-")
	h.must(err)
	h.must(os.Chmod(dump, 0o777)) // smtp-sink gives its rights up
	t.Cleanup(func() { _ = os.RemoveAll(dump) })
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	args := append(flags, "-d", dump+"/%M%S.")
	if os.Getuid() == 0 {
		args = append(args, "-u", "nobody")
	}
	c := exec.Command(bin, append(args, address, "100")...)
	c.Dir, c.SysProcAttr = dump, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.Stderr = os.Stderr
	h.must(c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if probe, err := net.Dial("tcp", address); err == nil {
			_ = probe.Close()
			break
		}
		if time.Since(begun) > lifetime {
			t.Fatal("smtp-sink does not listen")
		}
	}
	h.vars["OSHIRASE_MAIL_HOST"], h.vars["OSHIRASE_MAIL_PORT"], _ = strings.Cut(address, ":")
	return dump
}

// dumped counts the messages with a Message-ID of ours that the sink kept.
func dumped(t *testing.T, dir string) map[string]int {
	t.Helper()
	n := make(map[string]int)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
				n[letterOf(strings.TrimSpace(id))]++
			}
		}
	}
	return n
}

// TestSmtpSink: what Postfix's own test server does to a mail leads where it
// must, and what went well is there exactly once.
func TestSmtpSink(t *testing.T) {
	t.Parallel()
	const mails = 4
	for _, c := range []struct{ name, flags, want string }{
		{"takes all", "", "accepted 4"},
		{"500 to the dot", "-f .", "failed_5xx 4"},
		{"450 to the dot", "-r .", "deferred 4"},
		{"hangs up at the dot", "-q .", "uncertain"},
		{"421 at the dot", "-Q .", "deferred"},
		{"500 to RCPT", "-f RCPT", "failed_5xx 4"},
		{"450 to RCPT", "-r RCPT", "deferred 4"},
		{"hangs up at RCPT", "-q RCPT", "queued_email 4"},
		{"hangs up at DATA", "-q DATA", "queued_email 4"},
		{"aborts in the message", "-A 0", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, program(t), "")
			dump := sink(t, h, strings.Fields(c.flags)...)
			h.month(mails, "メール")
			h.release(mails)
			h.vars["OSHIRASE_MAIL_BRAKE_AFTER"] = "8"
			h.run("work", "--once")
			got := told(states(h.ledger()))
			if !strings.Contains(got, c.want) {
				t.Errorf("at the end %s, want %s", got, c.want)
			}
			if c.flags == "" {
				for id, n := range dumped(t, dump) {
					if n != 1 {
						t.Errorf("letter %s is there %d times", id, n)
					}
				}
				if n := len(dumped(t, dump)); n != mails {
					t.Errorf("%d letters at the sink, want %d", n, mails)
				}
			}
			for _, b := range h.reconcile() {
				t.Error(b)
			}
		})
	}
}
