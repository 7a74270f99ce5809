package main

import (
	"context"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/letters"
	"oshirase/letters/pdf"
)

func (p *program) cmdApprove() *cobra.Command {
	var by string
	var packets bool
	c := p.command("approve MONTH", func(cmd *cobra.Command, given []string) error {
		m, err := letters.ParseMonth(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error {
			if err := p.signIn(cmd.Context(), h.store, by, letters.RoleApprove); err != nil {
				return err
			}
			if packets {
				return h.approvePackets(cmd.Context(), m, by)
			}
			return h.approve(cmd.Context(), m, by)
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	c.Flags().StringVar(&by, "as", "", p.words.flag("as"))
	c.Flags().BoolVar(&packets, "packets", false, p.words.flag("packets"))
	return c
}

// edition is the renderer, and all else that pages follow from, in force.
func (h *house) edition() (batch.Edition, error) {
	v, err := h.version()
	return batch.Edition{Template: v, Renderer: pdf.RendererVersion}, err
}

// approved is what approve reports.
type approved struct {
	Month   letters.Month `json:"month"`
	Hash    string        `json:"hash"`
	Count   int           `json:"count"`
	Packets bool          `json:"packets"`
}

// approve is the command approve. A wording with a fault, or with a
// placeholder that nobody has filled, cannot be approved.
func (h *house) approve(ctx context.Context, m letters.Month, by string) error {
	if err := h.wordingHolds(); err != nil {
		return err
	}
	now, err := h.edition()
	if err != nil {
		return err
	}
	hash, n, err := batch.Approve(ctx, h.store, m, by, now, h.p.now())
	if err != nil {
		return err
	}
	return h.p.report("approve", approved{m, hash, n, false})
}

// wordingHolds refuses a wording with a fault or an open placeholder.
func (h *house) wordingHolds() error {
	if faults := append(h.set.Lint(), h.set.Unfilled()...); len(faults) > 0 {
		reason, _ := h.set.Problem(faults[0])
		return fail(exitRefused, "wording", batch.ErrPlaceholders, reason)
	}
	return nil
}

// approvePackets binds an approval to the hashes of every packet of the month.
func (h *house) approvePackets(ctx context.Context, m letters.Month, by string) error {
	made, err := h.store.Packets(ctx, m)
	if err != nil {
		return err
	}
	if len(made) == 0 {
		return batch.ErrNothing
	}
	if err := h.verifyPackets(m, made); err != nil {
		return err
	}
	hash, err := h.store.PacketsHash(ctx, m)
	if err != nil {
		return err
	}
	if err := h.store.ApprovePackets(ctx, m, by, hash, h.p.now()); err != nil {
		return err
	}
	return h.p.report("approve", approved{m, hash, len(made), true})
}
