package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"oshirase/letters/backup"
)

// nothing is a backup.Sink that keeps nothing.
type nothing struct{}

func (nothing) Head(backup.Head) error              { return nil }
func (nothing) Table(string, []string) error        { return nil }
func (nothing) Row([]any) error                     { return nil }
func (nothing) File(string) (io.WriteCloser, error) { return discarded{io.Discard}, nil }

type discarded struct{ io.Writer }

func (discarded) Close() error { return nil }

// Names of what a backup holds beside settings and tables.
const (
	journalFile = "journal.jsonl"
	auditFile   = "audit.jsonl"
	indexFile   = "index.json"
	homeFile    = "home.id"
)

// keptFolders and keptFiles are what of the home goes with a backup as it is.
// Keys and passwords do not: they belong elsewhere. The demo's mark goes
// along, so that a demo stays one.
func keptFolders() []string { return []string{"incident", "fonts", "postal"} }
func keptFiles() []string {
	return []string{homeFile, "oshirase.toml", "demo", "audit.pub", "anchors.jsonl"}
}

// writeBackup writes settings, the ledger as it stands at one moment, and
// after it journal and audit chain: they only grow, so that they are never
// behind the ledger.
func (h *house) writeBackup(ctx context.Context, to io.Writer, keys []age.Recipient, at int64) ([]backup.Sum, error) {
	schema, err := h.store.Schema(ctx)
	if err != nil {
		return nil, err
	}
	head := backup.Head{Schema: schema, Ledger: h.store.LedgerID(), Epoch: h.store.Epoch(), Home: h.id,
		TakenAt: at, Program: version, Database: "sqlite"}
	if h.store.Postgres() {
		head.Database = "postgres"
	}
	w, err := backup.NewWriter(to, keys, head)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return h.keepSettings(w) },
		func() error { return h.store.Snapshot(ctx, w) },
		func() error { return h.keepGrowing(w, journalFile) },
		func() error { return h.keepAudit(ctx, w) },
		func() error { return h.keepIndex(ctx, w) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return w.Close()
}

// keepSettings adds the files of the home that people wrote.
func (h *house) keepSettings(w *backup.Writer) error {
	names := keptFiles()
	for _, folder := range keptFolders() {
		found, err := filesIn(h.p.inHome(folder))
		if err != nil {
			return err
		}
		for _, name := range found {
			names = append(names, path.Join(folder, name))
		}
	}
	for _, name := range names {
		if err := h.keepGrowing(w, name); err != nil {
			return err
		}
	}
	return nil
}

// keepGrowing adds a file of the home up to its size of now; a missing one is
// passed over.
func (h *house) keepGrowing(w *backup.Writer, name string) error {
	f, err := os.Open(h.p.inHome(filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return w.File(name, io.LimitReader(f, info.Size()))
}

// keepAudit adds the audit chain, from file or ledger, as a file of lines.
func (h *house) keepAudit(ctx context.Context, w *backup.Writer) error {
	if !h.store.Postgres() {
		return h.keepGrowing(w, auditFile)
	}
	from, to := io.Pipe()
	go func() {
		to.CloseWithError(h.store.AuditSince(ctx, 0, func(_ int64, line string) error {
			_, err := io.WriteString(to, line+"\n")
			return err
		}))
	}()
	return errors.Join(w.File(auditFile, from), from.Close())
}

// indexed is one produced file that a backup names and does not hold.
type indexed struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// producedFolders are what was made for others, by the name in the index.
func (h *house) producedFolders() map[string]string {
	return map[string]string{"print": h.printRoot(), "packets": h.p.inHome("packets"), "archive": h.p.inHome("archive")}
}

// keepIndex adds names and hashes of what was produced, so that a restored
// home can be held against it.
func (h *house) keepIndex(ctx context.Context, w *backup.Writer) error {
	list := []indexed{}
	for _, folder := range []string{"print", "packets", "archive"} {
		root := h.producedFolders()[folder]
		names, err := filesIn(root)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return err
			}
			e, err := indexOf(root, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // taken away meanwhile
			}
			if err != nil {
				return fmt.Errorf("index %s: %w", folder, err)
			}
			e.Name = path.Join(folder, name)
			list = append(list, e)
		}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return w.File(indexFile, bytes.NewReader(raw))
}

func indexOf(root, name string) (indexed, error) {
	f, err := os.Open(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return indexed{}, err
	}
	defer f.Close() // only read
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return indexed{Name: name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// filesIn lists the regular files under a folder as sorted slash paths; what
// is being staged, or lies in hidden folders, is left out. A missing folder
// has none.
func filesIn(root string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case file != root && strings.HasPrefix(d.Name(), ".") && d.IsDir():
			return fs.SkipDir
		case strings.HasPrefix(d.Name(), ".") || !d.Type().IsRegular():
			return nil
		}
		rel, err := filepath.Rel(root, file)
		names = append(names, filepath.ToSlash(rel))
		return err
	})
	slices.Sort(names)
	return names, err
}
