package pdf

import (
	"strings"

	"oshirase/letters/text"
)

// header sets everything above the body on the first sheet: date, number and
// sender right of the window, the letter ID with its reading aid, the title.
func (f *flow) header(doc *text.Document, id string, addressed bool) {
	g := f.window
	x := max(g.ever.right()+mm(2), leftEdge+measure/2)
	y := f.headerRight(doc, x)
	y = f.idBox(doc.Labels, id, x, y+f.lead*45/100)
	f.y = y + f.lead*12/10
	if addressed {
		f.y = max(f.y, g.ever.bottom()+f.lead*4/10)
	}
	f.title(doc.Title)
}

// headerRight sets number, date and sender; it returns where they end. The
// sender's last two lines are company and signatory; before them stands the
// address, smaller.
func (f *flow) headerRight(doc *text.Document, x unit) unit {
	const size, lead, smallerLead = unit(10_500), unit(15_600), unit(13_600)
	y := mm(headerTop)
	elem := f.sheet.element("P", 0)
	put := func(s string, size, lead unit) {
		if s == "" {
			return
		}
		for _, l := range f.headerLine(s, size, rightEdge-x) {
			f.page.put(l, rightEdge-l.width, baseline(y, lead, l.size), elem)
			y += lead
		}
	}
	put(doc.DocumentNo, smallSize, smallerLead)
	put(doc.Date, smallSize, smallerLead)
	y += lead * 5 / 10
	elem = f.sheet.element("P", 0)
	for i, s := range doc.Sender {
		if i+2 < len(doc.Sender) {
			put(s, noteSize, smallerLead)
			continue
		}
		put(s, size, lead)
	}
	return y
}

// headerLine sets one line of the header, a little smaller when it is long,
// and in more lines only when even that does not help.
func (f *flow) headerLine(s string, size, room unit) []*line {
	const least = unit(8_000)
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
	const labelSize, digitSize, aidSize, aidLead, pad = unit(9_000), unit(12_500), unit(7_500), unit(10_800), unit(4_500)
	elem := f.sheet.element("P", 0)
	f.page.rule(x, y, rightEdge, y, thinRule)
	y += pad
	base := baseline(y, 16_000, digitSize)
	f.page.put(f.word(labels.LetterID, labelSize, true), x, base-400, elem)
	digits := f.word(id, digitSize, true)
	f.page.put(digits, rightEdge-digits.width, base, elem)
	y += 18_500
	for _, l := range f.set(readingGroups(labels.Reading), style{size: aidSize, measure: rightEdge - x, tight: true}) {
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
	lead := f.lead * 13 / 10
	elem := f.sheet.element("H1", 0)
	for _, l := range f.set([]text.Inline{{Text: s}}, style{size: size, measure: measure, heading: true}) {
		f.page.put(l, leftEdge+(measure-l.width)/2, baseline(f.y, lead, size), elem)
		f.y += lead
	}
	f.y += f.lead * 5 / 10
}
