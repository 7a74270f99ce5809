package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"oshirase/letters"
	"oshirase/letters/audit"
)

func (p *program) cmdAudit() *cobra.Command {
	c := p.command("audit", nil)
	c.AddCommand(p.auditVerify(), p.auditReport(), p.auditAnchor())
	return c
}

// verdictJSON is what audit verify reports.
type verdictJSON struct {
	Whole      bool        `json:"whole"`
	Records    int64       `json:"records"`
	HeadHash   string      `json:"head_hash"`
	Anchors    int         `json:"anchors"`
	Unanchored int64       `json:"unanchored"`
	BadRecord  int64       `json:"bad_record,omitempty"`
	Fault      audit.Fault `json:"fault,omitempty"`
}

func (p *program) auditVerify() *cobra.Command {
	var anchors, key string
	c := p.subcommand("audit", "verify", func(cmd *cobra.Command, _ []string) error {
		return p.withHome(cmd.Context(), func(h *house) error {
			from := h.ownAnchors()
			from.anchors, from.key = cmp.Or(anchors, from.anchors), cmp.Or(key, from.key)
			return h.auditVerify(cmd.Context(), from)
		})
	})
	c.Args = args(cobra.NoArgs)
	c.Flags().StringVar(&anchors, "anchors", "", p.words.flag("anchors"))
	c.Flags().StringVar(&key, "key", "", p.words.flag("public_key"))
	return c
}

// auditVerify is the command audit verify.
func (h *house) auditVerify(ctx context.Context, from anchorFiles) error {
	v, err := h.verifyChain(ctx, from)
	if err != nil {
		return err
	}
	out := verdictJSON{Whole: v.Bad == nil, Records: v.Records, HeadHash: v.Head.Hash, Anchors: v.Anchors, Unanchored: v.Unanchored}
	if v.Bad != nil {
		out.BadRecord, out.Fault = v.Bad.N, v.Bad.Fault
	}
	if err := h.p.report("audit_verify", out); err != nil || out.Whole {
		return err
	}
	return fail(exitRefused, "audit_broken", v.Bad, fmt.Sprint(v.Bad.N))
}

func (p *program) auditAnchor() *cobra.Command {
	c := p.subcommand("audit", "anchor", func(cmd *cobra.Command, _ []string) error {
		return p.withHome(cmd.Context(), func(h *house) error {
			a, made, err := h.anchorDay(cmd.Context())
			if err != nil {
				return err
			}
			return p.report("audit_anchor", struct {
				Date letters.Date `json:"date"`
				N    int64        `json:"n"`
				Hash string       `json:"hash"`
				Made bool         `json:"made"`
				File string       `json:"file"`
			}{a.Date, a.N, a.Hash, made, h.auditPath(h.cfg.Audit.AnchorFile)})
		})
	})
	c.Args = args(cobra.NoArgs)
	return c
}

// reconcileAudit verifies the chain of looks from end to end (I10).
func (h *house) reconcileAudit(ctx context.Context) (letters.Broken, error) {
	out := letters.Broken{Invariant: "I10"}
	v, err := h.verifyChain(ctx, h.ownAnchors())
	if err == nil && v.Bad != nil {
		out.Count, out.IDs = 1, []string{v.Bad.Error()}
	}
	return out, err
}
