package text

import (
	"fmt"
	"strings"

	"oshirase/letters"
)

// Shares of the measure in the tables of a letter.
const (
	headShare = 0.30
	bodyShare = 0.70

	contractShare = 0.26
	systemShare   = 0.25
	itemsShare    = 0.49
)

// cases are what was seen: a single case as a table of its facts, several as
// one table with a row per contract and system.
func (c *Composer) cases(l *letters.Letter) []Block {
	if len(l.Cases) == 1 {
		return []Block{c.caseTable(&l.Cases[0], l.Channel)}
	}
	return []Block{c.casesTable(l)}
}

func (c *Composer) caseTable(k *letters.Case, channel letters.Channel) Table {
	label, number := c.supplyPoint(k.SupplyPoint)
	t := Table{Keep: true, Columns: []Column{
		{Head: label, Width: headShare, Align: Left},
		{Head: number, Width: bodyShare, Align: Left},
	}}
	if place := placeOf(k, channel); place != "" {
		t.Rows = append(t.Rows, row(c.word("place"), Inline{Text: place, Given: true}))
	}
	t.Rows = append(t.Rows,
		row(c.word("system"), Inline{Text: c.set.Incident().System(k.System).Name}),
		row(c.word("viewed_on"), c.viewed(k)...))
	for _, kind := range c.itemsOf(k) {
		t.Rows = append(t.Rows, row(kind.label, Inline{Text: kind.names}))
	}
	return t
}

// placeOf is the place of use; it is an address, so a mail leaves it out.
func placeOf(k *letters.Case, channel letters.Channel) string {
	if channel == letters.Email {
		return ""
	}
	return k.DemandPlace
}

func (c *Composer) casesTable(l *letters.Letter) Table {
	label, _ := c.supplyPoint(l.Cases[0].SupplyPoint)
	for i := range l.Cases {
		if placeOf(&l.Cases[i], l.Channel) != "" {
			label += "\n" + c.word("place")
			break
		}
	}
	t := Table{Columns: []Column{
		{Head: label, Width: contractShare, Align: Left},
		{Head: c.word("system") + "\n" + c.word("viewed_on"), Width: systemShare, Align: Left},
		{Head: c.word("items"), Width: itemsShare, Align: Left},
	}, Rows: make([][]Cell, 0, len(l.Cases))}
	for i := range l.Cases {
		k := &l.Cases[i]
		cells := make([]Cell, 3)
		cells[0] = Cell{Head: true, Text: c.contractCell(k, l.Channel),
			Same: i > 0 && l.Cases[i-1].SupplyPoint == k.SupplyPoint && l.Cases[i-1].DemandPlace == k.DemandPlace}
		cells[1].Text, cells[2].Text = c.systemCell(k), c.itemsCell(k)
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func (c *Composer) contractCell(k *letters.Case, channel letters.Channel) []Inline {
	_, number := c.supplyPoint(k.SupplyPoint)
	if place := placeOf(k, channel); place != "" {
		return []Inline{{Text: number, Bold: true, Given: true}, {Text: "\n" + place, Given: true}}
	}
	return []Inline{{Text: number, Bold: true, Given: true}}
}

func (c *Composer) systemCell(k *letters.Case) []Inline {
	name := c.set.Incident().System(k.System).Name
	first := c.set.Date(k.First)
	if k.Last == "" || k.Last == k.First {
		return []Inline{{Text: name + "\n" + first}}
	}
	return []Inline{{Text: name + "\n" + fmt.Sprintf(c.word("viewed_first"), first) + "\n" +
		fmt.Sprintf(c.word("viewed_last"), c.set.Date(k.Last))}}
}

func (c *Composer) itemsCell(k *letters.Case) []Inline {
	var out []Inline
	for i, kind := range c.itemsOf(k) {
		if i > 0 {
			out = append(out, Inline{Text: "\n"})
		}
		out = append(out, splitFormat(c.word("period"), Inline{Text: kind.label, Bold: true}, Inline{Text: kind.names})...)
	}
	return out
}

// itemKind is one of the three kinds of items with its names.
type itemKind struct{ label, names string }

// itemsOf never mixes the three: what was seen, what could be seen besides,
// and what may have been seen because no record was kept.
func (c *Composer) itemsOf(k *letters.Case) []itemKind {
	in := c.set.Incident()
	rest := in.Rest(*k)
	etc := in.Texts["etc."+string(k.System)+"."+string(k.Supply)]
	out := make([]itemKind, 0, 2)
	if len(k.Confirmed) > 0 {
		out = append(out, itemKind{c.word("confirmed"), c.itemNames(k.Confirmed, "")})
	}
	switch possible, open := openItems(in, k); {
	case possible:
		out = append(out, itemKind{c.word("possible"), c.itemNames(rest, etc)})
	case open:
		out = append(out, itemKind{c.word("rest"), c.itemNames(rest, etc)})
	}
	return out
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
