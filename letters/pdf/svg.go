package pdf

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"oshirase/fonts"
)

// ErrNoPage says that a letter has no page of that number.
var ErrNoPage = errors.New("no such page")

// SVG writes one page, from 1, of the same layout as a picture for the
// screen: every glyph as its outline, so that the reader needs no font. The
// text is not in it; a screen shows it beside or takes it from the blocks.
// Errors are those of Pages, and ErrNoPage.
func (r *Renderer) SVG(in Input, page int, w io.Writer) (err error) {
	defer r.caught(&err)
	if err := r.layout(&in); err != nil {
		return err
	}
	if page < 1 || page > r.flow.sheet.used {
		return fmt.Errorf("page %d of %d: %w", page, r.flow.sheet.used, ErrNoPage)
	}
	s := svg{seen: map[svgGlyph]bool{}}
	b, err := s.page(&r.flow.sheet.pages[page-1])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRender, err)
	}
	_, err = w.Write(b)
	return err
}

// svgGlyph names an outline.
type svgGlyph struct {
	face *face
	id   uint16
}

type svg struct {
	buf  []byte
	defs []byte
	seen map[svgGlyph]bool
}

func (s *svg) page(p *page) ([]byte, error) {
	for _, v := range p.shades {
		s.buf = fmt.Appendf(s.buf, `<rect x="%s" y="%s" width="%s" height="%s" fill="#%02x%02x%02x"/>`+"\n",
			v.x, v.y, v.w, v.h, v.gray, v.gray, v.gray)
	}
	for _, v := range p.rules {
		s.buf = fmt.Appendf(s.buf, `<path d="M%s %sL%s %s" stroke="#000" stroke-width="%s"/>`+"\n", v.x1, v.y1, v.x2, v.y2, v.thick)
	}
	for i := range p.marks {
		s.mark(&p.marks[i])
	}
	for i := range p.texts {
		if err := s.text(&p.texts[i]); err != nil {
			return nil, err
		}
	}
	head := fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" role="img">`+"\n<defs>\n", pageWidth, pageHeight)
	head = append(append(head, s.defs...), "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"...)
	return append(append(head, s.buf...), "</svg>\n"...), nil
}

// mark draws a code as one path in modules.
func (s *svg) mark(m *mark) {
	s.buf = fmt.Appendf(s.buf, `<path transform="matrix(%.5f 0 0 %.5f %s %s)" d="`, m.moduleX, m.moduleY, m.x, m.y)
	for _, c := range m.cells {
		s.buf = fmt.Appendf(s.buf, "M%d %dh%dv%dh-%dz", c.x, c.y, c.w, c.h, c.w)
	}
	s.buf = append(s.buf, "\"/>\n"...)
}

// text draws one line; glyphs stand in a space of a thousandth of the size.
func (s *svg) text(t *placed) error {
	if len(t.glyphs) == 0 {
		return nil
	}
	s.buf = fmt.Appendf(s.buf, `<g transform="translate(%s %s)">`, t.x, t.y)
	for i := range t.glyphs {
		g := &t.glyphs[i]
		drawn, err := s.define(svgGlyph{g.face, g.id})
		if err != nil {
			return err
		}
		if drawn {
			scale := strconv.FormatFloat(t.size.points()/float64(g.face.UnitsPerEm()), 'f', 7, 64)
			s.buf = fmt.Appendf(s.buf, `<use href="#%s%d" transform="matrix(%s 0 0 -%s %s 0)"/>`, g.face.name, g.id, scale, scale, t.xs[i])
		}
	}
	s.buf = append(s.buf, "</g>\n"...)
	return nil
}

// define writes an outline once; it returns false for a blank glyph.
func (s *svg) define(k svgGlyph) (bool, error) {
	if drawn, ok := s.seen[k]; ok {
		return drawn, nil
	}
	path, err := k.face.Outline(k.id)
	if err != nil {
		return false, err
	}
	s.seen[k] = len(path) > 0
	if len(path) > 0 {
		s.defs = fmt.Appendf(s.defs, `<path id="%s%d" d="`, k.face.name, k.id)
		s.defs = append(appendPath(s.defs, path), "\"/>\n"...)
	}
	return len(path) > 0, nil
}

func appendPath(b []byte, path fonts.Path) []byte {
	num := func(letter byte, v float64) {
		b = strconv.AppendFloat(append(b, letter), v, 'f', -1, 64)
	}
	for _, s := range path {
		switch s.Op {
		case fonts.MoveTo:
			num('M', s.X)
			num(' ', s.Y)
		case fonts.LineTo:
			num('L', s.X)
			num(' ', s.Y)
		case fonts.QuadTo:
			num('Q', s.CX)
			num(' ', s.CY)
			num(' ', s.X)
			num(' ', s.Y)
		case fonts.ClosePath:
			b = append(b, 'Z')
		}
	}
	return b
}
