package readback

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Span is what one text-showing operator puts on a page. Lengths are pt,
// positions count from the page's lower left corner as PDF has it.
type Span struct {
	X, Y    float64 // start of the base line
	Width   float64 // how far the text moves on, spacing included
	Size    float64 // font size as seen on the page
	Font    string  // resource name
	Text    string  // by ToUnicode; U+FFFD where it does not say
	Codes   []uint16
	Upright bool   // neither turned nor slanted nor mirrored
	Hidden  bool   // drawn with a rendering mode that paints nothing
	Tag     string // innermost marked-content tag, "" outside
	MCID    int    // its number in the structure tree, -1 without
	Actual  string // its ActualText, "" without
}

// Box is a rectangle on a page in pt, X and Y being its lower left corner.
type Box struct{ X, Y, W, H float64 }

// Rect is a filled rectangle; Color is the fill as the content stream sets it
// ("0 g", "0.2 0.4 0.9 rg"), "" for the default, black.
type Rect struct {
	Box
	Color string
}

// Shape is any other painted path by its bounding box, line width left out.
type Shape struct {
	Box
	Filled, Stroked bool
}

// FindingKind says what is wrong with something that is drawn.
type FindingKind string

// Kinds of findings.
const (
	NoToUnicode  FindingKind = "no_tounicode"  // a font that is used has no ToUnicode map
	CodeUnmapped FindingKind = "code_unmapped" // a code that is drawn has no text
	MissingGlyph FindingKind = "missing_glyph" // a code shows glyph 0, the box
	GlyphOutside FindingKind = "glyph_outside" // a code shows a glyph that the face lacks
	Clipped      FindingKind = "clipped"       // a clipping path: what is reported may not be seen
	Annotated    FindingKind = "annotated"     // an annotation other than a link: it may draw anything
)

// Finding is one thing that a finished page must not have. Font and Code are
// empty where they do not apply.
type Finding struct {
	Kind FindingKind
	Font string
	Code uint16
}

// Page is everything that a page draws, in the order in which it is drawn.
type Page struct {
	Spans    []Span
	Rects    []Rect
	Shapes   []Shape
	Images   []Box
	Findings []Finding // each once, sorted
}

// Text joins the texts of all spans, one a line.
func (p *Page) Text() string {
	var b strings.Builder
	for _, s := range p.Spans {
		b.WriteString(s.Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// Page reads page i (from 0). An operator that it does not know, and anything
// else that could draw without being reported, is an error.
func (d *Document) Page(i int) (_ *Page, err error) {
	defer guard(&err)
	if d.lastI == i && d.last != nil {
		return d.last, nil
	}
	p, err := d.page(i)
	if err != nil {
		return nil, err
	}
	content, err := d.PageContent(i)
	if err != nil {
		return nil, err
	}
	r := &reader{doc: d, page: &Page{}, found: make(map[Finding]bool)}
	r.state = initialState()
	if err := r.run(content, p.resources); err != nil {
		return nil, err
	}
	r.annotations(p.dict)
	r.page.Findings = sortedFindings(r.found)
	d.last, d.lastI = r.page, i
	return r.page, nil
}

// annotations looks for annotations that draw.
func (r *reader) annotations(dict types.Dict) {
	for _, o := range r.doc.getArray(dict, "Annots") {
		a := asDict(r.doc.resolve(o))
		if r.doc.getName(a, "Subtype") != "Link" || r.doc.get(a, "AP") != nil {
			r.found[Finding{Kind: Annotated}] = true
		}
	}
}

// PageText returns the spans of page i (from 0).
func (d *Document) PageText(i int) ([]Span, error) {
	p, err := d.Page(i)
	if err != nil {
		return nil, err
	}
	return p.Spans, nil
}

func sortedFindings(found map[Finding]bool) []Finding {
	var out []Finding
	for f := range found {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Font, b.Font), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// colorOf keeps a colour as the content stream sets it.
func colorOf(content []byte, from, to int) string {
	return string(bytes.Join(bytes.Fields(content[from:to]), []byte(" ")))
}
