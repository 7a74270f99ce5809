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
	gray   int
	window bool
}

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
}

// put places a line with its baseline at y.
func (p *page) put(l *line, x, y unit, elem int) {
	p.texts = append(p.texts, placed{line: l, x: x, y: y, elem: elem})
}

func (p *page) reset() {
	p.texts, p.rules, p.shades = p.texts[:0], p.rules[:0], p.shades[:0]
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
