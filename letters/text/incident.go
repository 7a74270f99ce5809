package text

import (
	"fmt"

	"oshirase/letters"
)

// fixedBlock gives the blocks that come from the incident alone.
func (c *Composer) fixedBlock(key string) ([]Block, error) {
	switch key {
	case "measures":
		return c.shared(key, "", c.measures), nil
	case "contact":
		return c.shared(key, "", c.contact), nil
	case "closing":
		return []Block{Paragraph{Align: Right, Text: []Inline{{Text: c.word("closing")}}}}, nil
	case "systems":
		return c.systems(nil), nil
	case "periods":
		return c.periods(nil), nil
	case "cause":
		return c.cause(nil), nil
	case "items":
		return c.items(nil), nil
	}
	return nil, fmt.Errorf("%q: %w", key, ErrEmpty)
}

// eachSystem calls do for the incident's systems in used; nil means all.
func (c *Composer) eachSystem(used map[letters.SystemCode]bool, do func(*letters.System)) {
	in := c.set.Incident()
	for i := range in.Systems {
		if used == nil || used[in.Systems[i].Code] {
			do(&in.Systems[i])
		}
	}
}

func (c *Composer) systems(used map[letters.SystemCode]bool) []Block {
	var l List
	c.eachSystem(used, func(s *letters.System) {
		l.Items = append(l.Items, ListItem{Marker: bullet,
			Text: splitFormat(c.word("period"), Inline{Text: s.Name}, Inline{Text: s.Purpose})})
	})
	return []Block{l}
}

func (c *Composer) periods(used map[letters.SystemCode]bool) []Block {
	var l List
	c.eachSystem(used, func(s *letters.System) {
		span := splitFormat(c.word("range"), Inline{Text: c.set.Date(s.From), Keep: true},
			Inline{Text: c.set.Date(s.To), Keep: true})
		head := splitFormat(c.word("period"), Inline{Text: s.Name}, Inline{})
		l.Items = append(l.Items, ListItem{Marker: bullet, Text: append(head[:len(head)-1], span...)})
	})
	return []Block{l}
}

func (c *Composer) cause(used map[letters.SystemCode]bool) []Block {
	var blocks []Block
	c.eachSystem(used, func(s *letters.System) {
		blocks = append(blocks, Paragraph{Align: Left, Text: []Inline{{Text: s.Name, Bold: true}}})
		for _, f := range c.set.Incident().Lists["cause."+string(s.Code)] {
			blocks = append(blocks, Paragraph{Indent: 1, Text: []Inline{{Text: f.Text}}})
		}
	})
	return blocks
}

// items explains each item once; nil means the whole catalogue.
func (c *Composer) items(used map[letters.ItemCode]bool) []Block {
	l := List{Small: true}
	for _, it := range c.set.Incident().Items {
		if used == nil || used[it.Code] {
			l.Items = append(l.Items, ListItem{Marker: bullet,
				Text: splitFormat(c.word("period"), Inline{Text: it.Name}, Inline{Text: it.Explanation})})
		}
	}
	return []Block{l}
}

// measures are grouped as the report groups them.
func (c *Composer) measures() []Block {
	t := Table{Keep: true, Columns: []Column{
		{Head: c.word("measure"), Width: 0.76, Align: Left},
		{Head: c.word("measure_when"), Width: 0.24, Align: Left},
	}}
	group := ""
	for _, f := range c.set.Incident().Lists["measures"] {
		if f.Group != group {
			group = f.Group
			t.Rows = append(t.Rows, []Cell{{Span: 2, Head: true, Text: []Inline{{Text: group}}}})
		}
		t.Rows = append(t.Rows, []Cell{{Text: []Inline{{Text: f.Text}}}, {Text: []Inline{{Text: f.When}}}})
	}
	return []Block{t}
}

// contact is a list: a phone number in a table is easily overlooked.
func (c *Composer) contact() []Block {
	var l List
	for _, key := range []string{"contact_name", "contact_phone", "contact_hours", "contact_address"} {
		value := Inline{Text: c.set.Filled(key), Keep: key == "contact_phone", Bold: key == "contact_phone"}
		l.Items = append(l.Items, ListItem{Marker: bullet,
			Text: splitFormat(c.word("period"), Inline{Text: c.word(key)}, value)})
	}
	return []Block{l}
}
