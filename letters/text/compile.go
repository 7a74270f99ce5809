package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	gmtext "github.com/yuin/goldmark/text"

	"oshirase/templates"
)

// compiled is wording read for one combination of conditions. Values are
// still marks: one rune in an inline of its own, or a slot block.
type compiled struct {
	title   string
	variant string
	body    []Block
	wording *templates.Wording
}

// slot stands where a block placeholder stood.
type slot struct{ key string }

func (slot) block() {}

// compile executes the wording with marks for values and reads it.
func compile(w *templates.Wording, cond map[string]bool, variant string) (*compiled, error) {
	markdown, err := w.Execute(cond)
	if err != nil {
		return nil, err
	}
	source := []byte(markdown)
	md := goldmark.New(goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithHeadingAttribute()))
	r := &reader{source: source, out: &compiled{variant: variant, wording: w}}
	root := md.Parser().Parse(gmtext.NewReader(source))
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		if err := r.block(n); err != nil {
			return nil, fmt.Errorf("wording %s: %w", w.Name, err)
		}
	}
	if w.Scope == templates.ScopeLetter {
		if err := legalBlocks(r.out.body); err != nil {
			return nil, fmt.Errorf("wording %s: %w", w.Name, err)
		}
	}
	return r.out, nil
}

// legalBlocks checks that each of the five blocks of 施行規則10条 stands there
// once and has something under its heading.
func legalBlocks(body []Block) error {
	count := map[string]int{}
	for i, b := range body {
		h, ok := b.(Heading)
		if !ok || h.Legal == "" {
			continue
		}
		if i+1 == len(body) {
			continue
		}
		if next, heading := body[i+1].(Heading); heading && next.Level <= h.Level {
			continue
		}
		count[h.Legal]++
	}
	for _, name := range templates.LegalBlocks() {
		if count[name] != 1 {
			return fmt.Errorf("%s stands there %d times: %w", name, count[name], ErrMissingBlock)
		}
	}
	return nil
}

// reader walks goldmark's tree into blocks.
type reader struct {
	source []byte
	out    *compiled
}

func (r *reader) add(b Block) { r.out.body = append(r.out.body, b) }

func (r *reader) block(n ast.Node) error {
	switch n := n.(type) {
	case *ast.Heading:
		return r.heading(n)
	case *ast.Paragraph:
		return r.paragraph(n)
	case *ast.List:
		return r.list(n)
	case *east.Table:
		return r.table(n)
	case *ast.ThematicBreak:
		r.add(Break{})
		return nil
	}
	return fmt.Errorf("%s is not allowed in wording", n.Kind())
}

func (r *reader) heading(n *ast.Heading) error {
	text, err := r.inlines(n)
	if err != nil {
		return err
	}
	if n.Level == 1 {
		var b strings.Builder
		for _, in := range text {
			b.WriteString(in.Text)
		}
		if r.out.title != "" || strings.ContainsFunc(b.String(), r.isMark) {
			return fmt.Errorf("the title stands there twice or holds a placeholder")
		}
		r.out.title = b.String()
		return nil
	}
	h := Heading{Level: n.Level - 1, Text: text}
	if id, ok := n.AttributeString("id"); ok {
		if b, ok := id.([]byte); ok {
			h.Legal = string(b)
		}
	}
	if h.Legal != "" && !slices.Contains(templates.LegalBlocks(), h.Legal) {
		return fmt.Errorf("heading {#%s} is not a legal block", h.Legal)
	}
	r.add(h)
	return nil
}

// paragraph adds running text, or the slot when a block placeholder stands
// alone in it.
func (r *reader) paragraph(n ast.Node) error {
	text, err := r.inlines(n)
	if err != nil || len(text) == 0 {
		return err
	}
	for _, in := range text {
		key, block, ok := r.mark(in.Text)
		if !ok || !block {
			continue
		}
		if len(text) > 1 {
			return fmt.Errorf("the block placeholder %s shares its paragraph", key)
		}
		r.add(slot{key})
		return nil
	}
	p := Paragraph{Text: text, Indent: 1}
	if key, _, ok := r.mark(text[0].Text); ok && key == "opening" {
		p.Indent = 0 // 謹啓 stands at the edge
	}
	r.add(p)
	return nil
}

func (r *reader) list(n *ast.List) error {
	l := List{}
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		var text []Inline
		for part := item.FirstChild(); part != nil; part = part.NextSibling() {
			if part.Kind() != ast.KindTextBlock && part.Kind() != ast.KindParagraph {
				return fmt.Errorf("%s inside a list is not allowed in wording", part.Kind())
			}
			more, err := r.inlines(part)
			if err != nil {
				return err
			}
			text = append(text, more...)
		}
		marker := bullet
		if n.IsOrdered() {
			marker = fmt.Sprintf("%d.", number)
			number++
		}
		l.Items = append(l.Items, ListItem{Marker: marker, Text: text})
	}
	r.add(l)
	return nil
}

// bullet is the marker of an unordered list.
const bullet = "・"

func (r *reader) table(n *east.Table) error {
	t := Table{}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []Cell
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			text, err := r.inlines(c)
			if err != nil {
				return err
			}
			cells = append(cells, Cell{Text: text})
		}
		if row.Kind() != east.KindTableHeader {
			t.Rows = append(t.Rows, cells)
			continue
		}
		for i, cell := range cells {
			t.Columns = append(t.Columns, Column{Head: plainInlines(cell.Text),
				Width: 1 / float64(len(cells)), Align: columnAlign(n.Alignments, i)})
		}
	}
	r.add(t)
	return nil
}

func columnAlign(all []east.Alignment, i int) Align {
	if i < len(all) {
		switch all[i] {
		case east.AlignRight:
			return Right
		case east.AlignCenter:
			return Center
		}
	}
	return Left
}
