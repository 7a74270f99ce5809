package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"oshirase/batch/email"
	"oshirase/letters"
)

// approvedMonth is a month of made-up lists up to its approval, with a mail
// server at a port.
func (o *office) approvedMonth(contracts, port int) {
	o.t.Helper()
	o.env["OSHIRASE_MAIL_HOST"], o.env["OSHIRASE_MAIL_PORT"] = "127.0.0.1", strconv.Itoa(port)
	o.env["OSHIRASE_MAIL_FROM"], o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "oshirase@example.jp", "bounce.example.jp"
	o.env["OSHIRASE_MAIL_PER_MINUTE"] = "0"
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", fmt.Sprint(contracts), "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro")
}

// TestCanaryGoesFirst: while the first mails have no answer nothing more goes
// by mail; afterwards a person releases the rest.
func TestCanaryGoesFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		sink, err := email.StartSink(filepath.Join(o.home, "mails"), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer sink.Close()
		o.approvedMonth(120, sink.Port())
		mails := counts(t, o.ok("release", "2023-02", "--only", "email", "--json"))["email"]
		o.ok("release", "2023-02", "--canary", "2", "--expect", "2", "--as", "jiro")
		_, errs := o.ends(4, "release", "2023-02", "--only", "email", "--expect", fmt.Sprint(mails-2), "--as", "jiro")
		if !strings.Contains(errs, "先に送ったメール 2 通") {
			t.Errorf("said %q", errs)
		}
		if got := counts(t, o.ok("work", "--once", "--json")); got["accepted"] != 2 {
			t.Errorf("first work: %v, want the two canaries and no other", got)
		}
		if got := counts(t, o.ok("work", "--once", "--json")); got["accepted"] != 0 {
			t.Errorf("second work sent %v mails that nobody released", got["accepted"])
		}
		o.ok("release", "2023-02", "--only", "email", "--expect", fmt.Sprint(mails-2), "--as", "jiro")
		if got := counts(t, o.ok("work", "--once", "--json")); got["accepted"] != mails-2 {
			t.Errorf("the rest: %v, want %v", got["accepted"], mails-2)
		}
		o.ok("reconcile")
	})
}

// TestPausedMailsWait: whoever prepares may stop them, an approver goes on.
func TestPausedMailsWait(t *testing.T) {
	o := newOffice(t, "")
	sink, err := email.StartSink(filepath.Join(o.home, "mails"), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	o.approvedMonth(60, sink.Port())
	o.releaseAll("2023-02")
	o.ok("mail", "pause", "--as", "hana")
	if out := o.ok("work", "--once"); !strings.Contains(out, "止めてあります") {
		t.Errorf("work does not say that mails are paused:\n%s", out)
	}
	o.ends(4, "mail", "resume", "--as", "hana")
	o.ok("mail", "resume", "--as", "jiro")
	waiting := len(o.in(letters.QueuedEmail))
	if got := counts(t, o.ok("work", "--once", "--json")); waiting == 0 || int(got["accepted"]) != waiting {
		t.Errorf("%d waited, %v accepted", waiting, got["accepted"])
	}
}

// refuser is a mail server that knows nobody.
type refuser struct{}

func (refuser) Reset()                               {}
func (refuser) Logout() error                        { return nil }
func (refuser) Mail(string, *smtp.MailOptions) error { return nil }
func (refuser) Data(io.Reader) error                 { return nil }
func (refuser) Rcpt(to string, _ *smtp.RcptOptions) error {
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + ">: user unknown"}
}

// TestRefusedForGoodIsProposedForPaper: what the server refuses at RCPT stands
// with its reason among the proposals, and the brake stops the rest.
func TestRefusedForGoodIsProposedForPaper(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return refuser{}, nil }))
		s.Domain, s.ErrorLog = "localhost", log.New(io.Discard, "", 0)
		done := make(chan error, 1)
		go func() { done <- s.Serve(l) }()
		defer func() { s.Close(); <-done }()
		o.approvedMonth(120, l.Addr().(*net.TCPAddr).Port)
		o.releaseAll("2023-02")
		_, errs := o.ends(1, "work", "--once")
		if strings.Contains(errs, "@") {
			t.Errorf("an address is shown: %s", errs)
		}
		refused := o.in(letters.Failed5xx)
		if len(refused) != 5 { // mail.brake_after
			t.Errorf("%d refused before the brake, want 5", len(refused))
		}
		if list := o.ok("decide", "--list"); strings.Count(list, "あて先のメールアドレスがない") != len(refused) {
			t.Errorf("proposals:\n%s", list)
		}
		if waiting := o.in(letters.QueuedEmail); len(waiting) == 0 {
			t.Error("the rest did not go back to the queue")
		}
		o.brakeIsSaid()
		o.ok("reconcile")
	})
}

// brakeIsSaid holds status against a brake that is on, and off when the server
// takes mails again.
func (o *office) brakeIsSaid() {
	o.t.Helper()
	want := o.now.In(letters.Tokyo()).Format("2006-01-02 15:04:05")
	if text := o.ok("status"); !strings.Contains(text, "続けて断られたため、"+want) {
		o.t.Errorf("status does not say that the mails stopped at %s:\n%s", want, text)
	}
	if got := o.ok("status", "--json"); !strings.Contains(got, `"mail_braked_since":"`+want+`"`) {
		o.t.Errorf("no brake since %s in\n%s", want, got)
	}
	sink, err := email.StartSink(filepath.Join(o.home, "mails"), "127.0.0.1:0")
	if err != nil {
		o.t.Fatal(err)
	}
	defer sink.Close()
	o.env["OSHIRASE_MAIL_PORT"] = strconv.Itoa(sink.Port())
	o.ok("work", "--once")
	if left := o.in(letters.QueuedEmail); len(left) != 0 {
		o.t.Errorf("%d mails still wait", len(left))
	}
	if text := o.ok("status"); strings.Contains(text, "続けて断られた") {
		o.t.Errorf("status says that mails are stopped which go:\n%s", text)
	}
}
