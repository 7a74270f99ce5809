package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

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
		for _, check := range []func(context.Context, letters.Month) (letters.Broken, error){h.reconcileRuns, h.reconcilePackets} {
			b, err := check(ctx, info.Month)
			if err != nil {
				return nil, err
			}
			if b.Count > 0 {
				out = append(out, b)
			}
		}
	}
	b, err := h.reconcileAudit(ctx)
	if b.Count > 0 {
		out = append(out, b)
	}
	return out, err
}

// reconcileRuns reads every print folder back that is still there. A folder
// that was fetched and removed says nothing.
func (h *house) reconcileRuns(ctx context.Context, m letters.Month) (letters.Broken, error) {
	out := letters.Broken{Invariant: "I5"}
	runs, err := h.store.Runs(ctx, m)
	if err != nil {
		return out, err
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
			return out, itemsErr
		}
		if err != nil || !report.Intact() || report.Run.Manifest != r.Manifest || !sameItems(report.Run.Items, items) {
			out.Count++
			out.IDs = append(out.IDs, r.ID)
		}
	}
	return out, nil
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
func (h *house) reconcilePackets(ctx context.Context, m letters.Month) (letters.Broken, error) {
	out := letters.Broken{Invariant: "I8"}
	made, err := h.store.Packets(ctx, m)
	if err != nil || len(made) == 0 {
		return out, err
	}
	if info, err := h.store.Month(ctx, m); err != nil || info.PurgedAt > 0 {
		return out, err // its files were deleted; the ledger's part of I8 still holds
	}
	shop, err := h.newPacketShop(m)
	if err != nil {
		return out, err
	}
	rows, err := h.packetRows(ctx, m)
	if err != nil {
		return out, err
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
	return out, nil
}
