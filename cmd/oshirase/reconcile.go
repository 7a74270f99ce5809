package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"oshirase/batch/printing"
	"oshirase/letters"
)

// reconcileOutside compares what lies outside the ledger with it: print
// folders (I5, I7), packets (I8) and the audit chain (I10).
func (h *house) reconcileOutside(ctx context.Context, m letters.Month) ([]letters.Broken, error) {
	months := []letters.MonthInfo{{Month: m}}
	if m == "" {
		var err error
		if months, err = h.store.Months(ctx); err != nil {
			return nil, err
		}
	}
	var out []letters.Broken
	for _, info := range months {
		for _, check := range []func(context.Context, letters.Month) ([]letters.Broken, error){h.reconcileRuns, h.reconcilePackets} {
			found, err := check(ctx, info.Month)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	b, err := h.reconcileAudit(ctx)
	return append(out, broken(b)...), err
}

// broken leaves out what found nothing.
func broken(all ...letters.Broken) []letters.Broken {
	return slices.DeleteFunc(all, func(b letters.Broken) bool { return b.Count == 0 })
}

// reconcileRuns reads every print folder back that is still there: each is as
// the ledger has it (I5), and its pages are those that were approved (I7). A
// folder that was fetched and removed says nothing.
func (h *house) reconcileRuns(ctx context.Context, m letters.Month) ([]letters.Broken, error) {
	differ, other := letters.Broken{Invariant: "I5"}, letters.Broken{Invariant: "I7"}
	runs, err := h.store.Runs(ctx, m)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if r.State != "handed_over" {
			continue
		}
		report, err := printing.Inspect(filepath.Join(h.printRoot(), r.ID), pageReader{h.cfg.Render.Workers})
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		items, itemsErr := h.store.RunItems(ctx, r.ID)
		if itemsErr != nil {
			return nil, itemsErr
		}
		if err != nil || !report.Intact() || report.Run.Manifest != r.Manifest || !sameItems(report.Run.Items, items) {
			differ.Count++
			differ.IDs = append(differ.IDs, r.ID)
		}
		for _, id := range notApproved(report.Run.Items, items) {
			other.Count++
			other.IDs = append(other.IDs, string(id))
		}
	}
	return broken(differ, other), nil
}

// notApproved names the letters of a folder whose pages are not those that the
// ledger has as approved.
func notApproved(folder []printing.Item, ledger []letters.PrintItem) (out []letters.ID) {
	approved := make(map[letters.ID]string, len(ledger))
	for _, i := range ledger {
		approved[i.LetterID] = i.ContentHash
	}
	for _, i := range folder {
		if hash, ours := approved[i.LetterID]; ours && hash != i.ContentHash {
			out = append(out, i.LetterID)
		}
	}
	return out
}

func sameItems(folder []printing.Item, ledger []letters.PrintItem) bool {
	stands := make(map[letters.ID]letters.PrintItem, len(ledger))
	for _, i := range ledger {
		stands[i.LetterID] = i
	}
	for _, i := range folder {
		l, ok := stands[i.LetterID]
		if !ok || l.Generation != i.Generation || l.File != i.File || l.FirstPage != i.FirstPage || l.Pages != i.Pages {
			return false
		}
	}
	return len(folder) == len(ledger)
}

// reconcilePackets opens every packet that the ledger knows.
func (h *house) reconcilePackets(ctx context.Context, m letters.Month) ([]letters.Broken, error) {
	out := letters.Broken{Invariant: "I8"}
	made, err := h.store.Packets(ctx, m)
	if err != nil || len(made) == 0 {
		return nil, err
	}
	if info, err := h.store.Month(ctx, m); err != nil || info.PurgedAt > 0 {
		return nil, err // its files were deleted; the ledger's part of I8 still holds
	}
	shop, err := h.newPacketShop(m)
	if err != nil {
		return nil, err
	}
	rows, err := h.packetRows(ctx, m)
	if err != nil {
		return nil, err
	}
	for _, p := range made {
		if err := shop.verify(p, rows[p.Retailer]); err != nil {
			out.Count++
			out.IDs = append(out.IDs, p.Retailer)
			if errors.Is(err, fs.ErrNotExist) {
				out.Gone++
			}
		}
	}
	return broken(out), nil
}
