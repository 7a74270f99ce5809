package pdf

// placed is a set line at its place on a page.
type placed struct {
	*line
	x, y   unit // of the line's left edge, on the baseline
	elem   int  // element of the structure tree; artifact = none
	window bool // belongs to the address block
}

// artifact marks text that is not read aloud: page numbers, repeated heads.
const artifact = -1

// bounds is the room that the line's ink may take.
func (p *placed) bounds() box {
	return box{p.x, p.y - p.size*ascentPermille/1000, p.width, p.size}
}

// shade is a filled rectangle; gray 0 is black, 255 white.
type shade struct {
	box
	gray int
}

// mark is a barcode or Data Matrix: one path of rectangles, drawn in modules.
// One path, because rectangles filled one by one show seams where they touch.
type mark struct {
	box
	moduleX, moduleY float64 // pt
	cells            []cell
	window           bool
}

// cell is a dark rectangle of a mark in modules, y counted downwards.
type cell struct{ x, y, w, h uint16 }

// rule is a straight horizontal or vertical line.
type rule struct {
	x1, y1, x2, y2 unit
	thick          unit
}

// page is a page before it is drawn.
type page struct {
	texts  []placed
	rules  []rule
	shades []shade
	marks  []mark
}

// rule draws a line, as one with an earlier line that it continues.
func (p *page) rule(x1, y1, x2, y2, thick unit) {
	for i := len(p.rules) - 1; i >= 0 && i >= len(p.rules)-12; i-- {
		r := &p.rules[i]
		if x1 == x2 && r.x1 == x1 && r.x2 == x2 && r.y2 == y1 && r.thick == thick {
			r.y2 = y2
			return
		}
	}
	p.rules = append(p.rules, rule{x1, y1, x2, y2, thick})
}

// shade fills a rectangle, as one with an earlier one beside or above it.
func (p *page) shade(b box, gray int) {
	for i := len(p.shades) - 1; i >= 0 && i >= len(p.shades)-2; i-- {
		s := &p.shades[i]
		switch {
		case s.gray != gray:
		case s.y == b.y && s.h == b.h && s.right() == b.x:
			s.w += b.w
			return
		case s.x == b.x && s.w == b.w && s.bottom() == b.y:
			s.h += b.h
			return
		}
	}
	p.shades = append(p.shades, shade{b, gray})
}

// put places a line with its baseline at y.
func (p *page) put(l *line, x, y unit, elem int) {
	p.texts = append(p.texts, placed{line: l, x: x, y: y, elem: elem})
}

func (p *page) reset() {
	p.texts, p.rules, p.shades, p.marks = p.texts[:0], p.rules[:0], p.shades[:0], p.marks[:0]
}

// element is one node of the structure tree (ISO 32000-1, 14.8).
type element struct {
	kind   string // Document, H1, P, Table, TR, TH, TD, L, LI, Lbl, LBody …
	parent int
	span   int  // ColSpan of a cell
	row    bool // a TH that heads a row rather than a column
}

// sheet is everything laid out of one document.
type sheet struct {
	pages    []page
	used     int // pages in use
	elements []element
}

func (s *sheet) reset() {
	s.used = 0
	s.elements = append(s.elements[:0], element{kind: "Document", parent: artifact})
}

// addPage opens the next page, reusing an earlier letter's buffers.
func (s *sheet) addPage() *page {
	if s.used == len(s.pages) {
		s.pages = append(s.pages, page{})
	}
	s.used++
	p := &s.pages[s.used-1]
	p.reset()
	return p
}

func (s *sheet) element(kind string, parent int) int {
	s.elements = append(s.elements, element{kind: kind, parent: parent})
	return len(s.elements) - 1
}
