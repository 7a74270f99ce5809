package text

import (
	"fmt"

	"oshirase/templates"
)

// FixedBold returns what of Fixed is set in heavy type: titles, headings of
// sections and tables, what is emphasised, and the labels of tables.
func (c *Composer) FixedBold() ([]string, error) {
	var blocks []Block
	out := append([]string{c.set.Reading("0123456789-0")}, c.tableLabels()...)
	for _, v := range templates.Variants() {
		wording, err := c.compiled("letter", v.Conditions)
		if err != nil {
			return nil, fmt.Errorf("variant %q: %w", v.Name, err)
		}
		out = append(out, wording.title)
		blocks = append(blocks, wording.body...)
	}
	for _, key := range []string{"systems", "periods", "cause", "items", "measures", "contact", "closing", "farewell"} {
		fixed, err := c.fixedBlock(key)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, fixed...)
	}
	for _, b := range blocks {
		out = append(out, boldWords(b)...)
	}
	return out, nil
}

// boldWords are the words of a block that stand in heavy type.
func boldWords(b Block) []string {
	switch b := b.(type) {
	case Heading:
		return boldInlines(b.Text, true)
	case Paragraph:
		return boldInlines(b.Text, false)
	case List:
		var out []string
		for _, it := range b.Items {
			out = append(out, boldInlines(it.Text, false)...)
		}
		return out
	case Table:
		out := []string{b.Caption}
		for _, c := range b.Columns {
			out = append(out, c.Head)
		}
		for _, row := range b.Rows {
			for _, cell := range row {
				out = append(out, boldInlines(cell.Text, cell.Head)...)
			}
		}
		return out
	}
	return nil
}

// boldInlines are the texts of inlines: all, or those in heavy type.
func boldInlines(list []Inline, all bool) []string {
	var out []string
	for _, in := range list {
		if all || in.Bold {
			out = append(out, in.Text)
		}
	}
	return out
}
