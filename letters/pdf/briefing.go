package pdf

import (
	"io"
	"time"

	"oshirase/letters/text"
)

// Briefing writes a tagged PDF of A4 pages from neutral blocks, without
// address block and marks: packets, order sheets, reports. It returns a
// *HoldError with ReasonGlyph for characters no face has.
func (r *Renderer) Briefing(doc text.Document, w io.Writer) error {
	p, err := r.BriefingPages(doc)
	if err != nil {
		return err
	}
	_, _, err = r.Single(p, w)
	return err
}

// BriefingPages lays a briefing out and draws it. PrintFile.Add takes the
// result like a letter's, which is how a proof set gets its cover.
func (r *Renderer) BriefingPages(doc text.Document) (p *Pages, err error) {
	defer r.caught(&err)
	if err := r.layoutBriefing(&doc); err != nil {
		return nil, err
	}
	return r.draw(doc.Title, printedDate(doc.Date))
}

func (r *Renderer) layoutBriefing(doc *text.Document) error {
	f := &r.flow
	f.begin(doc.Labels)
	f.window = r.shared.geometry
	f.newPage()
	if doc.DocumentNo != "" || doc.Date != "" || len(doc.Sender) > 0 {
		f.y = f.headerRight(doc, leftEdge+measure/2) + f.lead
	}
	if doc.Title != "" {
		f.title(doc.Title)
	}
	f.body(doc.Body)
	for i := range f.sheet.used {
		f.page = &f.sheet.pages[i]
		f.pageNumber(i+1, f.sheet.used)
	}
	if err := f.missing.hold(); err != nil {
		return err
	}
	return f.check(false)
}

// printedDate reads year, month and day out of a printed date, for the PDF's
// own dates; a briefing without a readable date gets a fixed one, because no
// clock may reach a file.
func printedDate(s string) time.Time {
	var n [3]int
	at, digits := 0, false
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9' && at < 3 && n[at] < 10_000:
			n[at], digits = n[at]*10+int(c-'0'), true
		case digits:
			at, digits = at+1, false
		}
	}
	tokyo := time.FixedZone("Asia/Tokyo", 9*60*60)
	if n[0] < 1900 || n[0] > 9999 || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31 {
		return time.Date(2000, 1, 1, 0, 0, 0, 0, tokyo)
	}
	return time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, tokyo)
}
