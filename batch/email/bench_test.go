package email_test

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"oshirase/batch/email"
	"oshirase/letters"
	"oshirase/letters/journal"
	"oshirase/letters/store"
)

// BenchmarkMail sends mails with a PDF of 120 KB over loopback, first with a
// bare loop of go-mail and then through ledger and journal, against the same
// server, which writes nothing. The metric x-bare is ours over the loop's.
//
//	go test -run '^$' -bench Mail -benchtime 1x ./batch/email
func BenchmarkMail(b *testing.B) {
	for _, senders := range []int{1, 2} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			const rounds, n = 4, 500 // in turns, so that both see the same machine
			for b.Loop() {
				b.StopTimer()
				port := deafServer(b)
				pdf := noise(120 << 10)
				queue := queuedMails(b, rounds*n)
				b.StartTimer()
				var bare, ours time.Duration
				for range rounds {
					bare += bareLoop(b, port, pdf, n, senders)
					ours += throughLedger(b, port, pdf, n, senders, queue)
				}
				b.ReportMetric(rounds*n/bare.Seconds(), "bare/s")
				b.ReportMetric(rounds*n/ours.Seconds(), "mails/s")
				b.ReportMetric(bare.Seconds()/ours.Seconds(), "x-bare")
			}
		})
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

// deafServer takes every mail and keeps none.
func deafServer(b *testing.B) int {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return deaf{}, nil }))
	s.Domain, s.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	b.Cleanup(func() { s.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}

type deaf struct{}

func (deaf) Reset()                               {}
func (deaf) Logout() error                        { return nil }
func (deaf) Mail(string, *smtp.MailOptions) error { return nil }
func (deaf) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (deaf) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }

// bareLoop is what one would write with go-mail alone.
func bareLoop(b *testing.B, port int, pdf []byte, n, senders int) time.Duration {
	b.Helper()
	start := time.Now()
	errs := make(chan error, senders)
	for i := range senders {
		go func() { errs <- bareSender(b.Context(), port, pdf, n/senders, i) }()
	}
	for range senders {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

func bareSender(ctx context.Context, port int, pdf []byte, n, sender int) error {
	c, err := gomail.NewClient("127.0.0.1", gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("mail.example.jp"))
	if err != nil {
		return err
	}
	if err := c.DialWithContext(ctx); err != nil {
		return err
	}
	for i := range n {
		m := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64))
		if err := m.From("owabi@example.jp"); err != nil {
			return err
		}
		if err := m.To(fmt.Sprintf("taro%d.%d@example.jp", sender, i)); err != nil {
			return err
		}
		m.Subject("お客さま情報の閲覧についてのお詫び")
		m.SetBodyString(gomail.TypeTextPlain, wording())
		m.AddAlternativeString(gomail.TypeTextHTML, "<p>"+wording()+"</p>")
		if err := m.AttachReader("owabi.pdf", bytes.NewReader(pdf)); err != nil {
			return err
		}
		if err := c.Send(m); err != nil {
			return err
		}
	}
	return c.Close()
}

func wording() string {
	return strings.Repeat("お客さまに深くお詫び申し上げます。\n", 40)
}

// throughLedger is the same with everything that a letter's safety costs.
func throughLedger(b *testing.B, port int, pdf []byte, n, senders int, queue *email.LedgerQueue) time.Duration {
	b.Helper()
	settings := email.Settings{FromName: "送配電", From: "owabi@example.jp", Domain: "example.jp"}
	server := email.Config{Host: "127.0.0.1", Port: port, TLS: email.NoTLS, Helo: "mail.example.jp"}
	w := email.Worker{Queue: &some{queue, n}, Senders: senders, Now: time.Now,
		Dial: func() (email.Transport, error) { return email.NewSender(server) },
		Load: func(_ context.Context, j email.Job) (email.Envelope, error) {
			return settings.Compose(email.Mail{LetterID: j.LetterID, Generation: j.Generation, To: "taro@example.jp",
				Subject: "お客さま情報の閲覧についてのお詫び", Date: time.Unix(1_700_000_000, 0),
				Text: wording(), HTML: "<p>" + wording() + "</p>", PDF: pdf})
		}}
	start := time.Now()
	totals, err := w.Run(b.Context())
	if err != nil || totals.Accepted != n {
		b.Fatalf("%+v, %v, want %d accepted", totals, err, n)
	}
	return time.Since(start)
}

// some is a queue that has no more than n mails.
type some struct {
	*email.LedgerQueue
	n int
}

