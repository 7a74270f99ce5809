package main

import (
	"context"
	"errors"
	"io"

	"oshirase/batch"
	"oshirase/batch/desk"
	"oshirase/letters"
	"oshirase/letters/store"
)

// deskSteps takes the steps of a month for the desk, as the commands do.
type deskSteps struct{ h *house }

// Approvable is desk.MonthSteps'.
func (d deskSteps) Approvable(ctx context.Context, m letters.Month, packets bool) (desk.Approvable, error) {
	if packets {
		made, err := d.h.store.Packets(ctx, m)
		if err != nil {
			return desk.Approvable{}, err
		}
		if len(made) == 0 {
			return desk.Approvable{}, batch.ErrNothing
		}
		hash, err := d.h.store.PacketsHash(ctx, m)
		return desk.Approvable{Count: len(made), Hash: hash}, err
	}
	if err := d.h.wordingHolds(); err != nil {
		return desk.Approvable{}, err
	}
	now, err := d.h.edition()
	if err != nil {
		return desk.Approvable{}, err
	}
	a, err := batch.Approvable(ctx, d.h.store, m, now)
	return desk.Approvable{Count: a.Letters, Hash: a.Hash}, err
}

// Approve is desk.MonthSteps'.
func (d deskSteps) Approve(ctx context.Context, m letters.Month, packets bool, by, hash string) error {
	if packets {
		return d.approvePackets(ctx, m, by, hash)
	}
	if err := d.h.wordingHolds(); err != nil {
		return err
	}
	now, err := d.h.edition()
	if err != nil {
		return err
	}
	return batch.ApproveSeen(ctx, d.h.store, m, by, hash, now, d.h.p.now())
}

func (d deskSteps) approvePackets(ctx context.Context, m letters.Month, by, hash string) error {
	made, err := d.h.store.Packets(ctx, m)
	if err != nil {
		return err
	}
	if err := d.h.verifyPackets(m, made); err != nil {
		return err
	}
	return d.h.store.ApprovePackets(ctx, m, by, hash, d.h.p.now())
}

// Proof is desk.MonthSteps'.
func (d deskSteps) Proof(ctx context.Context, m letters.Month, w io.Writer) error {
	chosen, err := d.h.proofSet(ctx, m)
	if err != nil {
		return err
	}
	_, err = d.h.proofPages(m, chosen, w)
	return err
}

// Propose is desk.MonthSteps'.
func (d deskSteps) Propose(ctx context.Context, p letters.Proposal) (int64, error) {
	if p.Action == letters.ActNotReceived {
		var ids []letters.ID
		for _, l := range p.Letters {
			ids = append(ids, l.ID)
		}
		if err := d.h.noFolderStands(ctx, ids); err != nil {
			return 0, err
		}
	}
	return batch.Propose(ctx, letterNamer{d.h.store}, p, d.h.p.now())
}

// letterNamer is the ledger that says which letter it does not have: many may be
// proposed at once.
type letterNamer struct{ *store.Store }

func (n letterNamer) Letter(ctx context.Context, id letters.ID) (letters.Letter, []letters.Dispatch, error) {
	l, dispatches, err := n.Store.Letter(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		err = &store.LetterError{ID: id, Err: err}
	}
	return l, dispatches, err
}
