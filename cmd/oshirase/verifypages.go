package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"oshirase/letters"
	"oshirase/letters/readback"
	"oshirase/letters/store"
)

// pageFault is what is wrong with a page of a file that claims to be ours.
type pageFault struct {
	Page   int        `json:"page,omitempty"` // of the file, from 1; 0 = the page is not there
	Letter letters.ID `json:"letter,omitempty"`
	Sheet  int        `json:"sheet,omitempty"`
	What   string     `json:"what"` // changed, order, stranger, glyphs, drawn_over, missing, damaged
}

// foundPage is a page as it stands in the file.
type foundPage struct {
	hash string
	mark sheetMark // zero where no letter's mark is on it
	what string    // a fault of the page itself, "" = none
}

// sheetMark is what the digits at the foot of a sheet say.
type sheetMark struct {
	id                    letters.ID
	generation, sheet, of int
}

var (
	markGroups = regexp.MustCompile(`^\d{4}-\d{4}-\d{4}-\d{4}$`)
	markSheet  = regexp.MustCompile(`^(\d{1,3})-(\d{1,3})/(\d{1,3})$`)
)

// readFound reads every page of a PDF.
func readFound(doc *readback.Document, glyphs *glyphCheck) []foundPage {
	out := make([]foundPage, doc.Pages())
	for i := range out {
		f := &out[i]
		content, err := doc.PageContent(i)
		if err != nil {
			f.what = "damaged"
			continue
		}
		sum := sha256.Sum256(content)
		f.hash = hex.EncodeToString(sum[:])
		page, err := doc.Page(i)
		if err != nil {
			f.what = "changed" // it shows something that no letter of ours shows
			continue
		}
		f.mark = markOf(page)
		if _, _, err := doc.PageSize(i); err != nil || len(page.Findings) > 0 {
			f.what = "drawn_over"
		} else if !glyphs.page(doc, i, page) {
			f.what = "glyphs"
		}
	}
	return out
}

// markOf finds the digits of the mark among what is not read aloud.
func markOf(page *readback.Page) sheetMark {
	var m sheetMark
	for _, s := range page.Spans {
		if s.Tag != "Artifact" {
			continue
		}
		if markGroups.MatchString(s.Text) {
			if id, err := letters.ParseID(s.Text); err == nil {
				m.id = id
			}
		} else if n := markSheet.FindStringSubmatch(s.Text); n != nil && m.id != "" {
			m.generation, _ = strconv.Atoi(n[1])
			m.sheet, _ = strconv.Atoi(n[2])
			m.of, _ = strconv.Atoi(n[3])
			return m
		}
	}
	return sheetMark{}
}

// comparison holds the pages of a file against the ledger.
type comparison struct {
	h       *house
	records map[letters.ID][]letters.Dispatch
	order   []letters.ID // letters in the order of the file
	seen    map[letters.ID]map[int]bool
	run     string // of the first letter's dispatch
	faults  []pageFault
	ours    int // pages with the mark of a letter of ours
}

// compare returns nothing when no page is of a letter of ours.
func (h *house) compare(ctx context.Context, pages []foundPage) (*comparison, error) {
	c := &comparison{h: h, records: map[letters.ID][]letters.Dispatch{}, seen: map[letters.ID]map[int]bool{}}
	var before sheetMark
	for i := range pages {
		if err := c.page(ctx, i+1, &pages[i], &before); err != nil {
			return nil, err
		}
	}
	if c.ours == 0 {
		return c, nil
	}
	c.missing()
	return c, c.printFile(ctx)
}

// page holds one page against the sheet that its mark names, and its place
// against the page before.
func (c *comparison) page(ctx context.Context, n int, p *foundPage, before *sheetMark) error {
	d, known, err := c.dispatch(ctx, p.mark)
	if err != nil {
		return err
	}
	m := p.mark
	fault := func(what string) {
		c.faults = append(c.faults, pageFault{Page: n, Letter: m.id, Sheet: m.sheet, What: what})
	}
	if !known {
		m = sheetMark{}
		if p.what == "" {
			p.what = "stranger"
		}
		fault(p.what)
		return nil
	}
	c.ours++
	if c.seen[m.id] == nil {
		c.seen[m.id] = map[int]bool{}
		c.order = append(c.order, m.id)
		if c.run == "" {
			c.run = d.RunID
		}
	}
	follows := m.id == before.id && m.sheet == before.sheet+1 || m.sheet == 1 && (before.id == "" || before.sheet == before.of)
	switch {
	case p.hash != d.Rendering.PageHashes[m.sheet-1]:
		fault("changed")
	case p.what != "":
		fault(p.what)
	case !follows || c.seen[m.id][m.sheet]:
		fault("order")
	}
	c.seen[m.id][m.sheet] = true
	*before = m
	return nil
}

// dispatch finds the recorded pages of a mark.
func (c *comparison) dispatch(ctx context.Context, m sheetMark) (letters.Dispatch, bool, error) {
	if m.id == "" {
		return letters.Dispatch{}, false, nil
	}
	list, ok := c.records[m.id]
	if !ok {
		var err error
		if _, list, err = c.h.store.Letter(ctx, m.id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return letters.Dispatch{}, false, err
		}
		c.records[m.id] = list
	}
	for _, d := range list {
		if d.Generation == m.generation && m.sheet >= 1 && m.sheet <= len(d.Rendering.PageHashes) {
			return d, true, nil
		}
	}
	return letters.Dispatch{}, false, nil
}

// missing names the sheets that are not in the file, letter by letter.
func (c *comparison) missing() {
	for _, id := range c.order {
		list := c.records[id]
		for sheet := range list[len(list)-1].Rendering.Pages {
			if !c.seen[id][sheet+1] {
				c.faults = append(c.faults, pageFault{Letter: id, Sheet: sheet + 1, What: "missing"})
			}
		}
	}
}

// printFile holds a file of several letters against the print file that its
// first letter stands in: none may be missing, none stand elsewhere.
func (c *comparison) printFile(ctx context.Context) error {
	if len(c.order) < 2 || c.run == "" {
		return nil
	}
	items, err := c.h.store.RunItems(ctx, c.run)
	if err != nil {
		return fmt.Errorf("compare with print run %s: %w", c.run, err)
	}
	place, want := map[letters.ID]int{}, ""
	for _, it := range items {
		if it.LetterID == c.order[0] {
			want = it.File
		}
	}
	for _, it := range items {
		if it.File != want {
			continue
		}
		place[it.LetterID] = it.FirstPage
		if c.seen[it.LetterID] == nil {
			c.faults = append(c.faults, pageFault{Letter: it.LetterID, What: "missing"})
		}
	}
	last := 0
	for _, id := range c.order {
		if at, ok := place[id]; !ok {
			c.faults = append(c.faults, pageFault{Letter: id, What: "stranger"})
		} else if at < last {
			c.faults = append(c.faults, pageFault{Letter: id, What: "order"})
		} else {
			last = at
		}
	}
	return nil
}
