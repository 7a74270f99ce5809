package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/fonts"
	"oshirase/letters"
	"oshirase/letters/pdf"
)

func (p *program) cmdProof() *cobra.Command {
	var f lookFlags
	var to string
	c := p.command("proof MONTH", func(cmd *cobra.Command, given []string) error {
		m, err := letters.ParseMonth(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error {
			if err := h.permitted(cmd.Context(), f, "proof", string(m), letters.RolePrepare, letters.RoleApprove); err != nil {
				return err
			}
			if to == "" {
				to = p.inHome("proofs", string(m)+".pdf")
			}
			return h.proof(cmd.Context(), m, to)
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	f.add(c, p)
	c.Flags().StringVarP(&to, "out", "o", "", p.words.flag("out_file"))
	return c
}

// proof is the command proof: a cover with the reasons, then the letters' very
// pages.
func (h *house) proof(ctx context.Context, m letters.Month, to string) error {
	chosen, err := h.proofSet(ctx, m)
	if err != nil {
		return err
	}
	pages := 0
	err = writeFile(to, func(w io.Writer) error {
		pages, err = h.proofPages(m, chosen, w)
		return err
	})
	if err != nil {
		return fmt.Errorf("write proofs of %s: %w", m, err)
	}
	return h.p.report("proof", struct {
		File    string `json:"file"`
		Letters int    `json:"letters"`
		Pages   int    `json:"pages"`
	}{to, len(chosen), pages})
}

// proofSet chooses the letters most likely to be wrong.
func (h *house) proofSet(ctx context.Context, m letters.Month) ([]batch.Chosen, error) {
	if _, err := h.store.Month(ctx, m); err != nil {
		return nil, err
	}
	if err := h.unpurged(ctx, m); err != nil {
		return nil, err
	}
	lib, err := h.faces()
	if err != nil {
		return nil, err
	}
	chosen, err := batch.ProofSet(ctx, h.store, m, rareGlyphs(lib.Body()))
	if err == nil && len(chosen) == 0 {
		err = batch.ErrNothing
	}
	return chosen, err
}

// rareGlyphs counts what of a text is not drawn from the first face.
func rareGlyphs(chain fonts.Chain) func(string) int {
	first := chain.Faces()[0]
	return func(s string) int {
		n := 0
		for _, c := range fonts.Clusters(s) {
			if _, ok := first.Glyph(c.Base, c.Selector); !ok {
				n++
			}
		}
		return n
	}
}

// proofPages writes cover and letters; it returns the letters' pages.
func (h *house) proofPages(m letters.Month, chosen []batch.Chosen, w io.Writer) (int, error) {
	s, err := h.shared()
	if err != nil {
		return 0, err
	}
	towns, err := h.towns()
	if err != nil {
		return 0, err
	}
	made := h.newPress(s, towns)
	set := make([]*pdf.Pages, len(chosen))
	for i := range chosen {
		if set[i], _, err = made.pages(&chosen[i].Letter); err != nil {
			return 0, fmt.Errorf("letter %s: %w", chosen[i].Letter.ID, err)
		}
	}
	cover, err := h.proofCover(made.renderer, m, chosen, set)
	if err != nil {
		return 0, err
	}
	file, n := s.NewPrintFile(w), 0
	for i, pages := range append([]*pdf.Pages{cover}, set...) {
		if _, err := file.Add(pages); err != nil {
			return n, err
		}
		if i > 0 {
			n += len(pages.Contents)
		}
	}
	return n, file.Close()
}
