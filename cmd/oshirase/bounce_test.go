package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oshirase/letters"
)

// returnedMail is what a mail server sends back for a letter's mail.
func returnedMail(id letters.ID, said string) string {
	return fmt.Sprintf(`Return-Path: <>
From: MAILER-DAEMON@relay.example.jp (Mail Delivery System)
To: bounces+%s.g1@bounce.example.jp
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.jp

Final-Recipient: rfc822; canary-taro@example.jp
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; %s

--b
Content-Type: text/rfc822-headers

Message-ID: <%s.g1@bounce.example.jp>
To: canary-taro@example.jp
--b--
`, id, said, id)
}

// TestBouncesAreProposedForPaperOnce reads a mailbox with bounces of two
// letters, one of them twice, and everything else that such a mailbox holds.
func TestBouncesAreProposedForPaperOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		o.sentMonth(60)
		sent := o.in(letters.Accepted)
		o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "bounce.example.jp"
		var mbox strings.Builder
		for _, m := range []string{
			returnedMail(sent[0], "550 5.1.1 <canary-taro@example.jp>: user unknown"),
			returnedMail(sent[1], "552 5.2.2 mailbox full"),
			returnedMail(sent[0], "550 5.1.1 <canary-taro@example.jp>: user unknown"),
			strings.ReplaceAll(returnedMail(sent[2], "550 5.1.1 user unknown"), "bounce.example.jp", "other.example"),
			strings.Replace(returnedMail(sent[2], "450 4.4.1 timed out"), "Action: failed", "Action: delayed", 1),
			"From: taro@example.jp\nSubject: Out of office\nAuto-Submitted: auto-replied\n\naway\n",
			"",
		} {
			mbox.WriteString("From MAILER-DAEMON Tue Feb 28 09:00:00 2023\n" + m + "\n")
		}
		box := o.file("bounces.mbox", mbox.String())
		out, errs := o.ends(5, "bounce", box, "--json")
		var got bounceJSON
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		if got.Messages != 7 || got.Bounces != 4 || got.Proposed != 2 || got.Again != 1 || got.OtherSystems != 1 || got.LeftAlone != 3 ||
			got.Hard != 3 || got.Soft != 1 || len(got.Unknown)+len(got.Unexpected) != 0 {
			t.Errorf("got %s", out)
		}
		if strings.Contains(out+errs, "canary") {
			t.Errorf("an address is shown:\n%s%s", out, errs)
		}
		if in := o.in(letters.Bounced); len(in) != 2 {
			t.Errorf("bounced: %v", in)
		}
		list := o.ok("decide", "--list")
		if !strings.Contains(list, "あて先のメールアドレスがない") || !strings.Contains(list, "受信箱がいっぱい") {
			t.Errorf("the proposals are not listed with their reasons:\n%s", list)
		}
		again := counts(t, o.ok("bounce", box, "--json"))
		if again["proposed"] != 0 || again["again"] != 3 {
			t.Errorf("read again: %v", again)
		}
		if out := o.ok("bounce", box, "--list"); !strings.Contains(out, "bounces.mbox") || strings.Count(out, "あて先のメールアドレスがない") < 3 {
			t.Errorf("in words, one by one:\n%s", out)
		}
		o.ok("reconcile")
	})
}

// TestBounceFindsEveryShape: a maildir and single files say the same as a
// mailbox; a missing file is said so and changes nothing.
func TestBounceFindsEveryShape(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.ends(2, "bounce", o.home) // no return domain: nobody knows whose mail it is
	o.sentMonth(60)
	o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "bounce.example.jp"
	sent := o.in(letters.Accepted)
	dir := filepath.Join(o.home, "Maildir", "new")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, id := range sent[:2] {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(returnedMail(id, "550 user unknown")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.ends(2, "bounce", filepath.Join(o.home, "none"))
	if got := counts(t, firstOf(o.ends(5, "bounce", filepath.Dir(dir), "--json"))); got["proposed"] != 2 {
		t.Errorf("maildir: %v", got)
	}
	single := o.file("one.eml", returnedMail(sent[2], "550 user unknown"))
	if got := counts(t, firstOf(o.ends(5, "bounce", single, single, "--json"))); got["proposed"] != 1 || got["again"] != 1 {
		t.Errorf("single file, twice: %v", got)
	}
}

func firstOf(out, _ string) string { return out }
