package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"oshirase/batch"
	"oshirase/letters"
	"oshirase/letters/journal"
)

// openJournal takes this home's journal and compares it with the ledger before
// anything may be sent.
func (h *house) openJournal(ctx context.Context) (*journal.Journal, error) {
	path := h.p.inHome("journal.jsonl")
	n, hash, epoch, known, err := h.store.Home(ctx, h.id)
	if err != nil {
		return nil, fmt.Errorf("read home: %w", err)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && known && n > 0 {
		return nil, fail(exitRefused, "no_journal", err)
	}
	j, err := journal.Open(path, h.id)
	if errors.Is(err, journal.ErrLocked) {
		return nil, fail(exitRefused, "work_running", err)
	}
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := h.compareJournal(ctx, j, n, hash, epoch, known); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// compareJournal refuses when the ledger is older than the journal: when the
// journal names a hand-over that the ledger has not begun, when the journal
// lacks what the ledger knows of it, or when the ledger was restored (another
// epoch). A few lines that a crash left unrecorded in the ledger are fine as
// long as the ledger knows every hand-over in them.
func (h *house) compareJournal(ctx context.Context, j *journal.Journal, n uint64, hash, epoch string, known bool) error {
	head := j.Head()
	if known && (epoch != h.store.Epoch() || uint64(head.N) < n) {
		return fail(exitRefused, "journal_ahead", errors.New("ledger and journal are not of one history"))
	}
	runs, err := h.runsKnown(ctx)
	if err != nil {
		return err
	}
	from := int64(n) - 1
	for line, err := range j.Since(max(from, 0)) {
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		if line.N == int64(n) && line.Hash != hash {
			return fail(exitRefused, "journal_ahead", errors.New("journal is not the one that the ledger knows"))
		}
		if line.N > int64(n) {
			if err := h.knows(ctx, line, runs); err != nil {
				return err
			}
		}
	}
	return h.store.SetHome(ctx, h.id, uint64(head.N), head.Hash, h.store.Epoch())
}

// runsKnown are the IDs of every print run in the ledger.
func (h *house) runsKnown(ctx context.Context) (map[string]bool, error) {
	months, err := h.store.Months(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool)
	for _, m := range months {
		runs, err := h.store.Runs(ctx, m.Month)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			known[r.ID] = true
		}
	}
	return known, nil
}

// knows checks that the ledger has begun a hand-over that the journal records.
func (h *house) knows(ctx context.Context, line journal.Line, runs map[string]bool) error {
	if line.Kind == journal.PrintRun {
		if !runs[line.Run] {
			return fail(exitRefused, "journal_ahead", fmt.Errorf("print run %s is not in the ledger", line.Run))
		}
		return nil
	}
	_, dispatches, err := h.store.Letter(ctx, letters.ID(line.Letter))
	if err != nil {
		return fail(exitRefused, "journal_ahead", fmt.Errorf("letter %s: %w", line.Letter, err))
	}
	begun := slices.ContainsFunc(dispatches, func(d letters.Dispatch) bool {
		return d.Generation == line.Generation && d.MessageID != ""
	})
	if !begun {
		return fail(exitRefused, "journal_ahead", fmt.Errorf("letter %s was handed over before the ledger says so", line.Letter))
	}
	return nil
}

// edited refuses to work with another wording or renderer than the one that
// letters now queued were approved with.
func (h *house) edited(ctx context.Context) error {
	now, err := h.edition()
	if err != nil {
		return err
	}
	states := []letters.State{letters.QueuedPrint, letters.QueuedEmail, letters.Deferred, letters.InPrintRun, letters.Claimed}
	other, err := h.store.OtherEdition(ctx, "", states, now.Renderer, now.Template)
	if err == nil && len(other) > 0 {
		return fail(exitRefused, "stale_work", batch.ErrStale, string(other[0]))
	}
	return err
}

// waitingToLeave counts the letters that work has still to hand over.
func waitingToLeave(states map[letters.State]int) int {
	return states[letters.QueuedPrint] + states[letters.QueuedEmail] + states[letters.Deferred] +
		states[letters.InPrintRun] + states[letters.Claimed]
}
