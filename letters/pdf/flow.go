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

// begin clears away the letter before.
func (f *flow) begin(labels text.Labels) {
	f.missing = f.missing[:0]
	f.sheet.reset()
	f.labels = labels
	f.top, f.bottom = mm(laterTop), mm(bodyBottom)
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
			f.heading(b, blocks[i+1:], i == 0)
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

// titleSpace is the space before and after a heading. With its own lines a
// section title takes two lines of the grid, a subsection one and a half.
func titleSpace(level int) (size, before, after unit, kind string) {
	if level > 1 {
		return subheadSize, bodyLead * 30 / 100, bodyLead * 20 / 100, "H3"
	}
	return headSize, bodyLead * 75 / 100, bodyLead * 25 / 100, "H2"
}

// heading sets a section title and keeps it with what follows.
func (f *flow) heading(h text.Heading, next []text.Block, first bool) {
	size, before, after, kind := titleSpace(h.Level)
	lines := f.set(h.Text, style{size: size, measure: measure, heading: true})
	f.room(before + bodyLead*unit(len(lines)) + after + f.least(next))
	if !first {
		f.gap(before)
	}
	elem := f.sheet.element(kind, 0)
	for _, l := range lines {
		f.put(l, leftEdge, bodyLead, elem)
	}
	f.y += after
}

// least is the room that the beginning of the next block needs, so that a
// heading is never parted from it.
func (f *flow) least(next []text.Block) unit {
	if len(next) == 0 {
		return 0
	}
	switch b := next[0].(type) {
	case text.Heading:
		_, before, after, _ := titleSpace(b.Level)
		return before + bodyLead + after + f.least(next[1:])
	case text.Table:
		need, _, _ := f.tableNeed(b)
		return need
	case text.Break:
		return 0
	}
	return 2 * bodyLead
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
	f.gap(listGap(l.Small))
	elem := f.sheet.element("L", 0)
	for _, it := range l.Items {
		f.item(it, hang, size, lead, elem)
	}
	f.y += listGap(l.Small)
}

// listGap sets small lists a little apart from body type.
func listGap(small bool) unit {
	if small {
		return bodyLead * 15 / 100
	}
	return 0
}

// listInset is where markers stand: below the first character of a paragraph.
const listInset = bodySize

func (f *flow) item(it text.ListItem, hang, size, lead unit, list int) {
	li := f.sheet.element("LI", list)
	label, body := f.sheet.element("Lbl", li), f.sheet.element("LBody", li)
	marker := f.word(it.Marker, size, false)
	room := measure - listInset - hang
	lines := f.set(it.Text, style{size: size, measure: room, justify: true})
	if f.y+lead > f.bottom || f.lonely(len(lines), 0, lead) {
		f.newPage()
	}
	f.page.put(marker, leftEdge+listInset, baseline(f.y, lead, size), label)
	f.lines(lines, leftEdge+listInset+hang, room, lead, text.Justify, body)
}
