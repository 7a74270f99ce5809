package pdf

import (
	"bytes"
	"strconv"
	"time"

	"github.com/jung-kurt/gofpdf"
)

// newDocument opens a gofpdf document of the one form that readFrame accepts:
// uncompressed, in points, without margins, page breaks, fonts or clock.
func newDocument(date time.Time) *gofpdf.Fpdf {
	doc := gofpdf.NewCustom(&gofpdf.InitType{OrientationStr: "P", UnitStr: "pt",
		Size: gofpdf.SizeType{Wd: pageWidth.points(), Ht: pageHeight.points()}})
	doc.SetCompression(false)
	doc.SetCatalogSort(true)
	doc.SetCreationDate(date)
	doc.SetModificationDate(date)
	doc.SetProducer("oshirase", false)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	return doc
}

// gofpdf's initial line width; it must stand again at the end of each page.
const initialLine = 0.567

// stamp is a date as gofpdf writes it.
func stamp(date time.Time) string { return date.Format("20060102150405") }

// canvas draws laid-out pages. It is the only place that draws through gofpdf.
type canvas struct {
	buf    []byte
	reader bytes.Reader
	out    bytes.Buffer
	used   usage
	kids   []marked // marked content of all pages, in drawing order
}

// marked is one marked-content sequence: element, page and MCID.
type marked struct{ elem, page, mcid int }

// draw draws all pages and returns gofpdf's output.
func (c *canvas) draw(s *sheet, date time.Time) ([]byte, error) {
	doc := newDocument(date)
	c.kids = c.kids[:0]
	c.used.reset()
	for i := range s.used {
		doc.AddPage()
		c.shapes(doc, &s.pages[i])
		c.buf = c.buf[:0]
		c.texts(s, i)
		c.reader.Reset(c.buf)
		doc.RawWriteBuf(&c.reader)
	}
	c.out.Reset()
	if err := doc.Output(&c.out); err != nil {
		return nil, err
	}
	return c.out.Bytes(), nil
}

// shapes draws grounds, bars, marks and rules: artifacts all.
func (c *canvas) shapes(doc *gofpdf.Fpdf, p *page) {
	doc.RawWriteStr("/Artifact BMC")
	gray := 0
	for i := range p.shades {
		s := &p.shades[i]
		if s.gray != gray {
			gray = s.gray
			doc.SetFillColor(gray, gray, gray)
		}
		doc.Rect(s.x.points(), s.y.points(), s.w.points(), s.h.points(), "F")
	}
	if gray != 0 {
		doc.SetFillColor(0, 0, 0)
	}
	c.rules(doc, p)
	doc.RawWriteStr("EMC")
}

func (c *canvas) rules(doc *gofpdf.Fpdf, p *page) {
	var thick unit
	for i := range p.rules {
		r := &p.rules[i]
		if r.thick != thick {
			thick = r.thick
			doc.SetLineWidth(thick.points())
		}
		doc.Line(r.x1.points(), r.y1.points(), r.x2.points(), r.y2.points())
	}
	if thick != 0 {
		doc.SetLineWidth(initialLine)
	}
}

// texts writes the page's text, each element in marked content of its own.
func (c *canvas) texts(s *sheet, n int) {
	open, mcid := -2, 0
	p := &s.pages[n]
	for i := range p.texts {
		t := &p.texts[i]
		if t.elem != open {
			c.close(open)
			if open = t.elem; open == artifact {
				c.buf = append(c.buf, "/Artifact BMC\nBT\n"...)
			} else {
				c.buf = append(append(append(c.buf, '/'), s.elements[open].kind...), "<</MCID "...)
				c.buf = append(strconv.AppendInt(c.buf, int64(mcid), 10), ">>BDC\nBT\n"...)
				c.kids = append(c.kids, marked{open, n, mcid})
				mcid++
			}
		}
		c.line(t)
	}
	c.close(open)
}

func (c *canvas) close(open int) {
	if open != -2 {
		c.buf = append(c.buf, "ET\nEMC\n"...)
	}
}

// line shows one placed line.
func (c *canvas) line(t *placed) {
	c.buf = append(c.buf, "1 0 0 1 "...)
	c.buf = appendUnit(c.buf, t.x)
	c.buf = append(c.buf, ' ')
	c.buf = appendUnit(c.buf, pageHeight-t.y)
	c.buf = append(c.buf, " Tm\n"...)
	for from := 0; from < len(t.glyphs); {
		to := from + 1
		for to < len(t.glyphs) && sameFont(&t.glyphs[from], &t.glyphs[to]) {
			to++
		}
		c.font(&t.glyphs[from], t.size)
		c.show(t, from, to)
		from = to
	}
}

// sameFont reports whether two glyphs come through one font resource.
func sameFont(a, b *glyph) bool {
	return a.face == b.face && a.face.isStatic(a.id) == b.face.isStatic(b.id)
}

// font selects the resource of a glyph: 0 the static subset, 1 the extras.
func (c *canvas) font(g *glyph, size unit) {
	tier := byte('1')
	if g.face.isStatic(g.id) {
		tier = '0'
	}
	c.buf = append(append(append(c.buf, '/'), g.face.name...), tier, ' ')
	c.buf = append(appendUnit(c.buf, size), " Tf\n"...)
}

// show writes one TJ array, parted where a glyph needs an ActualText.
func (c *canvas) show(t *placed, from, to int) {
	open := false
	for i := from; i < to; i++ {
		g := &t.glyphs[i]
		c.used.add(g)
		if !g.face.speaksForItself(g.id, g.text) {
			if open {
				c.buf = append(c.buf, ">]TJ\n"...)
			}
			c.actual(g, t.gap(i))
			open = false
			continue
		}
		if !open {
			c.buf = append(c.buf, "[<"...)
			open = true
		}
		c.buf = appendHex(c.buf, g.id)
		if gap := t.gap(i); gap != 0 && i+1 < len(t.glyphs) {
			c.buf = append(c.buf, '>')
			c.buf = appendKern(c.buf, gap, t.size)
			c.buf = append(c.buf, '<')
		}
	}
	if open {
		c.buf = append(c.buf, ">]TJ\n"...)
	}
}

// actual shows one glyph under the text it stands for.
func (c *canvas) actual(g *glyph, gap unit) {
	c.buf = append(c.buf, "/Span<</ActualText<FEFF"...)
	c.buf = appendUTF16(c.buf, g.text)
	c.buf = append(c.buf, ">>>BDC\n[<"...)
	c.buf = appendHex(c.buf, g.id)
	c.buf = append(c.buf, ">]TJ\nEMC\n"...)
}

// gap is the extra space after glyph i.
func (p *placed) gap(i int) unit {
	if p.gaps == nil {
		return 0
	}
	return p.gaps[i]
}

// appendKern writes a TJ adjustment in 1/1000 em: positive moves back.
func appendKern(b []byte, gap, size unit) []byte {
	return appendHundredths(b, int(-gap*100_000/size))
}

const hexDigits = "0123456789ABCDEF"

func appendHex(b []byte, v uint16) []byte {
	return append(b, hexDigits[v>>12], hexDigits[v>>8&15], hexDigits[v>>4&15], hexDigits[v&15])
}

// appendUTF16 writes s as UTF-16BE in hexadecimal.
func appendUTF16(b []byte, s string) []byte {
	for _, r := range s {
		if r >= 0x10000 {
			r -= 0x10000
			b = appendHex(b, uint16(0xD800+r>>10))
			b = appendHex(b, uint16(0xDC00+r&0x3FF))
			continue
		}
		b = appendHex(b, uint16(r))
	}
	return b
}
