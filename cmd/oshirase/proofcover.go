package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oshirase/batch"
	"oshirase/letters"
	"oshirase/letters/pdf"
	"oshirase/letters/text"
)

// proofCover draws the cover twice: where the letters begin follows from its
// own length.
func (h *house) proofCover(r *pdf.Renderer, m letters.Month, chosen []batch.Chosen, set []*pdf.Pages) (*pdf.Pages, error) {
	first := make([]int, len(set))
	var cover *pdf.Pages
	for range 2 {
		at := 1
		if cover != nil {
			at += len(cover.Contents)
		}
		for i, pages := range set {
			first[i] = at
			at += len(pages.Contents)
		}
		var err error
		if cover, err = r.BriefingPages(h.coverOf(m, chosen, first)); err != nil {
			return nil, err
		}
	}
	return cover, nil
}

// coverOf lists the letters of the set with the page where each begins and why
// it was chosen, says what to look at, and leaves room for the result. It names
// letters by ID: a cover lies open on a desk.
func (h *house) coverOf(m letters.Month, chosen []batch.Chosen, first []int) text.Document {
	word := func(key string) string { return h.set.Words().Get("proof", key) }
	t := text.Table{Columns: []text.Column{{Head: word("page"), Width: 7, Align: text.Right}, {Head: word("letter"), Width: 22},
		{Head: word("what"), Width: 38}, {Head: word("why"), Width: 25}, {Head: word("done"), Width: 8, Align: text.Center}}}
	for i := range t.Columns {
		if t.Columns[i].Align == text.Justify {
			t.Columns[i].Align = text.Left
		}
	}
	for i, c := range chosen {
		t.Rows = append(t.Rows, []text.Cell{{Text: plain(strconv.Itoa(first[i]))}, {Text: []text.Inline{{Text: c.Letter.ID.Groups(), Keep: true}}},
			{Text: plain(h.kindOf(&c.Letter))}, {Text: plain(h.whyChosen(c))}, {Text: plain(word("box"))}})
	}
	result := text.Table{Keep: true, Columns: []text.Column{{Head: word("person"), Width: 1}, {Head: word("mend"), Width: 2}},
		Rows: [][]text.Cell{{{Text: plain("\n\n\n")}, {Text: plain("")}}}}
	return text.Document{Title: fmt.Sprintf(word("title"), m), Labels: text.Labels{Continue: h.set.Words().Get("label", "continue")},
		Body: []text.Block{
			text.Paragraph{Text: plain(fmt.Sprintf(word("intro"), thousands(len(chosen)))), Indent: 1},
			text.Heading{Level: 1, Text: plain(word("look"))}, h.whatToLookAt(chosen),
			text.Heading{Level: 1, Text: plain(word("list"))}, t,
			text.Heading{Level: 1, Text: plain(word("result"))}, result}}
}

// whatToLookAt says of each reason in the set what may be wrong.
func (h *house) whatToLookAt(chosen []batch.Chosen) text.List {
	var l text.List
	var seen []letters.Reason
	for _, c := range chosen {
		for _, r := range c.Why {
			if !slices.Contains(seen, r) {
				seen = append(seen, r)
			}
		}
	}
	slices.Sort(seen)
	for _, r := range seen {
		reason, advice := h.set.Reason(r)
		l.Items = append(l.Items, text.ListItem{Marker: "・", Text: plain(fmt.Sprintf(h.set.Words().Get("proof", "looks"), reason, advice))})
	}
	return l
}

func (h *house) whyChosen(c batch.Chosen) string {
	why := make([]string, 0, len(c.Why))
	for _, r := range c.Why {
		reason, _ := h.set.Reason(r)
		why = append(why, reason)
	}
	return strings.Join(why, "\n")
}

// kindOf says which wording the letter has: to whom, by which way, of which
// contracts and systems, and whether the items are recorded.
func (h *house) kindOf(l *letters.Letter) string {
	words := h.set.Words()
	proof := func(key string) string { return words.Get("proof", key) }
	parts := []string{words.Get("kind", string(l.Recipient.Kind)), words.Get("channel", string(l.Channel)),
		fmt.Sprintf(proof("contracts"), thousands(l.Contracts()))}
	if l.Kind != letters.First {
		parts = append(parts, words.Get("letter_kind", string(l.Kind)))
	}
	last, confirmed, unrecorded := 0, false, false
	var systems []string
	for _, c := range l.Cases {
		if name := h.set.Incident().System(c.System).Name; !slices.Contains(systems, name) {
			systems = append(systems, name)
		}
		if c.LastResort {
			last++
		}
		confirmed, unrecorded = confirmed || len(c.Confirmed) > 0, unrecorded || c.Unrecorded
	}
	switch {
	case last > 0 && last == len(l.Cases):
		parts = append(parts, proof("last_resort"))
	case last > 0:
		parts = append(parts, proof("some_last_resort"))
	}
	record := "recorded"
	if unrecorded {
		record = "unrecorded"
	}
	if confirmed && unrecorded {
		record = "partly"
	}
	comma := words.Get("label", "separator")
	return strings.Join(append(parts, proof(record)), comma) + "\n" + strings.Join(systems, comma)
}
