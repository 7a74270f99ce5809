package pdf

import (
	"slices"

	"oshirase/letters/text"
)

// tableCell is a cell with its text broken into lines.
type tableCell struct {
	x, w  unit
	lines []*line
	align text.Align
	head  bool
	same  bool // one with the cell above
	span  int
}

// tableRow is a row ready to be drawn.
type tableRow struct {
	cells []tableCell
	lines int // of its tallest cell
}

func (r *tableRow) height() unit { return unit(r.lines)*tableLead + 2*cellPadY }

const (
	tableBefore = bodyLead * 25 / 100
	tableAfter  = bodyLead * 45 / 100

	// captionLead is the room of a caption above a table or chart.
	captionLead = smallLead + 2_000
	// closingRows are kept together at a table's end: no row stands alone
	// under a repeated heading.
	closingRows = 2
)

// tableLeast is the room a table needs where it begins: caption, heading row
// and first row, or all of it when it is to be kept on one page.
func (f *flow) tableLeast(t text.Table) unit {
	edges := columnEdges(t.Columns)
	head := f.headRow(t.Columns, edges)
	need := tableBefore + head.height()
	if t.Caption != "" {
		need += captionLead
	}
	first, all := need, need
	for i, cells := range t.Rows {
		r := f.row(cells, t.Columns, edges)
		if all += r.height(); i == 0 {
			first = all
		}
		if !t.Keep || all > f.bottom-f.top {
			return first
		}
	}
	return all
}

// table sets a table; its heading row is repeated on every page it reaches.
func (f *flow) table(t text.Table) {
	f.room(f.tableLeast(t))
	f.gap(tableBefore)
	elem := f.sheet.element("Table", 0)
	f.caption(t.Caption, elem)
	edges := columnEdges(t.Columns)
	head := f.headRow(t.Columns, edges)
	f.drawRow(&head, f.sheet.element("TR", elem), true)
	rows := make([]tableRow, 0, len(t.Rows))
	for _, cells := range t.Rows {
		rows = append(rows, f.row(cells, t.Columns, edges))
	}
	f.tableRows(&head, rows, elem)
	f.y += tableAfter
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
		if f.y+f.rowRoom(rows[i:]) > f.bottom {
			f.continueTable(head)
			r.alone()
		}
		for f.y+r.height() > f.bottom && r.lines > 1 { // taller than a page
			rest := r.split(int((f.bottom - f.y - 2*cellPadY) / tableLead))
			f.drawRow(r, f.sheet.element("TR", elem), false)
			*r = rest
			f.continueTable(head)
		}
		f.drawRow(r, f.sheet.element("TR", elem), false)
	}
	f.closeTable()
}

// rowRoom is the room that the next row needs: its own, or that of the last
// rows together.
func (f *flow) rowRoom(rows []tableRow) unit {
	need := rows[0].height()
	if len(rows) != closingRows {
		return need
	}
	for i := range rows[1:] {
		need += rows[1+i].height()
	}
	if need > f.bottom-f.top {
		return rows[0].height()
	}
	return need
}

// continueTable says below the table that it goes on, and repeats the heading
// row on the next page. Both are artifacts: the heading has been read already.
func (f *flow) continueTable(head *tableRow) {
	f.closeTable()
	if f.labels.Continue != "" {
		l := f.word(f.labels.Continue, noteSize, false)
		f.page.put(l, rightEdge-l.width, baseline(f.y+1_500, noteSize, noteSize), artifact)
	}
	f.newPage()
	f.drawRow(head, artifact, true)
}

// closeTable draws the rule below the last row of a page.
func (f *flow) closeTable() { f.page.rule(leftEdge, f.y, rightEdge, f.y, thinRule) }

// alone shows what the row shares with the row above, because that stands on
// the page before.
func (r *tableRow) alone() {
	for i := range r.cells {
		r.cells[i].same = false
	}
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
	f.heads = f.heads[:0]
	for _, c := range columns {
		list := f.keepInlines([]text.Inline{{Text: c.Head, Bold: true, Given: true}})
		f.heads = append(f.heads, text.Cell{Text: list, Head: true})
	}
	return f.row(f.heads, columns, edges)
}

// row breaks the text of each cell.
func (f *flow) row(cells []text.Cell, columns []text.Column, edges []unit) tableRow {
	row := tableRow{lines: 1}
	first, col := len(f.cells), 0
	for _, c := range cells {
		if col >= len(columns) {
			break
		}
		span := min(max(c.Span, 1), len(columns)-col)
		cell := tableCell{x: edges[col], w: edges[col+span] - edges[col],
			align: columns[col].Align, head: c.Head, same: c.Same, span: span}
		cell.lines = f.set(c.Text, style{size: smallSize, measure: cell.w - 2*cellPadX, heading: c.Head && !someBold(c.Text)})
		row.lines = max(row.lines, len(cell.lines))
		f.cells = append(f.cells, cell)
		col += span
	}
	row.cells = slices.Clip(f.cells[first:])
	return row
}

// someBold says that a heading cell tells by itself what of it is bold.
func someBold(list []text.Inline) bool {
	for _, in := range list {
		if in.Bold {
			return true
		}
	}
	return false
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
// that is an artifact has no elements. The rule above a row begins behind what
// it shares with the row above; the rule below is the next row's.
func (f *flow) drawRow(r *tableRow, tr int, heading bool) {
	top, bottom := f.y, f.y+r.height()
	from := leftEdge
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
		if c.same {
			from = c.x + c.w
			continue
		}
		f.cellText(c, top+cellPadY, elem)
	}
	if heading {
		f.page.rule(leftEdge, top, rightEdge, top, thinRule)
	} else {
		f.page.rule(from, top, rightEdge, top, hairline)
	}
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
		f.page.put(l, x, baseline(top, tableLead, smallSize), elem)
		top += tableLead
	}
}
