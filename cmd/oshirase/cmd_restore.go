package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"oshirase/batch/intake"
	"oshirase/letters/audit"
	"oshirase/letters/backup"
	"oshirase/letters/disk"
	"oshirase/letters/store"
)

func (p *program) cmdRestore() *cobra.Command {
	var identity string
	c := p.command("restore FILE", func(cmd *cobra.Command, given []string) error {
		keys, err := readIdentities(identity)
		if err != nil {
			return err
		}
		r := &restoring{p: p, file: given[0], keys: keys}
		return r.run(cmd.Context())
	})
	c.Args = args(cobra.ExactArgs(1))
	c.Flags().StringVar(&identity, "identity", "", p.words.flag("identity"))
	_ = c.MarkFlagRequired("identity")
	return c
}

// readIdentities reads the private keys that open a backup.
func readIdentities(path string) ([]age.Identity, error) {
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	keys, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil {
		return nil, fail(exitUsage, "backup_key", errors.New("not a file of age identities"), path)
	}
	return keys, nil
}

// restoreJSON is what restore reports.
type restoreJSON struct {
	TakenAt  int64    `json:"taken_at"`
	Tables   int      `json:"tables"`
	Rows     int64    `json:"rows"`
	Files    []string `json:"files"`   // put into the home
	Left     []string `json:"left"`    // that stood there already
	Produced int      `json:"indexed"` // files of print, packets and archive that the backup names
	Missing  []string `json:"missing"` // of them, not in the home or not the same
}

// restoring is one run of restore.
type restoring struct {
	p     *program
	file  string
	keys  []age.Identity
	stage string // folder of the files on their way
	head  backup.Head
	sum   string // hex SHA-256 of the file
	out   restoreJSON
}

// run is the command restore: the backup is read through whole before
// anything is put in its place, and the ledger comes last.
func (r *restoring) run(ctx context.Context) (err error) {
	if err := os.MkdirAll(r.p.homeDir, 0o700); err != nil {
		return fmt.Errorf("make home: %w", err)
	}
	r.stage = r.p.inHome(".restoring")
	if err := errors.Join(os.RemoveAll(r.stage), os.MkdirAll(r.stage, 0o700)); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.stage)) }()
	if err := r.examine(); err != nil {
		return err
	}
	cfg, err := r.config()
	if err != nil {
		return err
	}
	if !onPostgres(cfg) && !r.p.freshLedger(cfg) {
		return fail(exitRefused, "restore_ledger", store.ErrNotEmpty, r.p.ledger(cfg))
	}
	if err := r.record(ctx, onPostgres(cfg)); err != nil {
		return err
	}
	if err := r.putFiles(onPostgres(cfg)); err != nil {
		return fmt.Errorf("put files: %w", err)
	}
	if err := r.putLedger(ctx, cfg); err != nil {
		return err
	}
	r.p.log.Info("restored", slog.Int64("rows", r.out.Rows), slog.Int64("taken_at", r.out.TakenAt))
	if err := r.checkIndex(); err != nil {
		return err
	}
	if err := r.p.report("restore", r.out); err != nil {
		return err
	}
	return errWaits // two people decide before anything is sent
}

// examine reads everything once: its sums, and its files into the stage.
func (r *restoring) examine() error {
	sums, err := r.read(r)
	if err != nil {
		return err
	}
	r.out.TakenAt, r.out.Files, r.out.Left, r.out.Missing = r.head.TakenAt, []string{}, []string{}, []string{}
	for _, s := range sums {
		if s.Table {
			r.out.Tables++
			r.out.Rows += s.Count
		}
	}
	return nil
}

// read reads the backup once more and says in words why it cannot.
func (r *restoring) read(to backup.Sink) ([]backup.Sum, error) {
	f, err := r.p.openKind(r.file, intake.KindBackup, intake.KindEmpty)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	all := hashed(f)
	sums, err := backup.Read(all, r.keys, to)
	for key, kind := range map[string]error{"restore_key": backup.ErrKey, "restore_torn": backup.ErrTorn, "restore_format": backup.ErrFormat} {
		if errors.Is(err, kind) {
			return nil, fail(exitProblems, key, err, r.file)
		}
	}
	if err == nil {
		_, r.sum, err = all.sum()
	}
	return sums, err
}

