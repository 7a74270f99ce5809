package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"oshirase/letters/store"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
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
	o.approved(contracts)
}

// TestCanaryGoesFirst: while the first mails have no answer nothing more goes
// by mail; afterwards a person releases the rest.
func TestCanaryGoesFirst(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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

// TestLedgerHearsOfTheJournalInMidRound: a round that ends badly after more
// than one claim leaves the ledger knowing the lines before the last of them.
func TestLedgerHearsOfTheJournalInMidRound(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var left atomic.Int64
		left.Store(130)
		s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return tiring{left: &left}, nil }))
		s.Domain, s.ErrorLog = "localhost", log.New(io.Discard, "", 0)
		done := make(chan error, 1)
		go func() { done <- s.Serve(l) }()
		defer func() { s.Close(); <-done }()
		o.mailMonth(200, l.Addr().(*net.TCPAddr).Port)
		o.ok("release", "2023-02", "--as", "jiro", "--expect", "200")
		o.ends(1, "work", "--once")
		if n := len(o.in(letters.Accepted)); n != 130 {
			t.Fatalf("%d accepted, want 130: nothing is proved", n)
		}
		home, err := os.ReadFile(filepath.Join(o.home, "home.id"))
		if err != nil {
			t.Fatal(err)
		}
		o.ledger(func(s *store.Store) {
			n, _, _, known, err := s.Home(context.Background(), strings.TrimSpace(string(home)))
			if err != nil || !known || n < 150 { // two lines a mail of the first claim, but for those in hand
				t.Errorf("the ledger knows %d lines (%v), %v", n, known, err)
			}
		})
	})
}

// tiring is a mail server that knows nobody any more after so many mails.
type tiring struct {
	refuser
	left *atomic.Int64
}

func (t tiring) Rcpt(to string, o *smtp.RcptOptions) error {
	if t.left.Add(-1) < 0 {
		return t.refuser.Rcpt(to, o)
	}
	return nil
}

func (tiring) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// brakeIsSaid holds status against a brake that is on, and off when the server
// takes mails again.
func (o *office) brakeIsSaid() {
	o.t.Helper()
	want := o.now.In(letters.Tokyo()).Format("2006-01-02 15:04:05")
	if text := o.ok("status"); !strings.Contains(text, "断られたか答えのないメールが続いたため、"+want) {
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
	if text := o.ok("status"); strings.Contains(text, "断られたか答えのない") {
		o.t.Errorf("status says that mails are stopped which go:\n%s", text)
	}
}

// mailMonth is a month of n letters, all of them mails, up to its approval.
func (o *office) mailMonth(n, port int) {
	o.t.Helper()
	for k, v := range map[string]string{"HOST": "127.0.0.1", "PORT": strconv.Itoa(port), "FROM": "oshirase@example.jp",
		"RETURN_DOMAIN": "bounce.example.jp", "PER_MINUTE": "0"} {
		o.env["OSHIRASE_MAIL_"+k] = v
	}
	o.ok("sample", "--contracts", "200", "--encoding", "utf8", "--out", filepath.Join(o.home, "lists"))
	o.ok("import", "2023-02", "--as", "hana", "--retailers", filepath.Join(o.home, "lists", "retailers.csv"), o.mailList(n))
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro")
}

// mailList is a list of n contracts, each of another person who wants mail,
// made from the plainest row of a sample list.
func (o *office) mailList(n int) string {
	o.t.Helper()
	content, err := os.ReadFile(filepath.Join(o.home, "lists", "list.csv"))
	if err != nil {
		o.t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(content), "\ufeff"))).ReadAll()
	if err != nil {
		o.t.Fatal(err)
	}
	at := func(name string) int { return slices.Index(rows[0], name) }
	plain := slices.IndexFunc(rows, func(r []string) bool {
		return r[at("個人法人区分")] == "個人" && r[at("需要種別")] == "低圧" && r[at("閲覧システム")] == "CC" && r[at("小売電気事業者コード")] != "" &&
			r[at("閲覧項目")] != "" && r[at("取扱区分")] == "" && r[at("非常災害対応")] == "" && r[at("最終保障供給")] == "" && r[at("郵便番号")] != ""
	})
	if plain < 0 {
		o.t.Fatalf("no plain row under %q", rows[0])
	}
	out := [][]string{rows[0]}
	for i := range n {
		r := slices.Clone(rows[plain])
		for name, v := range map[string]string{"供給地点特定番号": fmt.Sprintf("09%020d", i+1), "契約名義": fmt.Sprintf("電力 太郎%d", i),
			"契約名義カナ": "", "連絡先電話番号": "", "通知方法": "メール", "メールアドレス": fmt.Sprintf("taro%d@example.jp", i)} {
			if at(name) >= 0 {
				r[at(name)] = v
			}
		}
		out = append(out, r)
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(out); err != nil {
		o.t.Fatal(err)
	}
	return o.file("mails.csv", b.String())
}

// TestMailsWaitForTheirDay: mails of a month that is dated ahead are not sent
// yet, and work and status say until when.
func TestMailsWaitForTheirDay(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		c := startCutter(t, func(int) bool { return false })
		o.env["OSHIRASE_MAIL_HOST"], o.env["OSHIRASE_MAIL_PORT"] = "127.0.0.1", strconv.Itoa(c.ln.Addr().(*net.TCPAddr).Port)
		o.env["OSHIRASE_MAIL_FROM"], o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "oshirase@example.jp", "bounce.example.jp"
		lists := filepath.Join(t.TempDir(), "lists")
		o.ok("sample", "--contracts", "40", "--out", lists)
		o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
		if out := o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-07"); !strings.Contains(out, "印字日が過ぎています") {
			t.Errorf("a date that is past:\n%s", out)
		}
		if out := o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-11"); !strings.Contains(out, "休日") {
			t.Errorf("a Saturday and holiday:\n%s", out)
		}
		o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-10")
		o.ok("approve", "2023-02", "--as", "jiro")
		dry := counts(t, o.ok("release", "2023-02", "--only", "email", "--json"))
		n := fmt.Sprint(dry["total"])
		o.ok("release", "2023-02", "--only", "email", "--as", "jiro", "--expect", n)
		if out := o.ok("work", "--once"); !strings.Contains(out, "差出日を待つメール "+n+" 通（2023-02-10 から") {
			t.Errorf("work does not say what the mails wait for:\n%s", out)
		}
		if out := o.ok("status"); !strings.Contains(out, n+" 通  差出日を待っています（2023-02-10 から") {
			t.Errorf("status does not say what the mails wait for:\n%s", out)
		}
		if len(c.taken) != 0 {
			t.Errorf("%d mails left before their day", len(c.taken))
		}
	})
}
