//go:build long

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"oshirase/batch/email"
	"oshirase/letters"
)

// monthOfMails is the number of mails of TestMails: the incident report's number
// of contracts, each for a person of its own. OSHIRASE_MAILS changes it.
const monthOfMails = 44_855

// TestMails sends a month of mails through the commands to the sink, which
// keeps each on its disk before it answers, and says how many were accepted,
// came twice, or are lost.
func TestMails(t *testing.T) {
	n := monthOfMails
	if v := os.Getenv("OSHIRASE_MAILS"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	o := newOffice(t, "")
	sink, err := email.StartSink(filepath.Join(o.home, "mails"), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	o.env["OSHIRASE_MAIL_SENDERS"] = "2"
	o.mailMonth(n, sink.Port())
	o.ok("release", "2023-02", "--as", "jiro", "--expect", strconv.Itoa(n))
	start := time.Now()
	work := counts(t, o.ok("work", "--once", "--json"))
	took := time.Since(start)
	once, twice := received(t, sink)
	accepted := o.in(letters.Accepted)
	lost := 0
	for _, id := range accepted {
		if !once[email.MessageID(id, 1, "bounce.example.jp")] {
			lost++
		}
	}
	t.Logf("%d mails: accepted %v, at the sink %d, twice %d, lost %d, %.1f mails/s", n, work["accepted"], len(once), twice, lost,
		float64(n)/took.Seconds())
	if int(work["accepted"]) != n || len(accepted) != n || len(once) != n || twice != 0 || lost != 0 {
		t.Errorf("%v accepted, %d in the ledger, %d at the sink, %d twice, %d lost, want %d and none twice or lost",
			work["accepted"], len(accepted), len(once), twice, lost, n)
	}
	o.ok("reconcile")
}

// received is what the sink holds: each Message-ID, and how many came again.
func received(t *testing.T, sink *email.Sink) (once map[string]bool, twice int) {
	t.Helper()
	entries, err := sink.Entries()
	if err != nil {
		t.Fatal(err)
	}
	once = make(map[string]bool, len(entries))
	for _, e := range entries {
		if once[e.MessageID] || e.Recipients != 1 {
			twice++
		}
		once[e.MessageID] = true
	}
	return once, twice
}
