package pdf

import (
	"oshirase/letters"
	"oshirase/letters/text"
)

// geometry0 is the sheet's geometry in layout units.
type geometry0 struct {
	always, ever box
	folds        []unit
	barHeight    unit // of a long bar, japan.md 1.3: 3.6 mm at 10 pt
	barWidth     unit
	barPitch     unit
	barGap       unit
}

func newGeometry(s letters.Sheet) *geometry0 {
	a := s.BarcodePt / 10
	g := &geometry0{always: seen(s.Always()), ever: seen(s.Ever()), barHeight: mm(3.6 * a),
		barWidth: mm(0.6 * a), barPitch: mm(1.2 * a), barGap: mm(s.BarcodeGap)}
	for _, y := range s.Folds {
		g.folds = append(g.folds, mm(y))
	}
	return g
}

func seen(s letters.Seen) box { return box{mm(s.X), mm(s.Y), mm(s.W), mm(s.H)} }

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
	y := mm(headerTop)
	elem := f.sheet.element("P", 0)
	const size, lead = unit(10_000), unit(15_000)
	put := func(s string) {
		if s == "" {
			return
		}
		run := f.running(nil, f.shared.body, s, 0)
		for _, l := range breakLines(run, rightEdge-x, rightEdge-x, size, false) {
			part := run[l.from:l.to]
			f.page.texts = append(f.page.texts, placed{x: rightEdge - width(part, size),
				y: baseline(y, lead, size), size: size, glyphs: part, elem: elem})
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

// idBox sets the letter ID between two thin rules, with the aid for reading
// it aloud below.
func (f *flow) idBox(labels text.Labels, id string, x, y unit) unit {
	const labelSize, digitSize, aidSize, pad = unit(8_500), unit(12_000), unit(6_500), unit(3_500)
	elem := f.sheet.element("P", 0)
	f.rule(x, y, rightEdge, y, thinRule)
	y += pad
	label := f.running(nil, f.shared.heading, labels.LetterID, 0)
	digits := f.running(nil, f.shared.heading, id, 0)
	base := baseline(y, 16_000, digitSize)
	f.page.texts = append(f.page.texts,
		placed{x: x, y: base - 600, size: labelSize, glyphs: label, elem: elem},
		placed{x: rightEdge - width(digits, digitSize), y: base, size: digitSize, glyphs: digits, elem: elem})
	y += 17_500
	aid := f.running(nil, f.shared.body, labels.Reading, 0)
	for _, l := range breakLines(aid, rightEdge-x, rightEdge-x, aidSize, false) {
		f.page.texts = append(f.page.texts, placed{x: x, y: baseline(y, 9_500, aidSize),
			size: aidSize, glyphs: aid[l.from:l.to], elem: elem})
		y += 9_500
	}
	y += pad - 1_000
	f.rule(x, y, rightEdge, y, thinRule)
	return y
}

// title sets the centred title, in smaller type when it is long.
func (f *flow) title(s string) {
	run := f.running(nil, f.shared.heading, s, 0)
	size := titleSize
	for size > headSize && width(run, size) > measure {
		size -= sizeStep
	}
	elem := f.sheet.element("H1", 0)
	for _, l := range breakLines(run, measure, measure, size, false) {
		part := run[l.from:l.to]
		f.page.texts = append(f.page.texts, placed{x: leftEdge + (measure-width(part, size))/2,
			y: baseline(f.y, bodyLead*13/10, size), size: size, glyphs: part, elem: elem})
		f.y += bodyLead * 13 / 10
	}
	f.y += bodyLead * 7 / 10
}
