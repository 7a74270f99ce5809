package text

import (
	"fmt"
	"strings"

	"oshirase/templates"
)

// Fixed returns every string that the wording of letters prints before any
// recipient's values are in it: all variants, the incident's own texts and the
// labels of tables. What the pages of all letters share follows from it.
func (c *Composer) Fixed() ([]string, error) {
	seen := map[string]bool{}
	var out []string
	add := func(words ...string) {
		for _, w := range words {
			if w != "" && !seen[w] {
				seen[w] = true
				out = append(out, w)
			}
		}
	}
	for _, v := range templates.Variants() {
		wording, err := c.compiled("letter", v.Conditions)
		if err != nil {
			return nil, fmt.Errorf("variant %q: %w", v.Name, err)
		}
		add(wording.title)
		for _, b := range wording.body {
			add(c.withoutMarks(wording, blockWords(b))...)
		}
	}
	for _, key := range []string{"systems", "periods", "cause", "items", "measures", "contact", "closing", "farewell"} {
		blocks, err := c.fixedBlock(key)
		if err != nil {
			return nil, err
		}
		for _, b := range blocks {
			add(blockWords(b)...)
		}
	}
	add(c.fixedLabels()...)
	return out, nil
}

// withoutMarks replaces marks by what they stand for, where that is fixed.
func (c *Composer) withoutMarks(wording *compiled, words []string) []string {
	out := make([]string, 0, len(words))
	f := filler{compiled: wording}
	for _, w := range words {
		if key, ok := f.mark(Inline{Text: w}); ok {
			w = c.fixed[key]
		}
		out = append(out, w)
	}
	return out
}

// tableLabels are the words beside and in tables and at the foot.
func (c *Composer) tableLabels() []string {
	words := c.set.Words()
	var out []string
	for _, key := range []string{"letter_id", "page", "continue", "etc", "separator",
		"supply_point", "supply_point_full", "place", "system", "viewed_on",
		"viewed_first_last", "viewed_first", "viewed_last", "items", "opening", "period_told", "confirmed", "rest", "rest_etc", "possible", "postal_mark"} {
		out = append(out, strings.NewReplacer("%s", "", "%d", "").Replace(words.Get("label", key)))
	}
	return out
}

// fixedLabels are the words of tables, dates and readings.
func (c *Composer) fixedLabels() []string {
	words := c.set.Words()
	out := c.tableLabels()
	for _, group := range []string{"honorific", "date"} {
		for _, key := range []string{"person", "organisation", "year", "month", "day", "first_year", "reiwa", "heisei"} {
			if w, ok := words[group][key]; ok {
				out = append(out, w)
			}
		}
	}
	in := c.set.Incident()
	for _, item := range in.Items {
		out = append(out, item.Name)
	}
	out = append(out, in.Texts["mask"], c.set.Reading("0123456789-0"))
	return append(out, c.sender()...)
}
