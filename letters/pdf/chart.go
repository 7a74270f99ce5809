package pdf

import (
	"strconv"

	"oshirase/letters/text"
)

// chart sets a horizontal bar chart: label, bar, number, a row each. It is
// read aloud as a table of two columns.
func (f *flow) chart(c text.Chart) {
	elem := f.sheet.element("Table", 0)
	labels, labelWidth := f.chartLabels(c)
	const barLead, barHeight = smallLead + 3_000, unit(9_000)
	f.gap(f.lead * 2 / 10)
	f.room(smallLead + min(unit(len(c.Bars)), 3)*barLead)
	f.caption(c.Caption, elem)
	top := 1
	for _, b := range c.Bars {
		top = max(top, b.Value)
	}
	for i, b := range c.Bars {
		f.room(barLead)
		f.chartBar(labels[i], labelWidth, b.Value, top, c.Unit, elem, barLead, barHeight)
	}
	f.y += f.lead * 6 / 10
}

// chartLabels sets the labels, smaller where one takes more than half the
// measure, and finds the room they need.
func (f *flow) chartLabels(c text.Chart) ([]*line, unit) {
	var widest unit
	out := make([]*line, len(c.Bars))
	for i, b := range c.Bars {
		out[i] = f.word(b.Label, smallSize, false)
		if w := out[i].width; w > measure/2 {
			out[i] = f.word(b.Label, max(smallSize*(measure/2)/w/100*100, 5_000), false)
		}
		widest = max(widest, out[i].width)
	}
	return out, widest
}

// chartBar sets one row of a chart.
func (f *flow) chartBar(label *line, labelWidth unit, value, top int, name string, elem int, lead, height unit) {
	tr := f.sheet.element("TR", elem)
	y := baseline(f.y, lead, smallSize)
	f.page.put(label, leftEdge, y, f.sheet.element("TD", tr))
	x := leftEdge + labelWidth + 8_000
	number := f.word(grouped(value)+name, smallSize, false)
	const numberRoom = unit(80_000)
	w := unit(int64(rightEdge-x-numberRoom) * int64(max(value, 0)) / int64(top))
	f.page.shades = append(f.page.shades, shade{box{x, f.y + (lead-height)/2, w, height}, barGray})
	f.page.put(number, x+w+5_000, y, f.sheet.element("TD", tr))
	f.y += lead
}

// grouped writes a number with a comma every three digits.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
