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
		return c.atRight("closing"), nil
	case "farewell":
		return c.atRight("farewell"), nil
	case "systems":
		return c.systems(nil), nil
	case "periods":
		return c.periods(nil), nil
	case "cause":
		return c.cause(nil), nil
	case "items":
		return c.items(nil, false), nil
	}
	return nil, fmt.Errorf("%q: %w", key, ErrEmpty)
}

// atRight is a closing word at the right edge.
func (c *Composer) atRight(key string) []Block {
	return []Block{Paragraph{Align: Right, Text: []Inline{{Text: c.word(key)}}}}
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

// periodsTold says the same inside a sentence.
func (c *Composer) periodsTold(used map[letters.SystemCode]bool) []Inline {
	var out []Inline
	c.eachSystem(used, func(s *letters.System) {
		if len(out) > 0 {
			out = append(out, Inline{Text: c.word("separator")})
		}
		span := fmt.Sprintf(c.word("range"), c.set.Date(s.From), c.set.Date(s.To))
		out = append(out, splitFormat(c.word("period_told"), Inline{Text: s.Name}, Inline{Text: span})...)
	})
	return out
}

// cause names the systems only where there is more than one to tell of.
func (c *Composer) cause(used map[letters.SystemCode]bool) []Block {
	var blocks []Block
	c.eachSystem(used, func(s *letters.System) {
		if len(used) != 1 {
			blocks = append(blocks, Heading{Level: 2, Text: []Inline{{Text: s.Name}}})
		}
		for _, f := range c.set.Incident().Lists["cause."+string(s.Code)] {
			blocks = append(blocks, Paragraph{Indent: 1, Text: []Inline{{Text: f.Text}}})
		}
	})
	return blocks
}

// items explains each item once, as a note; nil means the whole catalogue.
func (c *Composer) items(used map[letters.ItemCode]bool, run bool) []Block {
	l := List{Small: true, Run: run}
	for _, it := range c.set.Incident().Items {
		if used == nil || used[it.Code] {
			l.Items = append(l.Items, ListItem{Marker: bullet,
				Text: splitFormat(c.word("period"), Inline{Text: it.Name, Bold: true}, Inline{Text: it.Explanation})})
		}
	}
	return []Block{l}
}

// measures are grouped as the report groups them.
func (c *Composer) measures() []Block {
	t := Table{Columns: []Column{
		{Head: c.word("measure_group"), Width: 0.15, Align: Left},
		{Head: c.word("measure"), Width: 0.63, Align: Left},
		{Head: c.word("measure_when"), Width: 0.22, Align: Left},
	}}
	group := ""
	for _, f := range c.set.Incident().Lists["measures"] {
		t.Rows = append(t.Rows, []Cell{{Head: true, Same: f.Group == group, Text: []Inline{{Text: f.Group}}},
			{Text: []Inline{{Text: f.Text}}}, {Text: []Inline{{Text: f.When}}}})
		group = f.Group
	}
	return []Block{t}
}

// contact is a list: a phone number in a table is easily overlooked. The
// hours stand behind the number.
func (c *Composer) contact() []Block {
	var l List
	add := func(head string, text ...Inline) {
		l.Items = append(l.Items, ListItem{Marker: bullet, Text: append(splitFormat(c.word("period"), Inline{Text: head}), text...)})
	}
	add(c.word("contact_name"), Inline{Text: c.set.Filled("contact_name")})
	add(c.word("contact_phone"), splitFormat(c.word("contact_open"),
		Inline{Text: c.set.Filled("contact_phone"), Keep: true, Bold: true},
		Inline{Text: c.word("contact_hours")}, Inline{Text: c.set.Filled("contact_hours")})...)
	add(c.word("contact_address"), Inline{Text: c.set.Filled("contact_address"), Given: true})
	return []Block{l}
}
