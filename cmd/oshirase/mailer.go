package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"oshirase/batch/bounce"
	"oshirase/batch/email"
	"oshirase/letters"
	"oshirase/letters/failpoint"
	"oshirase/letters/journal"
	"oshirase/letters/store"
	"oshirase/letters/text"
)

// handOverWithin is how soon a final dot follows its commit, or not at all.
const handOverWithin = 10 * time.Minute

// mailer joins queue, composer and server.
func (w *workshop) mailer() (email.Worker, error) {
	m, within := w.h.cfg.Mail, failpoint.Lease(handOverWithin)
	settings, err := w.h.mailSettings()
	if err != nil {
		return email.Worker{}, err
	}
	reasons, err := bounce.NewReasons()
	if err != nil {
		return email.Worker{}, err
	}
	queue := &email.LedgerQueue{Why: func(o email.Outcome) string { return whyRefused(reasons, o) },
		Ledger: claims{w.h.store, w}, Journal: w.recordMails, Worker: w.worker, Lease: lease(), Within: within,
		Domain: m.ReturnDomain, Domains: w.mailDomains, Now: w.h.p.now}
	return email.Worker{
		Queue: queue, Senders: m.Senders, Brake: m.BrakeAfter, Within: within, Paused: w.h.mailPaused,
		Every: everyOf(m.PerMinute), DomainEvery: everyOf(m.DomainPerMinute), Log: w.h.p.log, Now: w.h.p.now,
		Load: func(ctx context.Context, j email.Job) (email.Envelope, error) { return w.envelope(ctx, settings, j) },
		Dial: func() (email.Transport, error) { return email.NewSender(w.h.serverConfig()) },
	}, nil
}

// claims is the ledger of the mail queue, which hears at every claim how far
// the journal has come: a start after a crash in a long round compares the
// lines since then, and not those of the whole round. What is in the journal
// was committed before.
type claims struct {
	*store.Store
	w *workshop
}

// ClaimEmail is the store's.
func (c claims) ClaimEmail(ctx context.Context, worker string, n int, lease time.Duration) ([]letters.Dispatch, error) {
	if err := c.w.journalKnown(ctx); err != nil {
		return nil, err
	}
	return c.Store.ClaimEmail(ctx, worker, n, lease)
}

// journalKnown tells the ledger how far this home's journal has come.
func (w *workshop) journalKnown(ctx context.Context) error {
	head := w.journal.Head()
	return w.h.store.SetHome(ctx, w.h.id, uint64(head.N), head.Hash, w.h.store.Epoch())
}

// whyRefused is the reason that stands with the proposal for paper. A mail that
// was deferred to the end has expired, whatever the last answer said.
func whyRefused(reasons *bounce.Reasons, o email.Outcome) string {
	if o.Kind == email.Deferred {
		return string(bounce.Expired)
	}
	stage := string(o.Stage)
	if o.Stage == email.StageDot {
		stage = string(email.StageData)
	}
	return string(reasons.Of(o.Reply, o.Code, stage))
}

// everyOf is the time between two mails at a rate; 0 is as fast as it goes.
func everyOf(perMinute int) time.Duration {
	if perMinute <= 0 {
		return 0
	}
	return time.Minute / time.Duration(perMinute)
}

// recordMails writes lines into the journal with one fsync.
func (w *workshop) recordMails(ctx context.Context, records []email.Record) error {
	entries := make([]journal.Entry, len(records))
	for i, r := range records {
		entries[i] = journal.Entry{At: w.h.p.now().UnixMicro(), Kind: journal.Kind(r.Kind), Letter: string(r.LetterID),
			Generation: r.Generation, Dispatch: strconv.FormatInt(r.Event, 10), Epoch: w.h.store.Epoch()}
	}
	if _, err := w.journal.AppendAll(ctx, entries); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// mailDomains are the recipients' domains of claimed mails, for their pace.
func (w *workshop) mailDomains(ctx context.Context, _ []letters.Dispatch) (map[letters.ID]string, error) {
	mails, err := w.h.store.ClaimedMails(ctx, w.worker)
	for id, address := range mails {
		mails[id] = email.Domain(address)
	}
	return mails, err
}

// mailPaused reports whether a person has paused the sending.
func (h *house) mailPaused(ctx context.Context) (bool, error) {
	by, err := h.store.MailPausedBy(ctx)
	return by != "", err
}

// mailSettings is what all mails of the house have in common.
func (h *house) mailSettings() (email.Settings, error) {
	m := h.cfg.Mail
	s := email.Settings{FromName: m.FromName, From: m.From, ReplyTo: m.ReplyTo, Domain: m.ReturnDomain}
	if m.DKIMKeyFile == "" {
		return s, nil
	}
	domain := m.DKIMDomain
	if domain == "" {
		domain = email.Domain(m.From)
	}
	sign, err := email.NewDKIM(domain, m.DKIMSelector, m.DKIMKeyFile)
	if err != nil {
		return s, fail(exitUsage, "secret_file", err, m.DKIMKeyFile)
	}
	s.Sign = sign
	return s, nil
}

// serverConfig is the mail server. Without a name of its own EHLO says the
// return domain: the machine's name never goes out.
func (h *house) serverConfig() email.Config {
	m := h.cfg.Mail
	c := email.Config{Host: m.Host, Port: m.Port, TLS: email.TLS(m.TLS), User: m.User, PasswordFile: m.PasswordFile,
		Helo: m.Helo, MailsPerConnection: m.PerConnection}
	if c.Helo == "" {
		c.Helo = m.ReturnDomain
	}
	switch {
	case m.TLS != "":
	case loopback(m.Host) && m.User == "":
		c.TLS = email.NoTLS
	case m.Port == 465:
		c.TLS = email.ImplicitTLS
	}
	return c
}

// envelope composes a mail just before it is sent: its pages must be those
// that were approved.
func (w *workshop) envelope(ctx context.Context, s email.Settings, j email.Job) (email.Envelope, error) {
	l, dispatches, err := w.h.store.Letter(ctx, j.LetterID)
	if err != nil {
		return email.Envelope{}, err
	}
	p := w.takePress()
	defer w.presses.Put(p)
	doc, err := p.composer.Compose(&l)
	if err != nil {
		return email.Envelope{}, err
	}
	var b bytes.Buffer
	r, err := p.Make(&l, &b)
	if err != nil {
		return email.Envelope{}, fmt.Errorf("render letter %s: %w", l.ID, err)
	}
	if approved := dispatches[len(dispatches)-1].Rendering; r.ContentHash != approved.ContentHash || r.FileHash != approved.FileHash {
		return email.Envelope{}, fail(exitRefused, "pages_differ", fmt.Errorf("letter %s is not as approved", l.ID))
	}
	return s.Compose(email.Mail{LetterID: l.ID, Generation: l.Generation, To: l.Recipient.Mail, Subject: doc.Subject,
		Date: l.Date.Time(), Text: string(text.Plain(doc)), HTML: string(text.HTML(doc)), PDF: b.Bytes()})
}
