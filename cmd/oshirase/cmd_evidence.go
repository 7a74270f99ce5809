package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"oshirase/batch/email"
	"oshirase/batch/intake"
	"oshirase/batch/printing"
	"oshirase/letters"
)

// evidenceFlags are the flags of evidence.
type evidenceFlags struct{ by, from, to string }

func (p *program) cmdEvidence() *cobra.Command {
	var f evidenceFlags
	c := p.command("evidence FILE", func(cmd *cobra.Command, given []string) error {
		st, err := f.statement()
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.evidence(cmd.Context(), f, st, given[0]) })
	})
	c.Args = args(cobra.ExactArgs(1))
	fl := c.Flags()
	fl.StringVar(&f.by, "as", "", p.words.flag("as"))
	fl.StringVar(&f.from, "complete-from", "", p.words.flag("complete_from"))
	fl.StringVar(&f.to, "complete-to", "", p.words.flag("complete_to"))
	return c
}

// statement is the person's word that the log is whole; nil when none is given.
func (f evidenceFlags) statement() (*email.Statement, error) {
	if f.from == "" && f.to == "" {
		return nil, nil
	}
	from, errFrom := localInstant(f.from)
	to, errTo := localInstant(f.to)
	if err := errors.Join(errFrom, errTo); err != nil || !from.Before(to) {
		return nil, fail(exitUsage, "evidence_interval", errors.New("interval of a complete log"))
	}
	return &email.Statement{From: from, To: to}, nil
}

// localInstant reads 2023-02-08T10:00, Japan's time.
func localInstant(s string) (time.Time, error) {
	return time.ParseInLocation("2006-01-02T15:04", s, letters.Tokyo())
}

// evidence is the command evidence: a relay's log, a delivery report, or a
// printer's receipt, told apart by what stands in it.
func (h *house) evidence(ctx context.Context, f evidenceFlags, st *email.Statement, path string) (err error) {
	if st != nil { // a person vouches for the log
		if err := h.p.signIn(ctx, h.store, f.by, letters.RolePrepare, letters.RoleApprove); err != nil {
			return err
		}
	}
	in, err := h.p.openKind(path, intake.KindRelayLog, kindReceipt, intake.KindMailbox, intake.KindGzip)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	head, err := bufio.NewReaderSize(in, 1<<20).Peek(1 << 20)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read evidence: %w", err)
	}
	if isReceipt(head) {
		return h.takeReceipt(ctx, letters.PrinterReceipt, path)
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	hash := sha256.New()
	log, err := h.readEvidence(io.TeeReader(in, hash), head)
	if err != nil {
		return fail(exitProblems, "evidence_file", err, filepath.Base(path))
	}
	if err := in.settled(); err != nil {
		return err
	}
	file := letters.ReceiptFile{Kind: letters.RelayEvidence, SHA256: hex.EncodeToString(hash.Sum(nil)), Name: filepath.Base(path), Lines: log.Lines}
	return h.weigh(ctx, file, log, st, f.by)
}

// isReceipt reports whether a file begins as a receipt does.
func isReceipt(head []byte) bool {
	words, err := receiptWords()
	if err != nil || len(head) == 1<<20 { // no receipt is that large
		return false
	}
	entries, _, err := printing.ReadReceipt(bytes.NewReader(head), words)
	return err == nil && len(entries) > 0
}

// readEvidence reads a delivery report, which is small, or else a log.
func (h *house) readEvidence(r io.Reader, head []byte) (email.RelayLog, error) {
	s, err := email.ReadDeliveryReport(head)
	if errors.Is(err, email.ErrNotAReport) {
		return email.ReadRelayLog(r, h.p.now())
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // for its hash
		return email.RelayLog{}, err
	}
	log := email.RelayLog{Lines: bytes.Count(head, []byte("\n")), Seen: map[string]*email.Sighting{}}
	if _, _, ours := email.ParseMessageID(s.MessageID); !ours {
		log.Others++
		return log, nil
	}
	log.Seen[s.MessageID] = &s
	return log, err
}

