package pdf

import (
	"oshirase/letters/text"
)

// flow sets blocks one below the other and opens pages as it goes.
type flow struct {
	shaper
	sheet  sheet
	page   *page
	y      unit // top of the next line
	top    unit // of the pages to come
	bottom unit
	labels text.Labels
	run    []glyph // scratch
	items  int     // list depth guard for markers
}

// newPage goes to the head of a fresh page.
func (f *flow) newPage() {
	f.page = f.sheet.addPage()
	f.y = f.top
}

// atTop reports whether nothing stands on the page's body yet.
func (f *flow) atTop() bool { return f.y <= f.top }

// room opens a new page unless h fits below.
func (f *flow) room(h unit) {
	if f.y+h > f.bottom && !f.atTop() {
		f.newPage()
	}
}

// body sets all blocks.
func (f *flow) body(blocks []text.Block) {
	for i, b := range blocks {
		switch b := b.(type) {
		case text.Heading:
			f.heading(b, i == 0)
		case text.Paragraph:
			f.paragraph(b)
		case text.List:
			f.list(b)
		case text.Table:
			f.table(b)
		case text.Chart:
			f.chart(b)
		case text.Gap:
			f.gap(unit(b.Lines * float64(bodyLead)))
		case text.Break:
			f.newPage()
		}
	}
}

// gap leaves space, but none at the head of a page.
func (f *flow) gap(h unit) {
	if !f.atTop() {
		f.y += h
	}
}

// heading sets a section title and keeps it with what follows.
func (f *flow) heading(h text.Heading, first bool) {
	size, before, after, kind := headSize, bodyLead*6/10, bodyLead*15/100, "H2"
	if h.Level > 1 {
		size, before, after, kind = subheadSize, bodyLead*3/10, 0, "H3"
	}
	f.run = f.headings(f.run[:0], h.Text)
	lines := breakLines(f.run, measure, measure, size, false)
	block := bodyLead * unit(len(lines))
	f.room(before + block + after + 2*bodyLead)
	if !first {
		f.gap(before)
	}
	elem := f.sheet.element(kind, 0)
	for _, l := range lines {
		f.put(leftEdge, bodyLead, size, l, elem)
	}
	f.y += after
}

// put sets one line of f.run at the current height and moves below it.
func (f *flow) put(x, lead, size unit, l line, elem int) {
	f.page.texts = append(f.page.texts, placed{x: x, y: baseline(f.y, lead, size), size: size,
		glyphs: own(f.run[l.from:l.to]), gaps: l.gaps, elem: elem})
	f.y += lead
}

// own copies glyphs out of the scratch run.
func own(run []glyph) []glyph { return append([]glyph(nil), run...) }

// paragraph sets running text.
func (f *flow) paragraph(p text.Paragraph) {
	size, lead := bodySize, bodyLead
	if p.Small {
		size, lead = smallSize, smallLead
	}
	f.run = f.inlines(f.run[:0], p.Text)
	inset := unit(p.Inset * float64(bodySize))
	indent := unit(p.Indent * float64(size))
	room := measure - inset
	lines := breakLines(f.run, room-indent, room, size, p.Align == text.Justify)
	elem := f.sheet.element("P", 0)
	f.lines(lines, leftEdge+inset, room, indent, size, lead, p.Align, elem)
}

// lines sets lines over as many pages as they need; no single line of a
// paragraph stands alone at the foot or head of a page.
func (f *flow) lines(lines []line, x, room, indent, size, lead unit, align text.Align, elem int) {
	for i, l := range lines {
		if f.y+lead > f.bottom || f.lonely(len(lines), i, lead) {
			f.newPage()
		}
		at := x
		if i == 0 {
			at += indent
		}
		switch align {
		case text.Center:
			at += (room - width(f.run[l.from:l.to], size)) / 2
		case text.Right:
			at += room - width(f.run[l.from:l.to], size)
		}
		f.put(at, lead, size, l, elem)
	}
}

// lonely reports whether line i of n should rather open the next page.
func (f *flow) lonely(n, i int, lead unit) bool {
	fits := int((f.bottom - f.y) / lead)
	if n < 2 || f.atTop() {
		return false
	}
	return i == 0 && fits == 1 || i == n-2 && fits == 1 && i > 0 && n > 3
}

// list sets items with hanging markers.
func (f *flow) list(l text.List) {
	size, lead := bodySize, bodyLead
	if l.Small {
		size, lead = smallSize, smallLead
	}
	var hang unit
	for _, it := range l.Items {
		f.run = f.running(f.run[:0], f.shared.body, it.Marker, 0)
		hang = max(hang, width(f.run, size))
	}
	if hang > size {
		hang += size / 2
	}
	elem := f.sheet.element("L", 0)
	for _, it := range l.Items {
		f.item(it, hang, size, lead, elem)
	}
}

func (f *flow) item(it text.ListItem, hang, size, lead unit, list int) {
	li := f.sheet.element("LI", list)
	label, body := f.sheet.element("Lbl", li), f.sheet.element("LBody", li)
	marker := f.running(nil, f.shared.body, it.Marker, 0)
	f.run = f.inlines(f.run[:0], it.Text)
	lines := breakLines(f.run, measure-hang, measure-hang, size, true)
	if f.y+lead > f.bottom || f.lonely(len(lines), 0, lead) {
		f.newPage()
	}
	f.page.texts = append(f.page.texts, placed{x: leftEdge, y: baseline(f.y, lead, size),
		size: size, glyphs: marker, elem: label})
	f.lines(lines, leftEdge+hang, measure-hang, 0, size, lead, text.Justify, body)
}
