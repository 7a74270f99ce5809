package pdf

import (
	"fmt"
	"strings"
)

// Layout returns the layout of a letter as text: a line for every rectangle,
// rule, mark and set line, positions in pt from the page's upper left corner.
// A set line carries its font resources, the places of its glyphs where they
// do not simply follow each other, and its text. Errors are those of Pages.
func (r *Renderer) Layout(in Input) (string, error) {
	if err := r.layout(&in); err != nil {
		return "", err
	}
	return r.flow.sheet.dump(), nil
}

func (s *sheet) dump() string {
	var b strings.Builder
	for i := range s.used {
		p := &s.pages[i]
		fmt.Fprintf(&b, "page %d of %d\n", i+1, s.used)
		for _, v := range p.shades {
			fmt.Fprintf(&b, "  ground %s gray %d\n", v.box, v.gray)
		}
		for _, v := range p.rules {
			fmt.Fprintf(&b, "  rule %s,%s - %s,%s thick %s\n", v.x1, v.y1, v.x2, v.y2, v.thick)
		}
		for _, v := range p.marks {
			fmt.Fprintf(&b, "  mark %s of %d cells\n", v.box, len(v.cells))
		}
		for j := range p.texts {
			p.texts[j].dump(&b, s)
		}
	}
	return b.String()
}

// dump writes one set line.
func (p *placed) dump(b *strings.Builder, s *sheet) {
	kind := "artifact"
	if p.elem != artifact {
		kind = fmt.Sprintf("%s#%d", s.elements[p.elem].kind, p.elem)
	}
	fmt.Fprintf(b, "  %s %s,%s width %s size %s", kind, p.x, p.y, p.width, p.size)
	for i := range p.glyphs {
		if i == 0 || !sameFont(&p.glyphs[i-1], &p.glyphs[i]) {
			fmt.Fprintf(b, " %s%c:", p.glyphs[i].face.name, p.glyphs[i].tier())
		}
		if i > 0 {
			if gap := p.gap(i - 1); gap <= -tolerance || gap >= tolerance {
				fmt.Fprintf(b, "<%s>", gap)
			}
		}
		b.WriteString(p.glyphs[i].text)
	}
	b.WriteByte('\n')
}

// String writes a length in points.
func (u unit) String() string { return string(appendUnit(nil, u)) }

func (b box) String() string { return fmt.Sprintf("%s,%s %sx%s", b.x, b.y, b.w, b.h) }
