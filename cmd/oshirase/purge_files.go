package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"oshirase/letters"
	"oshirase/letters/disk"
)

// purgePaths are the places of the home that hold personal data of a month, by
// folder: its print runs, packets, proofs and workbooks of problems, whatever
// a crash left of them, and the copies of the whole ledger that migrate made.
func (h *house) purgePaths(ctx context.Context, m letters.Month) (map[string][]string, error) {
	runs, err := h.store.Runs(ctx, m)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{"packets": {h.p.inHome("packets", string(m))}}
	for _, r := range runs {
		out["print"] = append(out["print"], filepath.Join(h.printRoot(), r.ID))
	}
	if h.cfg.Archive.URL == "" {
		out["archive"] = []string{h.p.inHome("archive", string(m))}
	}
	for folder, pattern := range map[string]string{"proofs": string(m) + "*", "problems": string(m) + "-*", "backup": "*"} {
		for _, p := range []string{pattern, ".staged-*"} {
			found, err := filepath.Glob(h.p.inHome(folder, p))
			if err != nil {
				return nil, err
			}
			out[folder] = append(out[folder], found...)
		}
	}
	return out, nil
}

// purgeFiles counts the files that a purge of the month deletes.
func (h *house) purgeFiles(ctx context.Context, m letters.Month) (map[string]int, error) {
	paths, err := h.purgePaths(ctx, m)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for folder, list := range paths {
		for _, path := range list {
			err := filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				if err == nil && !d.IsDir() {
					out[folder]++
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// forgetFiles deletes them, durably. It may be repeated.
func (h *house) forgetFiles(ctx context.Context, m letters.Month) error {
	paths, err := h.purgePaths(ctx, m)
	if err != nil {
		return err
	}
	for _, list := range paths {
		for _, path := range list {
			if err := writable(path); err != nil {
				return err
			}
			if err := os.RemoveAll(path); err != nil {
				return err
			}
			if err := disk.SyncDir("purge", filepath.Dir(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	if h.cfg.Archive.URL == "" {
		return nil
	}
	a, err := h.openArchive(ctx)
	if err != nil {
		return err
	}
	return a.Forget(string(m))
}

// writable lets the folders of what was written once be emptied.
func writable(path string) error {
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(p, 0o700)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