func (s *some) Claim(ctx context.Context, n int) ([]email.Job, error) {
	jobs, err := s.LedgerQueue.Claim(ctx, min(n, s.n))
	s.n -= len(jobs)
	return jobs, err
}

// queuedMails is a ledger on SQLite with n mails that are due, and a journal.
func queuedMails(b *testing.B, n int) *email.LedgerQueue {
	b.Helper()
	ctx, dir := b.Context(), b.TempDir()
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	target := filepath.Join(dir, "ledger.db")
	check(store.Migrate(ctx, target, store.Options{Now: time.Now}))
	s, err := store.Open(ctx, target, store.Options{Now: time.Now})
	check(err)
	b.Cleanup(func() { s.Close() })
	release(ctx, check, s, n)
	j, err := journal.Open(filepath.Join(dir, "journal.jsonl"), "bench")
	check(err)
	b.Cleanup(func() { j.Close() })
	return &email.LedgerQueue{Ledger: s, Worker: "w", Lease: time.Hour, Domain: "example.jp", Now: time.Now,
		Journal: func(ctx context.Context, records []email.Record) error {
			entries := make([]journal.Entry, len(records))
			for i, r := range records {
				entries[i] = journal.Entry{At: 1, Kind: journal.Kind(r.Kind), Letter: string(r.LetterID), Generation: r.Generation}
			}
			_, err := j.AppendAll(ctx, entries)
			return err
		}}
}

// release brings a month of n letters by mail from the list into the queue.
func release(ctx context.Context, check func(error), s *store.Store, n int) {
	const month = letters.Month("2023-02")
	day, now := letters.DateOf(time.Now()), time.Now()
	hash := strings.Repeat("ab", 32)
	check(s.EnsureMonth(ctx, month))
	file, err := s.StageFile(ctx, letters.SourceFile{Month: month, SHA256: hash, Bytes: 1, Name: "list.csv",
		Format: "csv", Encoding: "utf8", ImportedBy: "hana"})
	check(err)
	rows := make([]letters.KeyedRow, n)
	plan := letters.Plan{Month: month, Activate: []int64{file}, Counts: letters.Counts{Rows: n, Letters: n, LetterRows: n}}
	for i := range rows {
		key := fmt.Sprint(i)
		rows[i] = letters.KeyedRow{CaseKey: key, PersonKey: key, FoldKey: key, Row: letters.Row{No: i + 2,
			SupplyPoint: fmt.Sprintf("09%020d", i), Name: "電力 太郎", Kind: letters.Individual, Channel: letters.Email,
			Mail: "taro@example.jp", RetailerCode: "A0001", RetailerName: "見本小売", Supply: letters.Low, System: "CC",
			Items: []letters.ItemCode{"name"}, First: "2022-10-03", Last: "2022-10-03", Views: 1,
			Viewers: []letters.Viewer{letters.ByAffiliate}}}
		id, err := letters.NewID(cryptorand.Reader)
		check(err)
		ref := letters.RowRef{FileID: file, No: i + 2}
		plan.Rows = append(plan.Rows, letters.PlannedRow{RowRef: ref, Outcome: letters.OutLetter, Case: i, Letter: id})
		plan.Cases = append(plan.Cases, letters.PlannedCase{Lead: ref, CaseKey: key, Version: 1, Confirmed: rows[i].Items,
			First: rows[i].First, Last: rows[i].Last, Letter: id})
		plan.Letters = append(plan.Letters, letters.PlannedLetter{ID: id, Lead: ref, PersonKey: key, FoldKey: key,
			Kind: letters.First, Channel: letters.Email, Facts: key})
	}
	check(s.StageRows(ctx, file, rows))
	check(s.FinishStaging(ctx, file, n))
	check(s.ApplyPlan(ctx, plan, "hana", now))
	check(s.SetPosting(ctx, month, day, "1"))
	var made []letters.RenderResult
	check(s.Letters(ctx, month, nil, func(l letters.Letter, d letters.Dispatch) error {
		made = append(made, letters.RenderResult{LetterID: l.ID, Generation: 1, Token: d.Token, Rendering: letters.Rendering{
			Renderer: "r", TemplateVersion: "t", ContentHash: hash, FileHash: hash, FileSize: 1, PageHashes: []string{hash}, Pages: 1}})
		return nil
	}))
	check(s.SaveRenderings(ctx, made, "hana", now))
	check(s.AddPreparer(ctx, month, "hana"))
	batch, _, err := s.BatchHash(ctx, month)
	check(err)
	check(s.Approve(ctx, month, "jiro", batch, now))
	_, err = s.Release(ctx, month, "", 0, day, "jiro", now)
	check(err)
}
