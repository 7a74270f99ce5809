package main

import (
	"context"

	"github.com/spf13/cobra"

	"oshirase/letters"
)

func (p *program) cmdMail() *cobra.Command {
	c := p.command("mail", nil)
	c.AddCommand(p.mailSwitch("pause"), p.mailSwitch("resume"))
	return c
}

// mailJSON says whether mails are paused, and by whom.
type mailJSON struct {
	Paused   bool   `json:"paused"`
	PausedBy string `json:"paused_by,omitempty"`
}

// mailSwitch is `mail pause` and `mail resume`. Whoever prepares or approves
// may stop the mails; going on is for an approver.
func (p *program) mailSwitch(use string) *cobra.Command {
	var by string
	c := p.subcommand("mail", use, func(cmd *cobra.Command, _ []string) error {
		return p.withHome(cmd.Context(), func(h *house) error { return h.switchMail(cmd.Context(), use == "pause", by) })
	})
	c.Args = args(cobra.NoArgs)
	c.Flags().StringVar(&by, "as", "", p.words.flag("as"))
	return c
}

func (h *house) switchMail(ctx context.Context, pause bool, by string) error {
	roles := []letters.Role{letters.RoleApprove}
	if pause {
		roles = append(roles, letters.RolePrepare)
	}
	if err := h.p.signIn(ctx, h.store, by, roles...); err != nil {
		return err
	}
	var err error
	if pause {
		err = h.store.PauseMail(ctx, by)
	} else {
		err = h.store.ResumeMail(ctx)
	}
	if err != nil {
		return err
	}
	who, err := h.store.MailPausedBy(ctx)
	if err != nil {
		return err
	}
	return h.p.report("mail", mailJSON{Paused: who != "", PausedBy: who})
}
