package text

import (
	"fmt"
	"unicode/utf8"
)

// values gives what placeholders stand for.
type values interface {
	inline(key string) ([]Inline, error)
	block(key string) ([]Block, error)
}

// fill copies the compiled body with values in the places of marks.
func (c *compiled) fill(v values) ([]Block, error) {
	f := &filler{compiled: c, values: v}
	body := make([]Block, 0, len(c.body)+8)
	for _, b := range c.body {
		if s, ok := b.(slot); ok {
			blocks, err := v.block(s.key)
			if err != nil {
				return nil, fmt.Errorf("placeholder %s: %w", s.key, err)
			}
			body = append(body, blocks...)
			continue
		}
		body = append(body, f.fill(b))
	}
	return body, f.err
}

type filler struct {
	compiled *compiled
	values   values
	err      error // the first
}

func (f *filler) fill(b Block) Block {
	switch b := b.(type) {
	case Heading:
		b.Text = f.inlines(b.Text)
		return b
	case Paragraph:
		b.Text = f.inlines(b.Text)
		return b
	case List:
		items := make([]ListItem, len(b.Items))
		for i, it := range b.Items {
			items[i] = ListItem{Marker: it.Marker, Text: f.inlines(it.Text)}
		}
		b.Items = items
		return b
	case Table:
		rows := make([][]Cell, len(b.Rows))
		for i, row := range b.Rows {
			rows[i] = make([]Cell, len(row))
			for j, cell := range row {
				cell.Text = f.inlines(cell.Text)
				rows[i][j] = cell
			}
		}
		b.Rows = rows
		return b
	}
	return b
}

// inlines returns text itself when nothing in it is a mark: most of it is
// shared by all letters and is never changed.
func (f *filler) inlines(text []Inline) []Inline {
	marked := false
	for _, in := range text {
		_, ok := f.mark(in)
		marked = marked || ok
	}
	if !marked {
		return text
	}
	out := make([]Inline, 0, len(text)+4)
	for _, in := range text {
		key, ok := f.mark(in)
		if !ok {
			out = append(out, in)
			continue
		}
		value, err := f.values.inline(key)
		if err == nil && len(value) == 0 {
			err = ErrEmpty
		}
		if err != nil && f.err == nil {
			f.err = fmt.Errorf("placeholder %s: %w", key, err)
		}
		for _, v := range value {
			v.Bold = v.Bold || in.Bold
			out = append(out, v)
		}
	}
	return out
}

func (f *filler) mark(in Inline) (string, bool) {
	if len(in.Text) != 4 {
		return "", false
	}
	c, size := utf8.DecodeRuneInString(in.Text)
	if size != 4 {
		return "", false
	}
	key, _, ok := f.compiled.wording.Mark(c)
	return key, ok
}