// weigh holds the evidence against the ledger and books what is certain.
func (h *house) weigh(ctx context.Context, file letters.ReceiptFile, log email.RelayLog, st *email.Statement, by string) error {
	_, before, err := h.store.Receipt(ctx, file.SHA256)
	if err != nil {
		return err
	}
	var ids []letters.ID
	named := make(map[letters.ID]bool)
	for messageID := range log.Seen {
		if id, _, ok := email.ParseMessageID(messageID); ok && !named[id] {
			named[id] = true
			ids = append(ids, id)
		}
	}
	ledger, err := h.store.DispatchesOf(ctx, ids)
	if err != nil {
		return err
	}
	nameMails(ledger, h.cfg.Mail.ReturnDomain)
	uncertain, err := h.store.UncertainMails(ctx)
	if err != nil {
		return err
	}
	var taken []email.Taken
	actor := reader
	if st != nil {
		actor = by
		if taken, err = h.store.TakenMails(ctx, st.From, st.To); err != nil {
			return err
		}
	}
	w := email.Weigh(log, ledger, uncertain, taken, st, actor)
	if err := h.store.TakeEvidence(ctx, file, w.Steps, h.p.now()); err != nil {
		return err
	}
	return h.weighed(ctx, file, log, w, before)
}

// nameMails names the mails that the ledger never saw begin: those that left
// after its backup was taken, and those that it would still send. Their
// Message-ID follows from letter, generation and domain.
func nameMails(ledger map[letters.ID][]letters.Dispatch, domain string) {
	for _, all := range ledger {
		for i, d := range all {
			if d.Channel == letters.Email && d.MessageID == "" {
				all[i].MessageID = email.MessageID(d.LetterID, d.Generation, domain)
			}
		}
	}
}

// evidenceJSON is what evidence found.
type evidenceJSON struct {
	File           string              `json:"file"`
	SHA256         string              `json:"sha256"`
	SeenBefore     bool                `json:"seen_before"`
	Lines          int                 `json:"lines"`
	First          string              `json:"first,omitempty"`
	Last           string              `json:"last,omitempty"`
	Ours           int                 `json:"ours"`
	Others         int                 `json:"others"`
	Unknown        int                 `json:"unknown"`
	Unproved       int                 `json:"unproved"`
	Known          int                 `json:"known"`
	Received       int                 `json:"received"`
	Requeued       int                 `json:"requeued"`
	Bounced        int                 `json:"bounced"`
	Changed        int                 `json:"changed"`
	NoAbsence      string              `json:"no_absence,omitempty"`
	Contradictions []contradictionJSON `json:"contradictions"`
	StillUncertain int                 `json:"still_uncertain"`
}

// contradictionJSON is a mail that the relay has and the ledger does not count
// as sent.
type contradictionJSON struct {
	Letter     letters.ID    `json:"letter"`
	Generation int           `json:"generation"`
	State      letters.State `json:"state"`
	Queue      string        `json:"queue"`
}

func (h *house) weighed(ctx context.Context, f letters.ReceiptFile, log email.RelayLog, w email.Weighed, before bool) error {
	out := evidenceJSON{File: f.Name, SHA256: f.SHA256, SeenBefore: before, Lines: f.Lines, Ours: len(log.Seen), Others: log.Others,
		Unknown: w.Unknown, Unproved: w.Unproved, Known: w.Known, Received: w.Received, Requeued: w.Requeued, Bounced: w.Bounced,
		Changed: len(w.Steps), NoAbsence: w.NoAbsence, Contradictions: []contradictionJSON{}}
	if !log.First.IsZero() {
		out.First, out.Last = instant(log.First.UnixMicro()), instant(log.Last.UnixMicro())
	}
	for _, c := range w.Contradictions {
		out.Contradictions = append(out.Contradictions, contradictionJSON{c.LetterID, c.Generation, c.State, c.QueueID})
	}
	err := h.store.InState(ctx, letters.Uncertain, func(letters.Dispatch) error { out.StillUncertain++; return nil })
	if err != nil {
		return err
	}
	if err := h.p.report("evidence", out); err != nil {
		return err
	}
	if out.StillUncertain+out.Bounced+len(out.Contradictions) > 0 {
		return errWaits
	}
	return nil
}
