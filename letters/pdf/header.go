package pdf

import (
	"strings"

	"oshirase/letters/text"
)

// header sets everything above the body on the first sheet: date, number and
// sender right of the window, the letter ID with its reading aid, the title.
func (f *flow) header(doc *text.Document, id string, addressed bool) {
	g := f.shared.geometry
	x := max(g.ever.right()+mm(2), leftEdge+measure/2)
	y := f.headerRight(doc, x)
	y = f.idBox(doc.Labels, id, x, y+bodyLead*4/10)
	f.y = y + bodyLead*12/10
	if addressed {
		f.y = max(f.y, g.ever.bottom()+bodyLead*6/10)
	}
	f.title(doc.Title)
}

// headerRight sets number, date and sender; it returns where they end.
func (f *flow) headerRight(doc *text.Document, x unit) unit {
	const size, lead = unit(10_000), unit(15_000)
	y := mm(headerTop)
	elem := f.sheet.element("P", 0)
	put := func(s string) {
		if s == "" {
			return
		}
		for _, l := range f.headerLine(s, size, rightEdge-x) {
			f.page.put(l, rightEdge-l.width, baseline(y, lead, size), elem)
			y += lead
		}
	}
	put(doc.DocumentNo)
	put(doc.Date)
	y += lead * 4 / 10
	elem = f.sheet.element("P", 0)
	for _, s := range doc.Sender {
		put(s)
	}
	return y
}

// headerLine sets one line of the header, a little smaller when it is long,
// and in more lines only when even that does not help.
func (f *flow) headerLine(s string, size, room unit) []*line {
	const least = unit(8_500)
	for at := size; at >= least; at -= sizeStep {
		if l := f.word(s, at, false); l.width <= room {
			return []*line{l}
		}
	}
	return f.set([]text.Inline{{Text: s}}, style{size: size, measure: room, tight: true})
}

// idBox sets the letter ID between two thin rules, with the aid for reading
// it aloud below.
func (f *flow) idBox(labels text.Labels, id string, x, y unit) unit {
	const labelSize, digitSize, aidSize, aidLead, pad = unit(8_500), unit(12_000), unit(7_000), unit(10_000), unit(4_000)
	elem := f.sheet.element("P", 0)
	f.page.rule(x, y, rightEdge, y, thinRule)
	y += pad
	base := baseline(y, 16_000, digitSize)
	f.page.put(f.word(labels.LetterID, labelSize, true), x, base-600, elem)
	digits := f.word(id, digitSize, true)
	f.page.put(digits, rightEdge-digits.width, base, elem)
	y += 17_500
	for _, l := range f.set(readingGroups(labels.Reading), style{size: aidSize, measure: rightEdge - x}) {
		f.page.put(l, x, baseline(y, aidLead, aidSize), elem)
		y += aidLead
	}
	y += pad - 1_000
	f.page.rule(x, y, rightEdge, y, thinRule)
	return y
}

// readingGroups keeps each group of the reading aid on one line; groups are
// parted by full-width spaces.
func readingGroups(s string) []text.Inline {
	var out []text.Inline
	for part := range strings.SplitAfterSeq(s, "\u3000") {
		out = append(out, text.Inline{Text: part, Keep: true})
	}
	return out
}

// title sets the centred title, in smaller type when it is long.
func (f *flow) title(s string) {
	size := titleSize
	for size > headSize && f.word(s, size, true).width > measure {
		size -= sizeStep
	}
	const lead = bodyLead * 13 / 10
	elem := f.sheet.element("H1", 0)
	for _, l := range f.set([]text.Inline{{Text: s}}, style{size: size, measure: measure, heading: true}) {
		f.page.put(l, leftEdge+(measure-l.width)/2, baseline(f.y, lead, size), elem)
		f.y += lead
	}
	f.y += bodyLead * 7 / 10
}
