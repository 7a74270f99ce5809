package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"oshirase/batch/bounce"
	"oshirase/batch/intake"
	"oshirase/letters"
	"oshirase/letters/store"
)

func (p *program) cmdBounce() *cobra.Command {
	var list bool
	c := p.command("bounce [FILE|DIR|-]...", func(cmd *cobra.Command, given []string) error {
		if len(given) == 0 {
			given = []string{"-"}
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.bounces(cmd.Context(), given, list) })
	})
	c.Args = args(cobra.ArbitraryArgs)
	c.Flags().BoolVar(&list, "list", false, p.words.flag("bounce_list"))
	return c
}

// bounceJSON is what reading bounces found and did. messages = proposed +
// again + unexpected + other_systems + unknown + left_alone.
type bounceJSON struct {
	Messages     int                 `json:"messages"`
	Bounces      int                 `json:"bounces"`
	Hard         int                 `json:"hard"`
	Soft         int                 `json:"soft"`
	Other        int                 `json:"other"`
	Proposed     int                 `json:"proposed"`
	Again        int                 `json:"again"`
	Unexpected   []strayJSON         `json:"unexpected"`
	Unknown      []strayJSON         `json:"unknown"`
	OtherSystems int                 `json:"other_systems"`
	LeftAlone    int                 `json:"left_alone"`
	Kinds        map[bounce.Kind]int `json:"kinds"` // of what was left alone
	Reasons      []reasonJSON        `json:"reasons"`
	Letters      []bouncedJSON       `json:"letters"` // that bounced
	Found        []foundJSON         `json:"found,omitempty"`

	list bool
	file string // that is being read
}

// foundJSON is one message, with --list.
type foundJSON struct {
	File   string        `json:"file"`
	Number int           `json:"number"` // of the message in all that was read, from 1
	Kind   bounce.Kind   `json:"kind"`
	Class  bounce.Class  `json:"class,omitempty"`
	Reason bounce.Reason `json:"reason,omitempty"`
	Status string        `json:"status,omitempty"`
	Code   int           `json:"code,omitempty"`
	Result bounce.Result `json:"result"`
	Letter letters.ID    `json:"letter,omitempty"`
}

// strayJSON is a bounce that changed nothing and that a person may look at.
type strayJSON struct {
	Letter     letters.ID    `json:"letter"`
	Generation int           `json:"generation"`
	State      letters.State `json:"state,omitempty"`
	Reason     bounce.Reason `json:"reason"`
}

type reasonJSON struct {
	Class  bounce.Class  `json:"class"`
	Reason bounce.Reason `json:"reason"`
	Count  int           `json:"count"`
}

type bouncedJSON struct {
	Letter     letters.ID    `json:"letter"`
	Generation int           `json:"generation"`
	Class      bounce.Class  `json:"class"`
	Reason     bounce.Reason `json:"reason"`
	Status     string        `json:"status,omitempty"`
	Matched    bounce.How    `json:"matched"`
}

// bounces is the command bounce.
func (h *house) bounces(ctx context.Context, given []string, list bool) error {
	domain := h.cfg.Mail.ReturnDomain
	if domain == "" {
		return fail(exitUsage, "bounce_domain", errors.New("mail.return_domain is not set"))
	}
	reasons, err := bounce.NewReasons()
	if err != nil {
		return err
	}
	r := &bounce.Reader{Ledger: h.store, Reasons: reasons, Domain: domain, Actor: reader, Missing: store.ErrNotFound, Now: h.p.now}
	out := newBounceJSON()
	out.list = list
	for _, path := range given {
		if err := h.bouncesIn(ctx, r, path, out); err != nil {
			return err
		}
	}
	out.sort()
	if err := h.p.report("bounce", out); err != nil {
		return err
	}
	if out.Proposed+len(out.Unexpected)+len(out.Unknown) > 0 {
		return errWaits
	}
	return nil
}

// bouncesIn reads standard input, a file, or every file of a folder.
func (h *house) bouncesIn(ctx context.Context, r *bounce.Reader, path string, out *bounceJSON) error {
	out.file = path
	if path == "-" {
		if h.p.in == nil {
			return nil
		}
		return r.Read(ctx, h.p.in, out.add)
	}
	files, err := bounce.Files(path)
	if err != nil {
		return cannotOpen(path, err)
	}
	if len(files) == 1 && files[0] == path { // of a folder's files every one is read
		f, err := h.p.openKind(path, intake.KindMailbox, intake.KindEmpty)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	bar := h.p.progress("bounce", len(files))
	for i, name := range files {
		if err := readOne(ctx, r, name, out); err != nil {
			return fmt.Errorf("read %s: %w", filepath.Base(name), err)
		}
		bar(i + 1)
	}
	return nil
}

func readOne(ctx context.Context, r *bounce.Reader, name string, out *bounceJSON) (err error) {
	out.file = filepath.Base(name)
	in, err := os.Open(name)
	if err != nil {
		return cannotOpen(name, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return r.Read(ctx, in, out.add)
}
