package text

import (
	"fmt"
	"strings"

	"oshirase/letters"
)

// Shares of the measure in the tables of a letter.
const (
	headShare = 0.34
	bodyShare = 0.66
)

// cases are the tables of a letter: one per contract and system, headed by
// the contract, so that a table that goes on repeats whose it is.
func (c *Composer) cases(l *letters.Letter) []Block {
	blocks := make([]Block, 0, len(l.Cases))
	for i := range l.Cases {
		blocks = append(blocks, c.caseTable(&l.Cases[i], l.Channel))
	}
	return blocks
}

func (c *Composer) caseTable(k *letters.Case, channel letters.Channel) Table {
	label, number := c.supplyPoint(k.SupplyPoint)
	t := Table{Keep: true, Columns: []Column{
		{Head: label, Width: headShare, Align: Left},
		{Head: number, Width: bodyShare, Align: Left},
	}}
	// The place of use is an address: a mail leaves it out.
	if k.DemandPlace != "" && channel != letters.Email {
		t.Rows = append(t.Rows, row(c.word("place"), Inline{Text: k.DemandPlace}))
	}
	t.Rows = append(t.Rows,
		row(c.word("system"), Inline{Text: c.set.Incident().System(k.System).Name}),
		row(c.word("viewed_on"), c.viewed(k)...))
	t.Rows = append(t.Rows, c.itemRows(k)...)
	return t
}

// itemRows never mixes the three: what was seen, what could be seen besides,
// and what may have been seen because no record was kept.
func (c *Composer) itemRows(k *letters.Case) [][]Cell {
	in := c.set.Incident()
	rest := in.Rest(*k)
	etc := in.Texts["etc."+string(k.System)+"."+string(k.Supply)]
	var rows [][]Cell
	if len(k.Confirmed) > 0 {
		rows = append(rows, row(c.word("confirmed"), Inline{Text: c.itemNames(k.Confirmed, "")}))
	}
	switch possible, open := openItems(in, k); {
	case possible:
		rows = append(rows, row(c.word("possible"), Inline{Text: c.itemNames(rest, etc)}))
	case open:
		rows = append(rows, row(c.word("rest"), Inline{Text: c.itemNames(rest, etc)}))
	}
	return rows
}

// openItems tells whether a case prints items that may have been seen, or
// items that could be seen besides the confirmed ones: never both.
func openItems(in *letters.Incident, k *letters.Case) (possible, rest bool) {
	open := len(in.Rest(*k)) > 0 || in.Texts["etc."+string(k.System)+"."+string(k.Supply)] != ""
	return open && k.Unrecorded, open && !k.Unrecorded
}

func (c *Composer) itemNames(items []letters.ItemCode, etc string) string {
	in := c.set.Incident()
	names := make([]string, 0, len(items))
	for _, code := range items {
		names = append(names, in.Item(code).Name)
	}
	if len(names) == 0 && etc != "" {
		return c.word("rest_etc")
	}
	return strings.Join(names, c.word("separator")) + etc
}

func (c *Composer) viewed(k *letters.Case) []Inline {
	first := c.set.Date(k.First)
	if k.Last == "" || k.Last == k.First {
		return []Inline{{Text: first, Keep: true}}
	}
	return splitFormat(c.word("viewed_first_last"),
		Inline{Text: first, Keep: true}, Inline{Text: c.set.Date(k.Last), Keep: true})
}

// supplyPoint returns the label and the number as the letter shows it: its
// last digits behind a mask, or all 22 in groups.
func (c *Composer) supplyPoint(number string) (label, shown string) {
	n := c.set.Incident().ShowDigits
	if n >= len(number) {
		return c.word("supply_point_full"), groupSupplyPoint(number)
	}
	return fmt.Sprintf(c.word("supply_point"), n), c.set.Incident().Texts["mask"] + number[len(number)-n:]
}

// groupSupplyPoint prints 22 digits as 2-4-4-4-4-4.
func groupSupplyPoint(number string) string {
	if len(number) != 22 {
		return number
	}
	parts := []string{number[:2]}
	for i := 2; i < 22; i += 4 {
		parts = append(parts, number[i:i+4])
	}
	return strings.Join(parts, "-")
}

func row(head string, text ...Inline) []Cell {
	return []Cell{{Head: true, Text: []Inline{{Text: head}}}, {Text: text}}
}

// splitFormat fills the %s of a word from words.toml with runs.
func splitFormat(format string, values ...Inline) []Inline {
	var out []Inline
	for i, part := range strings.Split(format, "%s") {
		if i > 0 && i <= len(values) {
			out = append(out, values[i-1])
		}
		if part != "" {
			out = append(out, Inline{Text: part})
		}
	}
	return out
}
