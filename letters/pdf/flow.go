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
	lines := f.set(h.Text, style{size: size, measure: measure, heading: true})
	f.room(before + bodyLead*unit(len(lines)) + after + 2*bodyLead)
	if !first {
		f.gap(before)
	}
	elem := f.sheet.element(kind, 0)
	for _, l := range lines {
		f.put(l, leftEdge, bodyLead, elem)
	}
	f.y += after
}

// put places one line at the current height and moves below it.
func (f *flow) put(l *line, x, lead unit, elem int) {
	f.page.put(l, x, baseline(f.y, lead, l.size), elem)
	f.y += lead
}

// sizes are type size and line distance of a block.
func sizes(small bool) (size, lead unit) {
	if small {
		return smallSize, smallLead
	}
	return bodySize, bodyLead
}

// paragraph sets running text.
func (f *flow) paragraph(p text.Paragraph) {
	size, lead := sizes(p.Small)
	inset := unit(p.Inset * float64(bodySize))
	st := style{size: size, measure: measure - inset, indent: unit(p.Indent * float64(size)),
		justify: p.Align == text.Justify}
	f.lines(f.set(p.Text, st), leftEdge+inset, st.measure, lead, p.Align, f.sheet.element("P", 0))
}

// lines places lines over as many pages as they need; no single line of a
// paragraph stands alone at the foot or head of a page.
func (f *flow) lines(lines []*line, x, room, lead unit, align text.Align, elem int) {
	for i, l := range lines {
		if f.y+lead > f.bottom || f.lonely(len(lines), i, lead) {
			f.newPage()
		}
		f.put(l, x+shift(align, room-l.width), lead, elem)
	}
}

// shift is how far a line of some free room stands from the left.
func shift(align text.Align, free unit) unit {
	switch align {
	case text.Center:
		return free / 2
	case text.Right:
		return free
	}
	return 0
}

// lonely reports whether line i of n should rather open the next page.
func (f *flow) lonely(n, i int, lead unit) bool {
	fits := int((f.bottom - f.y) / lead)
	if n < 2 || f.atTop() || fits != 1 {
		return false
	}
	return i == 0 || i == n-2 && n > 3
}

// list sets items with hanging markers.
func (f *flow) list(l text.List) {
	size, lead := sizes(l.Small)
	hang := size
	for _, it := range l.Items {
		if w := f.word(it.Marker, size, false).width; w > size {
			hang = max(hang, w+size/2)
		}
	}
	elem := f.sheet.element("L", 0)
	for _, it := range l.Items {
		f.item(it, hang, size, lead, elem)
	}
}

func (f *flow) item(it text.ListItem, hang, size, lead unit, list int) {
	li := f.sheet.element("LI", list)
	label, body := f.sheet.element("Lbl", li), f.sheet.element("LBody", li)
	marker := f.word(it.Marker, size, false)
	lines := f.set(it.Text, style{size: size, measure: measure - hang, justify: true})
	if f.y+lead > f.bottom || f.lonely(len(lines), 0, lead) {
		f.newPage()
	}
	f.page.put(marker, leftEdge, baseline(f.y, lead, size), label)
	f.lines(lines, leftEdge+hang, measure-hang, lead, text.Justify, body)
}
