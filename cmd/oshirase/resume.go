package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"oshirase/letters"
	"oshirase/letters/journal"
)

// Sending goes on after a backup was restored: two people decide it, and every
// letter that left the house by the journal's account becomes uncertain, so
// that it is not sent again.

// leftBehind finds what left the house and the ledger knows nothing of. A
// print run stands for the letters in its folder.
func (h *house) leftBehind(ctx context.Context) (ahead, error) {
	known, err := h.knownHome(ctx)
	if err != nil {
		return ahead{}, err
	}
	j, err := journal.Open(h.p.inHome(journalFile), h.id)
	if errors.Is(err, journal.ErrLocked) {
		return ahead{}, fail(exitRefused, "work_running", err)
	}
	if err != nil {
		return ahead{}, fmt.Errorf("open journal: %w", err)
	}
	a, err := h.aheadOfLedger(ctx, j.Since, known)
	if err = errors.Join(err, j.Close()); err != nil {
		return ahead{}, err
	}
	for _, run := range a.runs {
		in, err := h.lettersOfRun(run)
		if err != nil {
			return ahead{}, fail(exitRefused, "resume_run", err, run)
		}
		a.letters = append(a.letters, in...)
	}
	if a.other {
		return ahead{}, fail(exitRefused, "resume_other", errors.New("the journal is of another history"))
	}
	return a, nil
}

// resumeLetters names the letters that a decision to go on must cover. One
// that the ledger does not have as approved, or has in another generation,
// cannot be kept from being sent again: then the backup is too old.
func (h *house) resumeLetters(ctx context.Context) ([]letters.ID, error) {
	_, waits, err := h.store.Restored(ctx)
	if err != nil {
		return nil, err
	}
	a, err := h.leftBehind(ctx)
	if err != nil {
		return nil, err
	}
	behind, err := h.store.HomesBehind(ctx)
	if err != nil {
		return nil, err
	}
	if !waits && !a.any() && len(behind) == 0 {
		return nil, fail(exitRefused, "resume_nothing", errors.New("nothing was restored"))
	}
	var ids []letters.ID
	var unknown []string
	for _, l := range a.letters {
		letter, all, err := h.store.Letter(ctx, l.id)
		if err != nil || letter.Generation != l.generation || all[len(all)-1].State.BeforeApproval() {
			unknown = append(unknown, l.id.Groups())
			continue
		}
		ids = append(ids, l.id)
	}
	if len(unknown) > 0 {
		return nil, fail(exitRefused, "resume_unknown", errors.New("letters that the backup does not have as approved"), strings.Join(unknown, " "))
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// mayResume refuses to confirm when more has left this home than the proposal
// covers.
func (h *house) mayResume(ctx context.Context, d letters.Decision) error {
	ids, err := h.resumeLetters(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.Contains(d.Letters, id) {
			return fail(exitRefused, "resume_more", errors.New("the proposal does not cover all"), id.Groups())
		}
	}
	return nil
}

// resumed lets this home's journal count as known up to its end. Two people who
// decide it again, over no letter, give up the homes whose journals are lost.
func (h *house) resumed(ctx context.Context, again bool) error {
	if again {
		return h.store.GiveUpHomes(ctx)
	}
	head, _, err := journal.Check(h.p.inHome(journalFile), h.id)
	if err != nil {
		return err
	}
	return h.store.SetHome(ctx, h.id, uint64(head.N), head.Hash, h.store.Epoch())
}
