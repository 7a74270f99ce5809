package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"oshirase/batch/email"
	"oshirase/letters"
)

// cutter is a mail server that takes every mail and hangs up instead of
// answering the final dot of some.
type cutter struct {
	ln  net.Listener
	cut func(n int) bool

	mu    sync.Mutex
	taken []string // Message-IDs it answered for
	lost  []string // Message-IDs it hung up on
}

func startCutter(t *testing.T, cut func(n int) bool) *cutter {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{ln: ln, cut: cut}
	var sessions sync.WaitGroup
	sessions.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			sessions.Go(func() { c.session(conn) })
		}
	})
	t.Cleanup(func() { ln.Close(); sessions.Wait() })
	return c
}

func (c *cutter) session(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	in.Buffer(nil, 1<<20)
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 mx.example.jp")
	for in.Scan() {
		switch verb, _, _ := strings.Cut(strings.ToUpper(in.Text()), " "); verb {
		case "EHLO":
			say("250 mx.example.jp")
		case "DATA":
			say("354 go on")
			id, answered := c.data(in)
			if !answered {
				return
			}
			say("250 2.0.0 Ok: queued as " + queueID(id))
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// queueID is under what the server queues a mail.
func queueID(messageID string) string {
	return fmt.Sprintf("4F%08X", crc32.ChecksumIEEE([]byte(messageID)))
}

// data takes one mail and says whether it is answered.
func (c *cutter) data(in *bufio.Scanner) (id string, answered bool) {
	for in.Scan() && in.Text() != "." {
		if v, ok := strings.CutPrefix(in.Text(), "Message-ID: "); ok {
			id = strings.TrimSpace(v)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut(len(c.taken) + len(c.lost)) {
		c.lost = append(c.lost, id)
		return id, false
	}
	c.taken = append(c.taken, id)
	return id, true
}

// relayLog is what a Postfix would have logged of these mails at ten, between
// its lines of nine and of noon.
func (o *office) relayLog(name string, received []string, more ...string) string {
	o.t.Helper()
	lines := []string{"Feb  8 09:00:00 mx postfix/postfix-script[1]: starting the Postfix mail system"}
	for _, id := range received {
		queue := queueID(id)
		lines = append(lines, "Feb  8 10:00:00 mx postfix/cleanup[2]: "+queue+": message-id="+id,
			"Feb  8 10:00:00 mx postfix/qmgr[3]: "+queue+": from=<b@bounce.example.jp>, size=120000, nrcpt=1 (queue active)",
			"Feb  8 10:00:02 mx postfix/qmgr[3]: "+queue+": removed")
	}
	lines = append(append(lines, more...), "Feb  8 12:00:00 mx postfix/anvil[4]: statistics: max connection rate 1/60s")
	return o.file(name, strings.Join(lines, "\n")+"\n")
}

func evidenceOf(t *testing.T, answer string) evidenceJSON {
	t.Helper()
	var e evidenceJSON
	if err := json.Unmarshal([]byte(answer), &e); err != nil {
		t.Fatalf("not evidence: %v\n%s", err, answer)
	}
	return e
}

// TestEvidenceResolvesUncertainMails: of two mails whose answer was lost the
// relay has one. Its log settles that one; the other is queued again only by a
// person's word that the log is whole, and is sent once.
func TestEvidenceResolvesUncertainMails(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		c := startCutter(t, func(n int) bool { return n == 1 || n == 2 })
		o.mailedTo(c)
		early := email.MessageID(o.in(letters.QueuedEmail)[0], 1, "bounce.example.jp") // left, and a snapshot took ledger and journal back
		out, _ := o.ends(5, "evidence", o.relayLog("snapshot.log", []string{early}), "--json")
		if e := evidenceOf(t, out); e.Changed != 0 || len(e.Contradictions) != 1 || e.Contradictions[0].State != letters.QueuedEmail {
			t.Errorf("a mail that waits, and is there: %+v", e)
		}
		o.ends(5, "work", "--once")
		o.ends(5, "work", "--once")
		slices.Sort(c.lost)
		if got := o.in(letters.Uncertain); len(got) != 2 || len(c.lost) != 2 {
			t.Fatalf("%d uncertain, %d lost; want 2", len(got), len(c.lost))
		}
		out, _ = o.ends(5, "evidence", o.relayLog("cleanup.log", nil, "Feb  8 10:00:00 mx postfix/cleanup[2]: 4FAAAAAAAA: message-id="+c.lost[0],
			"Feb  8 10:00:00 mx postfix/cleanup[2]: 4FAAAAAAAB: message-id=<x@other.example.jp>"), "--json")
		if e := evidenceOf(t, out); e.Changed != 0 || e.Unproved != 1 || e.Others != 1 || e.StillUncertain != 2 {
			t.Errorf("cleanup alone: %+v", e)
		}
		log := o.relayLog("mail.log", append(slices.Clone(c.taken), c.lost[0]))
		out, _ = o.ends(5, "evidence", log, "--json")
		if e := evidenceOf(t, out); e.Received != 1 || e.Known != len(c.taken) || e.StillUncertain != 1 {
			t.Errorf("the relay's log: %+v", e)
		}
		out, _ = o.ends(5, "evidence", log)
		if !strings.Contains(out, "何も変わりませんでした") {
			t.Errorf("the same log again:\n%s", out)
		}
		o.ok("reconcile")
		o.absence(c, log)
		o.ok("reconcile")
		if n := len(slices.Compact(slices.Sorted(slices.Values(append(c.taken, c.lost[0]))))); n != len(c.taken)+1 {
			t.Errorf("a mail was taken twice: %v, %v", c.taken, c.lost)
		}
		if story := o.ok("show", strings.Trim(c.lost[1], "<")[:16], "--as", "hana", "--reason", "照会"); !strings.Contains(story, "absent") {
			t.Errorf("the story lacks the evidence:\n%s", story)
		}
	})
}

// absence has a person vouch for the log.
func (o *office) absence(c *cutter, log string) {
	t := o.t
	vouch := []string{"--complete-from", "2023-02-08T09:00", "--complete-to", "2023-02-08T12:00", "--as", "hana", "--json"}
	holes := o.relayLog("holes.log", c.taken[1:])
	out, _ := o.ends(5, append([]string{"evidence", holes}, vouch...)...)
	if e := evidenceOf(t, out); e.NoAbsence != "holes" || e.Requeued != 0 {
		t.Errorf("a log with holes: %+v", e)
	}
	o.ends(2, "evidence", log, "--complete-from", "2023-02-08T12:00", "--complete-to", "2023-02-08T09:00", "--as", "hana")
	o.ends(2, "evidence", log, "--complete-from", "2023-02-08T09:00", "--complete-to", "2023-02-08T12:00")
	out = o.ok(append([]string{"evidence", log}, vouch...)...)
	if e := evidenceOf(t, out); e.Requeued != 1 || e.StillUncertain != 0 {
		t.Errorf("a whole log: %+v", e)
	}
	before := len(c.taken)
	o.ok("work", "--once")
	if len(c.taken) != before+1 {
		t.Errorf("%d mails taken after queueing one again, want one more than %d", len(c.taken), before)
	}
}

// mailedTo plays a month until its mails wait for a server.
func (o *office) mailedTo(c *cutter) {
	o.t.Helper()
	o.env["OSHIRASE_MAIL_HOST"], o.env["OSHIRASE_MAIL_PORT"] = "127.0.0.1", strconv.Itoa(c.ln.Addr().(*net.TCPAddr).Port)
	o.env["OSHIRASE_MAIL_FROM"], o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "oshirase@example.jp", "bounce.example.jp"
	o.env["OSHIRASE_MAIL_PER_MINUTE"] = "0"
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "60", "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro")
	dry := counts(o.t, o.ok("release", "2023-02", "--only", "email", "--json"))
	o.ok("release", "2023-02", "--only", "email", "--as", "jiro", "--expect", fmt.Sprint(dry["total"]))
}

func TestUselessEvidenceIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	if _, errs := o.ends(3, "evidence", o.file("list.csv", "a,b\n1,2\n")); errs == "" {
		t.Error("nothing said")
	}
}
