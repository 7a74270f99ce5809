package pdf

import (
	"oshirase/letters/text"
)

// flow sets blocks one below the other and opens pages as it goes.
type flow struct {
	shaper
	sheet  sheet
	window *sheetGeometry // of the envelope that the letter goes into
	page   *page
	y      unit // top of the next line
	lead   unit // line distance of body type
	top    unit // of the pages to come
	bottom unit
	labels text.Labels
	cells  []tableCell // of all rows of the letter
	heads  []text.Cell // of the heading row being set
}

// nextLetter gives the memory of the letter before free.
func (f *flow) nextLetter() {
	f.shaper.nextLetter()
	f.cells = f.cells[:0]
}

// begin clears away the letter before.
func (f *flow) begin(labels text.Labels) {
	f.missing = f.missing[:0]
	f.sheet.reset()
	f.labels = labels
	f.top, f.bottom = mm(laterTop), mm(bodyBottom)
	f.lead = bodyLead
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
			f.paragraph(b, blocks[i+1:])
		case text.List:
			f.list(b)
		case text.Table:
			f.table(b)
		case text.Chart:
			f.chart(b)
		case text.Gap:
			f.gap(unit(b.Lines * float64(f.lead)))
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

// titleSpace is the space before and after a heading.
func (f *flow) titleSpace(level int) (size, before, after unit, kind string) {
	if level > 1 {
		return subheadSize, f.lead * 30 / 100, f.lead * 10 / 100, "H3"
	}
	return headSize, f.lead * 50 / 100, f.lead * 15 / 100, "H2"
}

// heading sets a section title and keeps it with what follows.
func (f *flow) heading(h text.Heading, next []text.Block, first bool) {
	size, before, after, kind := f.titleSpace(h.Level)
	lines := f.set(h.Text, style{size: size, measure: measure, heading: true})
	f.room(before + f.lead*unit(len(lines)) + after + f.least(next))
	if !first {
		f.gap(before)
	}
	elem := f.sheet.element(kind, 0)
	for _, l := range lines {
		f.put(l, leftEdge, f.lead, elem)
	}
	f.y += after
}

// least is the room that the beginning of what follows needs, so that neither
// a heading nor a sentence that leads to a table or a list is parted from it.
func (f *flow) least(next []text.Block) unit {
	if len(next) == 0 {
		return 0
	}
	switch b := next[0].(type) {
	case text.Heading:
		_, before, after, _ := f.titleSpace(b.Level)
		return before + f.lead + after + f.least(next[1:])
	case text.Paragraph:
		return f.paragraphLeast(b, next[1:])
	case text.Table:
		return f.tableLeast(b)
	case text.Break:
		return 0
	}
	return 2 * f.lead
}

// shortLead is the most lines of a paragraph that is kept whole and with the
// table or list that it leads to.
const shortLead = 2

func (f *flow) paragraphLeast(p text.Paragraph, next []text.Block) unit {
	_, lead := f.sizes(p.Small)
	if leads(next) {
		if n := unit(len(f.paragraphLines(p))); n <= shortLead {
			return n*lead + f.least(next)
		}
	}
	return 2 * lead
}

// leads says that a table or a list follows.
func leads(next []text.Block) bool {
	if len(next) == 0 {
		return false
	}
	switch next[0].(type) {
	case text.Table, text.List:
		return true
	}
	return false
}

// put places one line at the current height and moves below it.
func (f *flow) put(l *line, x, lead unit, elem int) {
	f.page.put(l, x, baseline(f.y, lead, l.size), elem)
	f.y += lead
}

// sizes are type size and line distance of a block.
func (f *flow) sizes(small bool) (size, lead unit) {
	if small {
		return smallSize, smallLead
	}
	return bodySize, f.lead
}

// paragraph sets running text. Small paragraphs are notes and stand a little
// apart.
func (f *flow) paragraph(p text.Paragraph, next []text.Block) {
	lines := f.paragraphLines(p)
	_, lead := f.sizes(p.Small)
	f.gap(f.listGap(p.Small))
	if leads(next) && len(lines) <= shortLead {
		f.room(f.paragraphLeast(p, next))
	}
	inset := unit(p.Inset * float64(bodySize))
	f.lines(lines, leftEdge+inset, measure-inset, lead, p.Align, f.sheet.element("P", 0))
	f.y += f.listGap(p.Small)
}

func (f *flow) paragraphLines(p text.Paragraph) []*line {
	size, _ := f.sizes(p.Small)
	return f.set(p.Text, style{size: size, measure: measure - unit(p.Inset*float64(bodySize)),
		indent: unit(p.Indent * float64(size)), justify: p.Align == text.Justify})
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

// lonely reports whether line i of n should rather open the next page: a page
// neither ends with a paragraph's first line nor begins with its last. Three
// lines stay together.
func (f *flow) lonely(n, i int, lead unit) bool {
	fits := int((f.bottom - f.y) / lead)
	switch {
	case n < 2 || f.atTop():
		return false
	case i == 0:
		return fits == 1 || fits == 2 && n == 3
	}
	return fits == 1 && i == n-2 && n > 3
}

// list sets items with hanging markers.
func (f *flow) list(l text.List) {
	if l.Run {
		f.paragraph(runOn(l), nil)
		return
	}
	size, lead := f.sizes(l.Small)
	hang := size
	for _, it := range l.Items {
		if w := f.word(it.Marker, size, false).width; w > size {
			hang = max(hang, w+size/2)
		}
	}
	f.gap(f.listGap(l.Small))
	elem := f.sheet.element("L", 0)
	for _, it := range l.Items {
		f.item(it, hang, size, lead, elem)
	}
	f.y += f.listGap(l.Small)
}

// runOn makes one paragraph of a list.
func runOn(l text.List) text.Paragraph {
	p := text.Paragraph{Small: l.Small, Text: make([]text.Inline, 0, 4*len(l.Items))}
	for _, it := range l.Items {
		p.Text = append(p.Text, it.Text...)
	}
	return p
}

// listGap sets small type a little apart from body type.
func (f *flow) listGap(small bool) unit {
	if small {
		return f.lead * 18 / 100
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
