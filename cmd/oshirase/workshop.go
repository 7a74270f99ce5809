package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"oshirase/batch/printing"
	"oshirase/letters"
	"oshirase/letters/failpoint"
	"oshirase/letters/journal"
	"oshirase/letters/pdf"
)

// workshop joins ledger, journal, page engine, print folder and mail server.
type workshop struct {
	h       *house
	worker  string
	journal *journal.Journal
	shared  *pdf.Shared
	presses sync.Pool // of print shop and mail senders: a press compiles its wording once
	shop    *printing.Shop
	loaded  map[letters.ID]letters.Letter // letters of the run in hand
}

// leaseTime is how long a claimed letter is ours before another worker may
// conclude that we died.
const leaseTime = 30 * time.Minute

func lease() time.Duration { return failpoint.Lease(leaseTime) }

func (h *house) newWorkshop(ctx context.Context) (*workshop, error) {
	if err := h.edited(ctx); err != nil {
		return nil, err
	}
	j, err := h.openJournal(ctx)
	if err != nil {
		return nil, err
	}
	// The journal is ours alone, so an earlier process of this home is dead:
	// what it held is settled now and not when its leases run out.
	if _, err := h.store.EndLeases(ctx, h.worker()); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	s, err := h.shared()
	if err != nil {
		return nil, errors.Join(err, j.Close())
	}
	if _, err := h.towns(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	w := &workshop{h: h, worker: h.worker(), journal: j, shared: s}
	w.shop = &printing.Shop{
		Ledger: h.store, Worker: w.worker, PerRun: 10000, Lease: lease(), Now: h.p.now,
		NewID: w.runID, Mine: w.ownRun, Load: w.load, Journal: w.recordRun, Asked: w.runAsked,
		Maker: printing.Maker{Root: h.printRoot(), Pages: w, Sheet: w.orderSheet, Readback: pageReader{h.cfg.Render.Workers}, Columns: h.manifestColumns(), PerFile: h.cfg.Print.PerFile, Workers: h.cfg.Render.Workers,
			Mine: w.ownRun},
	}
	if w.shop.Drop = h.drop(); w.shop.Drop == nil { // the folder is the hand-over
		w.shop.Maker.Asked = w.askRun
	}
	return w, nil
}

// drop hands print runs on to the printer's own server; nil where there is
// none.
func (h *house) drop() printing.HandOn {
	c := h.cfg.Print
	if c.SFTPHost == "" {
		return nil
	}
	server := printing.Server{Host: c.SFTPHost, Port: c.SFTPPort, User: c.SFTPUser, KeyFile: c.SFTPKeyFile,
		HostKey: c.SFTPHostKey, KnownHosts: c.SFTPKnownHosts}
	return printing.Drop{Dial: server.Dial, Dir: c.SFTPDir, Marks: h.p.inHome("dropped"), Settled: h.store.RunSettled, Log: h.p.log}
}

// worker is the name under which this home works.
func (h *house) worker() string { return "work-" + h.id }

// printRoot is the folder in which print runs appear.
func (h *house) printRoot() string {
	if filepath.IsAbs(h.cfg.Print.Out) {
		return h.cfg.Print.Out
	}
	return h.p.inHome(h.cfg.Print.Out)
}

// manifestColumns are the headings of manifest.csv.
func (h *house) manifestColumns() []string {
	var out []string
	for _, key := range []string{"letter", "generation", "file", "first_page", "pages", "marks", "content", "page_hashes", "envelope", "barcode", "postal_code"} {
		out = append(out, h.set.Words().Get("manifest", key))
	}
	return out
}

// runID names a run by month and class, and a random part, so that it is never used twice.
func (w *workshop) runID(m letters.Month, class string) (string, error) {
	var raw [4]byte
	if _, err := io.ReadFull(w.h.p.random, raw[:]); err != nil {
		return "", fmt.Errorf("draw run id: %w", err)
	}
	return fmt.Sprintf("%s-%s-%s-%s", m, class, w.h.tag(), hex.EncodeToString(raw[:])), nil
}

// tag is the part of the home's ID that its runs carry.
func (h *house) tag() string { return h.id[:6] }

// ownRun reports whether a run was begun in this home.
func (w *workshop) ownRun(id string) bool { return strings.Contains(id, "-"+w.h.tag()+"-") }

// load reads the letters of a claim and what approval bound of each.
func (w *workshop) load(ctx context.Context, m letters.Month, claimed []letters.Dispatch) ([]printing.Piece, error) {
	mine := make(map[letters.ID]bool, len(claimed))
	for _, d := range claimed {
		mine[d.LetterID] = true
	}
	w.loaded = make(map[letters.ID]letters.Letter, len(claimed))
	pieces := make([]printing.Piece, 0, len(claimed))
	err := w.h.store.Letters(ctx, m, []letters.State{letters.InPrintRun}, func(l letters.Letter, d letters.Dispatch) error {
		if !mine[l.ID] {
			return nil
		}
		w.loaded[l.ID] = l
		r := d.Rendering
		pieces = append(pieces, printing.Piece{LetterID: l.ID, Generation: l.Generation, PostalCode: l.Recipient.PostalCode,
			Envelope: r.Envelope, Barcode: r.Barcode, ContentHash: r.ContentHash, PageHashes: r.PageHashes, Marks: marksOf(l, r.Pages), Refers: l.Refers})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read letters of print run: %w", err)
	}
	return pieces, nil
}

// marksOf are the contents of a letter's machine marks (letters/pdf).
func marksOf(l letters.Letter, pages int) []string {
	out := make([]string, pages)
	for i := range out {
		out[i] = fmt.Sprintf("OS1|%s|%d|%d|%d", l.ID, l.Generation, i+1, pages)
	}
	return out
}

// takePress gives a press that nobody else uses.
func (w *workshop) takePress() *press {
	if p, ok := w.presses.Get().(*press); ok {
		return p
	}
	return w.h.newPress(w.shared, w.h.postal)
}

// NewFile is printing.PageSource.
func (w *workshop) NewFile(to io.Writer) printing.PrintFile {
	return &printFile{w: w, file: w.shared.NewPrintFile(to)}
}

// printFile draws the letters of one print file.
type printFile struct {
	w    *workshop
	file *pdf.PrintFile
}

// Draw draws a letter with a press of its own.
func (f *printFile) Draw(_ context.Context, id letters.ID, _ int) (printing.Join, error) {
	l, ok := f.w.loaded[id]
	if !ok {
		return nil, fmt.Errorf("letter %s is not of this run", id)
	}
	p := f.w.takePress()
	pages, _, err := p.pages(&l)
	if err != nil {
		return nil, err // its press is not trusted with another letter
	}
	f.w.presses.Put(p)
	return func() (int, error) { return f.file.Add(pages) }, nil
}

// Close finishes the file.
func (f *printFile) Close() error { return f.file.Close() }

// record writes one line into the journal and its number into the ledger.
func (w *workshop) record(ctx context.Context, e journal.Entry) error {
	e.At, e.Epoch = w.h.p.now().UnixMicro(), w.h.store.Epoch()
	if _, err := w.journal.Append(ctx, e); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// askRun notes that a run's folder is about to get its name.
func (w *workshop) askRun(ctx context.Context, run string) error {
	return w.record(ctx, journal.Entry{Kind: journal.Note, Run: run})
}

// runAsked looks for askRun's line.
func (w *workshop) runAsked(_ context.Context, run string) (bool, error) {
	for line, err := range w.journal.Since(0) {
		if err != nil {
			return false, fmt.Errorf("look for print run %s: %w", run, err)
		}
		if line.Kind == journal.Note && line.Run == run {
			return true, nil
		}
	}
	return false, nil
}

func (w *workshop) recordRun(ctx context.Context, run string, _ int) error {
	return w.record(ctx, journal.Entry{Kind: journal.PrintRun, Run: run})
}
