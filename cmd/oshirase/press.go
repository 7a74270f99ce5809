package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"oshirase/batch"
	"oshirase/batch/printing"
	"oshirase/letters"
	"oshirase/letters/pdf"
	"oshirase/letters/postal"
	"oshirase/letters/text"
	"oshirase/templates"
)

// press joins wording, postal data and the page engine: one letter in, its
// pages out. Each worker has one of its own.
type press struct {
	set      *templates.Set
	composer *text.Composer
	template string       // version of wording, postal data and house faces
	date     letters.Date // for letters that have none yet: check and proof come before render
	towns    *postal.Data
	renderer *pdf.Renderer
}

// shared makes what all presses of a process share.
func (h *house) shared() (*pdf.Shared, error) {
	lib, err := h.faces()
	if err != nil {
		return nil, err
	}
	words, heavy, err := h.fixedText()
	if err != nil {
		return nil, h.faulty(err)
	}
	if _, err := h.version(); err != nil {
		return nil, err
	}
	s, err := pdf.NewShared(pdf.Config{
		Library: lib, Sheet: h.set.Incident().Sheet, TemplateText: words, HeadingText: heavy,
		TemplateVersion: h.set.Version(), Lang: "ja",
	})
	if err != nil {
		return nil, fmt.Errorf("prepare pages: %w", err)
	}
	return s, nil
}

// faulty says in the staff's words what is wrong with the wording.
func (h *house) faulty(err error) error {
	faults := h.set.Lint()
	if len(faults) == 0 {
		return err
	}
	reason, _ := h.set.Problem(faults[0])
	return fail(exitRefused, "wording_faulty", err, reason)
}

// presses returns a maker of presses for the workers of a step.
func (h *house) presses() (func() batch.Press, error) {
	s, err := h.shared()
	if err != nil {
		return nil, err
	}
	towns, err := h.towns()
	if err != nil {
		return nil, err
	}
	return func() batch.Press { return h.newPress(s, towns) }, nil
}

// newPress comes after shared, which settles the version.
func (h *house) newPress(s *pdf.Shared, towns *postal.Data) *press {
	return &press{set: h.set, composer: text.NewComposer(h.set), template: h.made, date: nextWorkingDay(h.p.now()), towns: towns, renderer: s.NewRenderer()}
}

// input composes one letter. The notes say why it carries no barcode, and that
// its name brings an honorific of its own.
func (p *press) input(l *letters.Letter) (pdf.Input, letters.Rendering, error) {
	r := letters.Rendering{Renderer: pdf.RendererVersion, TemplateVersion: p.template}
	if l.Date == "" {
		undated := *l
		undated.Date, l = p.date, &undated
	}
	doc, err := p.composer.Compose(l)
	if err != nil {
		return pdf.Input{}, r, err
	}
	in := pdf.Input{Doc: doc, LetterID: string(l.ID), Generation: l.Generation, Channel: l.Channel, Date: l.Date}
	if l.Channel == letters.Print {
		code, why := p.towns.Barcode(l.Recipient.PostalCode, l.Recipient.Address, l.Recipient.Building)
		if why == "" {
			in.Barcode, r.Barcode = code.Bars, true
		} else {
			r.Notes = append(r.Notes, letters.Reason("barcode_"+string(why)))
		}
	}
	if text.HasHonorific(p.set, l.Recipient.Name) {
		r.Notes = append(r.Notes, letters.NoteHonorific)
	}
	return in, r, nil
}

// pages composes and lays out one letter.
func (p *press) pages(l *letters.Letter) (*pdf.Pages, letters.Rendering, error) {
	in, r, err := p.input(l)
	if err != nil {
		return nil, r, err
	}
	pages, err := p.renderer.Pages(in)
	if hold, ok := errors.AsType[*pdf.HoldError](err); ok {
		return nil, r, &batch.HoldError{Reason: hold.Reason, Points: shownPoints(hold.Points)}
	}
	if err != nil {
		return nil, r, err
	}
	r.ContentHash, r.PageHashes, r.Pages, r.Envelope = pages.ContentHash, pages.PageHashes, len(pages.Contents), pages.Envelope
	r.Class = printClassOf(r.Envelope, r.Barcode, pages.Sheets)
	return pages, r, nil
}

// shownPoints puts the character before its code points where it can be shown.
func shownPoints(points []string) []string {
	out := make([]string, len(points))
	for i, p := range points {
		var chars strings.Builder
		for part := range strings.SplitSeq(strings.TrimPrefix(p, "U+"), "+U+") {
			if n, err := strconv.ParseUint(part, 16, 32); err == nil && unicode.IsGraphic(rune(n)) {
				chars.WriteRune(rune(n))
			}
		}
		out[i] = strings.TrimSpace(chars.String() + " " + p)
	}
	return out
}

// Make is batch.Press.
func (p *press) Make(l *letters.Letter, w io.Writer) (letters.Rendering, error) {
	pages, r, err := p.pages(l)
	if err != nil {
		return r, err
	}
	r.FileHash, r.FileSize, err = p.renderer.Single(pages, w)
	return r, err
}

// printClassOf names the class by which print runs are split; a mail has none.
func printClassOf(envelope string, barcode bool, sheets int) string {
	if envelope == "" {
		return ""
	}
	return string(printing.ClassOf(envelope, barcode, sheets))
}
