package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"oshirase/letters"
	"oshirase/letters/store"
)

func (p *program) cmdConfig() *cobra.Command {
	c := p.command("config", nil)
	check := p.subcommand("config", "check", func(cmd *cobra.Command, _ []string) error {
		h, err := p.openWords()
		if err != nil {
			return err
		}
		return h.configCheck()
	})
	check.Args = args(cobra.NoArgs)
	c.AddCommand(check)
	return c
}

// placeholderJSON is one open text of the incident.
type placeholderJSON struct {
	Key  string `json:"key"`
	What string `json:"what"`
}

// faultJSON is one setting that cannot work, with its sentence.
type faultJSON struct {
	Key    string `json:"key"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// configCheck is the command config check.
func (h *house) configCheck() error {
	var out struct {
		Faults       []faultJSON       `json:"faults"`
		Placeholders []placeholderJSON `json:"placeholders"`
		Window       bool              `json:"window_confirmed"`
		Demo         bool              `json:"demo"`
		Template     string            `json:"template_version"`
	}
	out.Faults, out.Placeholders = []faultJSON{}, []placeholderJSON{}
	for _, f := range h.cfg.faults() {
		out.Faults = append(out.Faults, faultJSON{f.Key, f.Code, h.p.words.sentence(f.Code, append([]string{f.Key}, f.Args...)...)})
	}
	in := h.set.Incident()
	for _, o := range in.Open {
		out.Placeholders = append(out.Placeholders, placeholderJSON{o.Key, o.What})
	}
	out.Window, out.Demo, out.Template = in.Sheet.Confirmed, in.Demo, h.set.Version()
	if err := h.p.report("config", out); err != nil {
		return err
	}
	if len(out.Faults) > 0 {
		return fail(exitProblems, "config_faults", errors.New("settings have faults"), fmt.Sprint(len(out.Faults)))
	}
	if len(out.Placeholders) > 0 || !out.Window {
		return errWaits
	}
	return nil
}

func (p *program) cmdMigrate() *cobra.Command {
	var to string
	c := p.command("migrate", func(cmd *cobra.Command, _ []string) error {
		if to != "" {
			return p.withHome(cmd.Context(), func(h *house) error { return h.moveLedger(cmd.Context(), to) })
		}
		h, err := p.openWords()
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		backup, err := p.backupFile(h.cfg)
		if err != nil {
			return err
		}
		target, o := p.ledger(h.cfg), store.Options{Now: p.now, Random: p.random}
		if backup != "" {
			if err := copyLedger(target, backup); err != nil {
				return fmt.Errorf("back up before migrating: %w", err)
			}
		}
		if err := store.Migrate(ctx, target, o); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return p.report("migrate", struct {
			Backup string `json:"backup"`
		}{backup})
	})
	c.Args = args(cobra.NoArgs)
	c.Flags().StringVar(&to, "to", "", p.words.flag("migrate_to"))
	return c
}

// backupFile names the copy that migrate makes of a SQLite ledger first. A
// PostgreSQL ledger is backed up by its keeper with pg_dump.
func (p *program) backupFile(c config) (string, error) {
	if onPostgres(c) || p.freshLedger(c) {
		return "", nil
	}
	name := "ledger-" + p.now().In(letters.Tokyo()).Format(time.RFC3339)[:19] + ".db"
	dir := p.inHome("backup")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make folder for backups: %w", err)
	}
	return p.inHome("backup", name), nil
}

// copyLedger copies the files of a SQLite ledger that nothing has open: the
// database, and its write-ahead log when a crash left one.
func copyLedger(from, to string) error {
	for _, suffix := range []string{"", "-wal"} {
		src, err := os.Open(from + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		err = writeFile(to+suffix, func(w io.Writer) error { _, err := io.Copy(w, src); return err })
		if err := errors.Join(err, src.Close()); err != nil {
			return err
		}
	}
	return nil
}
