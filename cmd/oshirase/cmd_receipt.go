package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"oshirase/batch/printing"
	"oshirase/letters"
	"oshirase/letters/store"
	"oshirase/templates"
)

func (p *program) cmdPrint() *cobra.Command {
	c := p.command("print", nil)
	r := p.command("print_receipt", func(cmd *cobra.Command, given []string) error {
		return p.withHome(cmd.Context(), func(h *house) error {
			return h.takeReceipt(cmd.Context(), letters.PrinterReceipt, given[0])
		})
	})
	r.Use = "receipt FILE"
	r.Args = args(cobra.ExactArgs(1))
	c.AddCommand(r)
	return c
}

func (p *program) cmdReturned() *cobra.Command {
	c := p.command("returned FILE", func(cmd *cobra.Command, given []string) error {
		return p.withHome(cmd.Context(), func(h *house) error {
			return h.takeReceipt(cmd.Context(), letters.ReturnedMail, given[0])
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	return c
}

// reader is who stands in the events that follow from receipts and logs.
const reader = "reader"

// takeReceipt is the commands print receipt and returned.
func (h *house) takeReceipt(ctx context.Context, kind letters.ReceiptKind, path string) error {
	raw, err := h.p.readGiven(path, kindReceipt)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	f := letters.ReceiptFile{Kind: kind, SHA256: hex.EncodeToString(sum[:]), Name: filepath.Base(path)}
	before, known, err := h.store.Receipt(ctx, f.SHA256)
	if err != nil {
		return err
	}
	if known {
		return fail(exitRefused, "same_receipt", store.ErrSameReceipt, f.Name, instant(before.TakenAt), before.Name)
	}
	words, err := receiptWords()
	if err != nil {
		return err
	}
	entries, problems, err := printing.ReadReceipt(bytes.NewReader(raw), words)
	if err != nil {
		return fail(exitProblems, "receipt_file", err, f.Name)
	}
	if len(entries) == 0 {
		return h.uselessReceipt(f, problems)
	}
	f.Lines = len(entries) + len(problems)
	return h.bookReceipt(ctx, f, entries, problems)
}

func receiptWords() (printing.Words, error) {
	content, err := fs.ReadFile(templates.Shipped(), "headings/receipt.toml")
	if err != nil {
		return printing.Words{}, err
	}
	return printing.ParseWords(content)
}

// bookReceipt holds the entries against the ledger and books what is certain.
func (h *house) bookReceipt(ctx context.Context, f letters.ReceiptFile, entries []printing.ReceiptEntry, problems []printing.ReceiptProblem) error {
	ledger, err := h.store.DispatchesOf(ctx, idsIn(entries))
	if err != nil {
		return err
	}
	booked, err := h.store.BookedLines(ctx, idsIn(entries))
	if err != nil {
		return err
	}
	judged, steps := printing.Judge(entries, ledger, booked, reader)
	lines := make([]letters.ReceiptLine, len(judged))
	for i, j := range judged {
		lines[i] = j.Line()
	}
	bar := h.p.progress("receipt", len(lines)+len(steps))
	id, err := h.store.TakeReceipt(ctx, f, lines, steps, h.p.now(), bar)
	if err != nil {
		return err
	}
	out := h.receiptReport(f, judged, problems)
	out.Receipt = id
	if out.Runs, err = h.accountsOf(ctx, judged, ledger); err != nil {
		return err
	}
	return h.receiptDone(out)
}

func idsIn(entries []printing.ReceiptEntry) []letters.ID {
	var ids []letters.ID
	for _, e := range entries {
		ids = append(ids, e.LetterID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// receiptJSON is what taking in a receipt did.
type receiptJSON struct {
	Receipt     int64         `json:"receipt"`
	File        string        `json:"file"`
	SHA256      string        `json:"sha256"`
	Lines       int           `json:"lines"`
	Applied     int           `json:"applied"`
	Known       int           `json:"known"`
	Posted      int           `json:"posted"`
	Withdrawn   int           `json:"withdrawn"`
	Remade      int           `json:"remade"`
	Returned    int           `json:"returned"`
	Unknown     []lineJSON    `json:"unknown"`
	Unexpected  []lineJSON    `json:"unexpected"` // in no print run, or against what the ledger says
	PagesDiffer []lineJSON    `json:"pages_differ"`
	Problems    []problemJSON `json:"problems"`
	Runs        []accountJSON `json:"runs"`
}

// lineJSON is a line that a person must look at.
type lineJSON struct {
	Row    int           `json:"row"`
	Column string        `json:"column"`
	Letter letters.ID    `json:"letter"`
	Said   string        `json:"said"`
	Stands letters.State `json:"stands,omitempty"`
	Pages  int           `json:"pages,omitempty"`
	Sheets int           `json:"sheets,omitempty"` // as approved
}

// accountJSON is a print run reconciled: letters = posted + withdrawn + remade
// + decided + missing.
type accountJSON struct {
	Run       string        `json:"run"`
	Month     letters.Month `json:"month"`
	State     string        `json:"state"`
	PostOn    letters.Date  `json:"post_on"`
	Letters   int           `json:"letters"`
	Posted    int           `json:"posted"`
	Withdrawn int           `json:"withdrawn"`
	Remade    int           `json:"remade"`
	Decided   int           `json:"decided"`
	Missing   int           `json:"missing"`
	Settled   bool          `json:"settled"`
	IDs       []letters.ID  `json:"missing_letters,omitempty"`
}

func accountOf(a letters.RunAccount) accountJSON {
	return accountJSON{Run: a.RunID, Month: a.Month, State: a.State, PostOn: a.PostOn, Letters: a.Letters, Posted: a.Posted,
		Withdrawn: a.Withdrawn, Remade: a.Remade, Decided: a.Decided, Missing: a.Missing, Settled: a.Missing+a.Remade == 0}
}

func (h *house) receiptReport(f letters.ReceiptFile, judged []printing.Judged, problems []printing.ReceiptProblem) receiptJSON {
	out := receiptJSON{File: f.Name, SHA256: f.SHA256, Lines: f.Lines, Unknown: []lineJSON{}, Unexpected: []lineJSON{},
		PagesDiffer: []lineJSON{}, Problems: h.receiptProblems(f.Name, problems), Runs: []accountJSON{}}
	said := map[printing.ReceiptState]*int{printing.Posted: &out.Posted, printing.Withdrawn: &out.Withdrawn,
		printing.Remade: &out.Remade, printing.Returned: &out.Returned}
	for _, j := range judged {
		line := lineJSON{Row: j.Row, Column: j.Column, Letter: j.LetterID, Said: string(j.State), Stands: j.Stands, Pages: j.Pages, Sheets: j.Approved}
		switch j.Result {
		case letters.LineApplied:
			out.Applied++
			*said[j.State]++
		case letters.LineKnown:
			out.Known++
		case letters.LineUnknown:
			out.Unknown = append(out.Unknown, line)
		default:
			out.Unexpected = append(out.Unexpected, line)
		}
		if j.PagesDiffer() {
			out.PagesDiffer = append(out.PagesDiffer, line)
		}
	}
	return out
}

func (h *house) receiptProblems(file string, problems []printing.ReceiptProblem) []problemJSON {
	out := []problemJSON{}
	for _, p := range problems {
		reason, advice := h.set.Problem(letters.Problem{Code: p.Code})
		out = append(out, problemJSON{file, p.Row, p.Column, p.Code, reason, advice})
	}
	return out
}

// uselessReceipt reports a file of which no line could be taken; nothing of it
// is kept.
func (h *house) uselessReceipt(f letters.ReceiptFile, problems []printing.ReceiptProblem) error {
	out := h.receiptReport(f, nil, problems)
	out.Lines = len(problems)
	if err := h.p.report("receipt", out); err != nil {
		return err
	}
	return fail(exitProblems, "receipt_useless", errors.New("no line of the receipt can be taken"), f.Name)
}

// accountsOf reconciles the print runs that the receipt speaks of.
func (h *house) accountsOf(ctx context.Context, judged []printing.Judged, ledger map[letters.ID][]letters.Dispatch) ([]accountJSON, error) {
	named := make(map[string]bool)
	for _, j := range judged {
		for _, d := range ledger[j.LetterID] {
			named[d.RunID] = true
		}
	}
	accounts, err := h.store.RunAccounts(ctx, "")
	if err != nil {
		return nil, err
	}
	out := []accountJSON{}
	for _, a := range accounts {
		if !named[a.RunID] {
			continue
		}
		row := accountOf(a)
		if row.IDs, err = h.store.RunMissing(ctx, a.RunID); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// receiptDone reports; what came back or does not agree waits for a person.
func (h *house) receiptDone(out receiptJSON) error {
	if err := h.p.report("receipt", out); err != nil {
		return err
	}
	if out.Returned+out.Withdrawn+len(out.Unknown)+len(out.Unexpected)+len(out.PagesDiffer)+len(out.Problems) > 0 {
		return fmt.Errorf("receipt %d: %w", out.Receipt, errWaits)
	}
	return nil
}
