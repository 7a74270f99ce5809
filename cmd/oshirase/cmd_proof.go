package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/fonts"
	"oshirase/letters"
	"oshirase/letters/text"
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
	if _, err := h.store.Month(ctx, m); err != nil {
		return err
	}
	lib, err := h.faces()
	if err != nil {
		return err
	}
	chosen, err := batch.ProofSet(ctx, h.store, m, rareGlyphs(lib.Body()))
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		return batch.ErrNothing
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

func (h *house) proofPages(m letters.Month, chosen []batch.Chosen, w io.Writer) (int, error) {
	s, err := h.shared()
	if err != nil {
		return 0, err
	}
	towns, err := h.towns()
	if err != nil {
		return 0, err
	}
	p := h.newPress(s, towns)
	file := s.NewPrintFile(w)
	cover, err := p.renderer.BriefingPages(h.proofCover(m, chosen))
	if err != nil {
		return 0, err
	}
	if _, err := file.Add(cover); err != nil {
		return 0, err
	}
	n := 0
	for i := range chosen {
		pages, _, err := p.pages(&chosen[i].Letter)
		if err != nil {
			return n, fmt.Errorf("letter %s: %w", chosen[i].Letter.ID, err)
		}
		if _, err := file.Add(pages); err != nil {
			return n, err
		}
		n += len(pages.Contents)
	}
	return n, file.Close()
}

// proofCover lists the letters of the set and why each was chosen, by ID: a
// cover lies open on a desk.
func (h *house) proofCover(m letters.Month, chosen []batch.Chosen) text.Document {
	word := func(key string) string { return h.set.Words().Get("proof", key) }
	t := text.Table{Columns: []text.Column{{Head: word("letter"), Width: 2, Align: text.Left}, {Head: word("why"), Width: 5, Align: text.Left}}}
	for _, c := range chosen {
		var why []string
		for _, r := range c.Why {
			reason, _ := h.set.Reason(r)
			why = append(why, reason)
		}
		t.Rows = append(t.Rows, []text.Cell{{Text: []text.Inline{{Text: c.Letter.ID.Groups(), Keep: true}}}, {Text: plain(strings.Join(why, "\n"))}})
	}
	return text.Document{Title: fmt.Sprintf(word("title"), m), Body: []text.Block{
		text.Paragraph{Text: plain(fmt.Sprintf(word("intro"), thousands(len(chosen))))}, t}}
}
