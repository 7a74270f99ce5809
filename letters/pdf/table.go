package pdf

import "oshirase/letters/text"

// tableCell is a cell with its text broken into lines.
type tableCell struct {
	x, w  unit
	lines []*line
	align text.Align
	head  bool
	span  int
}

// tableRow is a row ready to be drawn.
type tableRow struct {
	cells []tableCell
	lines int // of its tallest cell
}

func (r *tableRow) height() unit { return unit(r.lines)*smallLead + 2*cellPadY }

// tableNeed is the room a table needs where it begins: caption, heading row
// and first row, or all of it when it is to be kept on one page.
func (f *flow) tableNeed(t text.Table) (need unit, head tableRow, rows []tableRow) {
	edges := columnEdges(t.Columns)
	head = f.headRow(t.Columns, edges)
	need = bodyLead*2/10 + head.height()
	if t.Caption != "" {
		need += captionLead
	}
	all := need
	for i, r := range t.Rows {
		rows = append(rows, f.row(r, t.Columns, edges))
		all += rows[i].height()
	}
	switch {
	case t.Keep && all <= f.bottom-f.top:
		need = all
	case len(rows) > 0:
		need += rows[0].height()
	}
	return need, head, rows
}

// captionLead is the room of a caption above a table or chart.
const captionLead = smallLead + 2_000

// table sets a table; its heading row is repeated on every page it reaches.
func (f *flow) table(t text.Table) {
	need, head, rows := f.tableNeed(t)
	f.room(need)
	f.gap(bodyLead * 2 / 10)
	elem := f.sheet.element("Table", 0)
	f.caption(t.Caption, elem)
	f.drawRow(&head, f.sheet.element("TR", elem), true)
	f.tableRows(&head, rows, elem)
	f.y += bodyLead * 6 / 10
}

func (f *flow) caption(s string, elem int) {
	if s == "" {
		return
	}
	f.put(f.word(s, smallSize, true), leftEdge, smallLead, f.sheet.element("Caption", elem))
	f.y += captionLead - smallLead
}

// tableRows sets the rows and closes the table on each page.
func (f *flow) tableRows(head *tableRow, rows []tableRow, elem int) {
	for i := range rows {
		r := &rows[i]
		if f.y+r.height() > f.bottom {
			f.continueTable(head)
		}
		for f.y+r.height() > f.bottom && r.lines > 1 { // taller than a page
			rest := r.split(int((f.bottom - f.y - 2*cellPadY) / smallLead))
			f.drawRow(r, f.sheet.element("TR", elem), false)
			*r = rest
			f.continueTable(head)
		}
		f.drawRow(r, f.sheet.element("TR", elem), false)
	}
}

// continueTable says below the table that it goes on, and repeats the heading
// row on the next page. Both are artifacts: the heading has been read already.
func (f *flow) continueTable(head *tableRow) {
	if f.labels.Continue != "" {
		l := f.word(f.labels.Continue, noteSize, false)
		f.page.put(l, rightEdge-l.width, baseline(f.y+1_000, noteSize, noteSize), artifact)
	}
	f.newPage()
	f.drawRow(head, artifact, true)
}

// columnEdges turns shares of the measure into positions; the last edge is
// the right margin exactly.
func columnEdges(columns []text.Column) []unit {
	sum := 0.0
	for _, c := range columns {
		sum += c.Width
	}
	edges := make([]unit, len(columns)+1)
	edges[0] = leftEdge
	at := 0.0
	for i, c := range columns {
		share := 1 / float64(len(columns))
		if sum > 0 {
			share = c.Width / sum
		}
		at += share
		edges[i+1] = leftEdge + unit(at*float64(measure)/100+0.5)*100
	}
	edges[len(columns)] = rightEdge
	return edges
}

func (f *flow) headRow(columns []text.Column, edges []unit) tableRow {
	cells := make([]text.Cell, len(columns))
	for i, c := range columns {
		cells[i] = text.Cell{Text: []text.Inline{{Text: c.Head, Bold: true}}, Head: true}
	}
	return f.row(cells, columns, edges)
}

// row breaks the text of each cell.
func (f *flow) row(cells []text.Cell, columns []text.Column, edges []unit) tableRow {
	row := tableRow{lines: 1}
	col := 0
	for _, c := range cells {
		if col >= len(columns) {
			break
		}
		span := min(max(c.Span, 1), len(columns)-col)
		cell := tableCell{x: edges[col], w: edges[col+span] - edges[col],
			align: columns[col].Align, head: c.Head, span: span}
		cell.lines = f.set(c.Text, style{size: smallSize, measure: cell.w - 2*cellPadX, heading: c.Head, tight: true})
		row.lines = max(row.lines, len(cell.lines))
		row.cells = append(row.cells, cell)
		col += span
	}
	return row
}

// split cuts a row that is taller than a page after n lines.
func (r *tableRow) split(n int) tableRow {
	n = max(n, 1)
	rest := tableRow{lines: 1}
	for i := range r.cells {
		c := r.cells[i]
		cut := min(n, len(c.lines))
		r.cells[i].lines = c.lines[:cut]
		c.lines = c.lines[cut:]
		rest.lines = max(rest.lines, len(c.lines))
		rest.cells = append(rest.cells, c)
	}
	r.lines = min(n, r.lines)
	return rest
}

// drawRow places a row's text, rules and ground. tr is its element; a row
// that is an artifact has no elements.
func (f *flow) drawRow(r *tableRow, tr int, heading bool) {
	top, bottom := f.y, f.y+r.height()
	for i := range r.cells {
		c := &r.cells[i]
		elem := artifact
		if tr != artifact {
			elem = f.cellElement(c, tr, heading)
		}
		if c.head {
			f.page.shade(box{c.x, top, c.w, bottom - top}, rowTint)
		}
		if i > 0 {
			f.page.rule(c.x, top, c.x, bottom, hairline)
		}
		f.cellText(c, top+(r.height()-unit(len(c.lines))*smallLead)/2, elem)
	}
	if heading {
		f.page.rule(leftEdge, top, rightEdge, top, thinRule)
	}
	f.page.rule(leftEdge, bottom, rightEdge, bottom, hairline)
	f.page.rule(leftEdge, top, leftEdge, bottom, hairline)
	f.page.rule(rightEdge, top, rightEdge, bottom, hairline)
	f.y = bottom
}

func (f *flow) cellElement(c *tableCell, tr int, heading bool) int {
	kind := "TD"
	if c.head {
		kind = "TH"
	}
	n := f.sheet.element(kind, tr)
	f.sheet.elements[n].span = c.span
	f.sheet.elements[n].row = c.head && !heading
	return n
}

// cellText places the lines of a cell from top on. Narrow cells are set
// ragged: evened out, they would show holes.
func (f *flow) cellText(c *tableCell, top unit, elem int) {
	for _, l := range c.lines {
		x := c.x + cellPadX + shift(c.align, c.w-2*cellPadX-l.width)
		f.page.put(l, x, baseline(top, smallLead, smallSize), elem)
		top += smallLead
	}
}
