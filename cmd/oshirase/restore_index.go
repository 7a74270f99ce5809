package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// checkIndex holds print runs, packets and archive against what the backup
// names: a backup has their hashes, not their contents.
func (r *restoring) checkIndex() error {
	raw, err := os.ReadFile(filepath.Join(r.stage, indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var list []indexed
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("index of the backup: %w", err)
	}
	cfg, err := r.p.readConfig()
	if err != nil {
		return err
	}
	h := &house{p: r.p, cfg: cfg}
	for _, want := range list {
		folder, name, _ := strings.Cut(want.Name, "/")
		root, known := h.producedFolders()[folder]
		if !known || !fs.ValidPath(name) {
			continue
		}
		r.out.Produced++
		got, err := indexOf(root, name)
		if got.Name = want.Name; err != nil || got != want {
			r.out.Missing = append(r.out.Missing, want.Name)
		}
	}
	return nil
}
