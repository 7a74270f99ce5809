package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"oshirase/letters/backup"
	"oshirase/letters/disk"
)

func (p *program) cmdBackup() *cobra.Command {
	var by string
	c := p.command("backup FILE", func(cmd *cobra.Command, given []string) error {
		return p.withHome(cmd.Context(), func(h *house) error { return h.backup(cmd.Context(), given[0], by) })
	})
	c.Args = args(cobra.ExactArgs(1))
	c.Flags().StringVar(&by, "as", "", p.words.flag("as"))
	return c
}

// backupJSON is what backup reports.
type backupJSON struct {
	File    string `json:"file"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
	TakenAt int64  `json:"taken_at"`
	Tables  int    `json:"tables"`
	Rows    int64  `json:"rows"`
	Files   int    `json:"files"`
}

// backup is the command backup. The file appears whole, read through again and
// recorded in the audit chain, or not at all.
func (h *house) backup(ctx context.Context, path, by string) (err error) {
	actor, err := h.backupBy(ctx, by)
	if err != nil {
		return err
	}
	to, mine, err := h.backupKeys()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fail(exitUsage, "backup_exists", fs.ErrExist, path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".oshirase-backup-*") // 0600
	if err != nil {
		return fail(exitUsage, "file_open", err, path)
	}
	defer func() { err = errors.Join(err, f.Close(), removeStaged(f.Name())) }()
	out := backupJSON{File: path, TakenAt: h.p.now().UnixMicro()}
	sums, err := h.writeBackup(ctx, f, to, out.TakenAt)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := disk.Sync("backup", f); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if out.Bytes, out.SHA256, err = verifyBackup(f, mine, sums); err != nil {
		return fmt.Errorf("verify backup: %w", err)
	}
	if err := h.note(ctx, keeping(actor, "backup", out.SHA256)); err != nil {
		return err
	}
	if err := errors.Join(disk.Link("backup", f.Name(), path), disk.SyncDir("backup", filepath.Dir(path))); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	for _, s := range sums {
		if !s.Table {
			out.Files++
			continue
		}
		out.Tables++
		out.Rows += s.Count
	}
	h.p.log.Info("backed up", slog.Int64("bytes", out.Bytes), slog.Int64("rows", out.Rows))
	return h.p.report("backup", out)
}

// removeStaged takes the staged name away; the finished file has another.
func removeStaged(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// backupKeys reads the house's public keys and draws a key of its own for this
// one run: with it the finished file is opened again and read through. It is
// never stored.
func (h *house) backupKeys() ([]age.Recipient, age.Identity, error) {
	path := h.cfg.Backup.RecipientsFile
	if path == "" {
		return nil, nil, fail(exitUsage, "backup_no_key", errors.New("backup.recipients_file is not set"))
	}
	if !filepath.IsAbs(path) {
		path = h.p.inHome(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fail(exitUsage, "backup_key", err, path)
	}
	defer f.Close() // only read
	to, err := age.ParseRecipients(f)
	if err != nil {
		return nil, nil, fail(exitUsage, "backup_key", errors.New("not a file of age recipients"), path)
	}
	if _, hybrid := to[0].(*age.HybridRecipient); hybrid { // the kinds do not mix
		mine, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, nil, err
		}
		return append(to, mine.Recipient()), mine, nil
	}
	mine, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, nil, err
	}
	return append(to, mine.Recipient()), mine, nil
}

// verifyBackup reads the file from the disk again: everything in it must be as
// it was written. It returns its size and its hex SHA-256.
func verifyBackup(f *os.File, key age.Identity, want []backup.Sum) (int64, string, error) {
	in, err := os.Open(f.Name())
	if err != nil {
		return 0, "", err
	}
	defer in.Close() // only read
	all := hashed(in)
	got, err := backup.Read(all, []age.Identity{key}, nothing{})
	if err != nil {
		return 0, "", err
	}
	if !slices.Equal(got, want) {
		return 0, "", backup.ErrTorn
	}
	return all.sum()
}