// Head, Table, Row and File make restoring the backup.Sink of its first
// reading.
func (r *restoring) Head(h backup.Head) error     { r.head = h; return nil }
func (r *restoring) Table(string, []string) error { return nil }
func (r *restoring) Row([]any) error              { return nil }

// File stages a file. A name that leads out of the home is refused, whoever
// wrote it.
func (r *restoring) File(name string) (io.WriteCloser, error) {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") {
		return nil, fmt.Errorf("file name in backup: %w", backup.ErrTorn)
	}
	path := filepath.Join(r.stage, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// config reads the settings of the home, or of the backup where it has none.
func (r *restoring) config() (config, error) {
	if _, err := os.Stat(r.p.inHome("oshirase.toml")); err == nil {
		return r.p.readConfig()
	}
	there := *r.p
	there.homeDir = r.stage
	return there.readConfig()
}

// putFiles moves staged files into the home, durably. What stands there is
// left as it is: a journal that is there knows more than the backup's.
func (r *restoring) putFiles(postgres bool) error {
	names, err := filesIn(r.stage)
	if err != nil {
		return err
	}
	foreign, err := r.foreignHome()
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == indexFile || name == auditFile && postgres || name == journalFile && foreign {
			continue
		}
		to := r.p.inHome(filepath.FromSlash(name))
		if err := disk.MakeDirs("restore", filepath.Dir(to)); err != nil {
			return err
		}
		err := disk.Rename("restore", filepath.Join(r.stage, filepath.FromSlash(name)), to)
		switch {
		case errors.Is(err, fs.ErrExist):
			r.out.Left = append(r.out.Left, name)
		case err != nil:
			return err
		default:
			r.out.Files = append(r.out.Files, name)
			if err := disk.SyncDir("restore", filepath.Dir(to)); err != nil {
				return err
			}
		}
	}
	return nil
}

// foreignHome reports whether the home is another one than the backup's: its
// journal is then its own.
func (r *restoring) foreignHome() (bool, error) {
	b, err := os.ReadFile(r.p.inHome(homeFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return strings.TrimSpace(string(b)) != r.head.Home, err
}

// putLedger fills the ledger in one transaction. On SQLite it is made under
// another name and appears whole.
func (r *restoring) putLedger(ctx context.Context, cfg config) error {
	target := r.p.ledger(cfg)
	if !onPostgres(cfg) {
		target += ".restoring"
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := removeStaged(target + suffix); err != nil {
				return err
			}
		}
	}
	o := store.Options{Now: r.p.now, Random: r.p.random}
	err := store.Restore(ctx, target, o, r.head.Schema, r.head.TakenAt, func(l *store.Load) error {
		if _, err := r.read(rowsInto{l}); err != nil {
			return err
		}
		if onPostgres(cfg) {
			return r.loadAudit(ctx, l)
		}
		return nil
	})
	if errors.Is(err, store.ErrNotEmpty) {
		return fail(exitRefused, "restore_ledger", err, "PostgreSQL")
	}
	if err != nil || onPostgres(cfg) {
		return err
	}
	return errors.Join(disk.Rename("ledger", target, r.p.ledger(cfg)), disk.SyncDir("ledger", filepath.Dir(target)))
}

// rowsInto is the backup.Sink of the second reading.
type rowsInto struct{ *store.Load }

func (rowsInto) Head(backup.Head) error              { return nil }
func (rowsInto) File(string) (io.WriteCloser, error) { return discarded{io.Discard}, nil }

// loadAudit puts the audit chain into a ledger on PostgreSQL.
func (r *restoring) loadAudit(ctx context.Context, l *store.Load) error {
	path := filepath.Join(r.stage, auditFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f, err := audit.OpenFile(path)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	for record, err := range f.Since(ctx, 0) {
		if err != nil {
			return fmt.Errorf("audit chain of the backup: %w", err)
		}
		line, err := record.Line()
		if err != nil {
			return err
		}
		if err := l.Audit(store.ChainedLine{N: record.N, Hash: record.Hash, Line: string(line)}); err != nil {
			return err
		}
	}
	return nil
}
