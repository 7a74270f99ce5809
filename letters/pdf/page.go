package pdf

// placed is one line, or piece of a line, of positioned glyphs.
type placed struct {
	x, y   unit // of the baseline's start
	size   unit
	glyphs []glyph
	gaps   []unit // extra space after each glyph; nil = none
	elem   int    // element of the structure tree; artifact = none
	window bool   // belongs to the address block
}

// artifact marks text that is not read aloud: page numbers, repeated heads.
const artifact = -1

// width is the length of the line as set.
func (p *placed) width() unit {
	w := width(p.glyphs, p.size)
	for _, g := range p.gaps {
		w += g
	}
	return w
}

// bounds is the room that the em boxes of the line take.
func (p *placed) bounds() box {
	up := p.size * ascentPermille / 1000
	return box{p.x, p.y - up, p.width(), p.size}
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
