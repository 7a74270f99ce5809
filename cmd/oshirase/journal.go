package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"oshirase/batch"
	"oshirase/letters"
	"oshirase/letters/journal"
)

// openJournal takes this home's journal and compares it with the ledger before
// anything may be sent.
func (h *house) openJournal(ctx context.Context) (*journal.Journal, error) {
	path := h.p.inHome(journalFile)
	known, err := h.knownHome(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && known.n > 0 {
		return nil, fail(exitRefused, "no_journal", err)
	}
	j, err := journal.Open(path, h.id)
	if errors.Is(err, journal.ErrLocked) {
		return nil, fail(exitRefused, "work_running", err)
	}
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := h.compareJournal(ctx, j, known); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// compareJournal refuses when the ledger was restored and nobody has decided,
// when its epoch is not the one under which this home worked, when the journal
// lacks what the ledger knows of it, and when it is ahead of the ledger: when
// it names a hand-over that the ledger has not begun. A few lines that a crash
// left unrecorded in the ledger are fine as long as the ledger knows every
// hand-over in them.
func (h *house) compareJournal(ctx context.Context, j *journal.Journal, known knownHome) error {
	head := j.Head()
	if uint64(head.N) < known.n {
		return fail(exitRefused, "journal_short", errors.New("the journal lacks lines that the ledger knows"))
	}
	ahead, err := h.aheadOfLedger(ctx, j.Since, known)
	if err != nil {
		return err
	}
	restored, waits, err := h.store.Restored(ctx)
	if err != nil {
		return err
	}
	resumed, err := h.store.Resumed(ctx)
	if err != nil {
		return err
	}
	switch {
	case waits:
		return fail(exitRefused, "restored", errors.New("a restored ledger waits for a decision"), instant(restored.TakenAt), ahead.names())
	case known.epoch != "" && known.epoch != h.store.Epoch() && !resumed:
		return fail(exitRefused, "restored_elsewhere", errors.New("the ledger's epoch is another than this home worked under"), ahead.names())
	case ahead.any():
		return fail(exitRefused, "journal_ahead", fmt.Errorf("the journal is ahead of the ledger: %s", ahead.names()), ahead.names())
	}
	if err := h.store.SetHome(ctx, h.id, uint64(head.N), head.Hash, h.store.Epoch()); err != nil {
		return err
	}
	return h.allCompared(ctx)
}

// allCompared refuses to send from a restored ledger while another home that
// worked on it has not held its journal against it: what that one sent after
// the backup would be sent again from here.
func (h *house) allCompared(ctx context.Context) error {
	behind, err := h.store.HomesBehind(ctx)
	if err == nil && len(behind) > 0 {
		return fail(exitRefused, "restored_homes", errors.New("journals of other homes were not compared"), strings.Join(behind, " "))
	}
	return err
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
