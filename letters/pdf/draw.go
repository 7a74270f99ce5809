package pdf

import (
	"bytes"
	"fmt"
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
	buf  []byte // text and marks of all pages
	cuts []int  // places in buf at which a page may be parted
	from []int  // of each page: where its part of buf begins
	used usage
	kids []marked // marked content of all pages, in drawing order
}

// marked is one marked-content sequence: element, page and MCID.
type marked struct{ elem, page, mcid int }

// textPlace is the comment that gofpdf writes at the end of each page; text
// and marks take its place. They would only be copied four times on their way
// through gofpdf, which formats nothing of them.
const textPlace = "%text"

// draw draws all pages: grounds and rules through gofpdf, whose output it
// returns, text and marks into its own buffer.
func (c *canvas) draw(s *sheet, date time.Time) ([]byte, error) {
	doc := newDocument(date)
	c.kids, c.buf, c.cuts, c.from = c.kids[:0], c.buf[:0], c.cuts[:0], c.from[:0]
	c.used.reset()
	for i := range s.used {
		doc.AddPage()
		c.shapes(doc, &s.pages[i])
		doc.RawWriteStr(textPlace)
		c.from = append(c.from, len(c.buf))
		c.texts(s, i)
		c.marks(&s.pages[i])
	}
	var out taken
	err := doc.Output(&out)
	return out, err
}

// contents joins what gofpdf wrote of each page with its text and marks, in
// memory of their own, and lists the places at which each may be parted.
func (c *canvas) contents(frames [][]byte) (contents [][]byte, cuts [][]int, err error) {
	size := len(c.buf)
	for _, f := range frames {
		size += len(f)
	}
	all := make([]byte, 0, size)
	places := make([]int, 0, len(frames)+len(c.cuts))
	next := 0
	for i, f := range frames {
		head, ok := bytes.CutSuffix(f, []byte(textPlace+"\n"))
		if !ok {
			return nil, nil, fmt.Errorf("%w: page %d has no place for its text", ErrFrame, i+1)
		}
		end := len(c.buf)
		if i+1 < len(c.from) {
			end = c.from[i+1]
		}
		start, first := len(all), len(places)
		all = append(append(all, head...), c.buf[c.from[i]:end]...)
		places = append(places, len(head))
		for ; next < len(c.cuts) && c.cuts[next] <= end; next++ {
			places = append(places, len(head)+c.cuts[next]-c.from[i])
		}
		contents = append(contents, all[start:len(all):len(all)])
		cuts = append(cuts, places[first:len(places):len(places)])
	}
	return contents, cuts, nil
}

// taken takes over the buffer that a document is written from. gofpdf writes
// it at once and the document is dropped after it, so nobody else holds it.
type taken []byte

func (t *taken) Write(p []byte) (int, error) {
	if *t != nil {
		return 0, ErrFrame
	}
	*t = p
	return len(p), nil
}

// shapes draws grounds and rules: artifacts all.
func (c *canvas) shapes(doc *gofpdf.Fpdf, p *page) {
	if len(p.shades) == 0 && len(p.rules) == 0 {
		return
	}
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

// marks writes barcodes and Data Matrix codes.
func (c *canvas) marks(p *page) {
	for i := range p.marks {
		m := &p.marks[i]
		c.buf = append(c.buf, "/Artifact BMC\nq\n"...)
		c.buf = strconv.AppendFloat(c.buf, m.moduleX, 'f', 5, 64)
		c.buf = append(c.buf, " 0 0 "...)
		c.buf = append(strconv.AppendFloat(c.buf, -m.moduleY, 'f', 5, 64), ' ')
		c.buf = append(appendUnit(c.buf, m.x), ' ')
		c.buf = append(appendUnit(c.buf, pageHeight-m.y), " cm\n"...)
		for _, r := range m.cells {
			for _, v := range [4]uint16{r.x, r.y, r.w, r.h} {
				c.buf = append(strconv.AppendInt(c.buf, int64(v), 10), ' ')
			}
			c.buf = append(c.buf, "re\n"...)
		}
		c.buf = append(c.buf, "f\nQ\nEMC\n"...)
		c.cut()
	}
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
		c.cut()
	}
}

func (c *canvas) cut() { c.cuts = append(c.cuts, len(c.buf)) }

// line shows one placed line.
func (c *canvas) line(t *placed) {
	if len(t.glyphs) == 0 {
		return
	}
	c.used.line(t.line)
	c.buf = append(c.buf, "1 0 0 1 "...)
	c.buf = append(appendUnit(c.buf, t.x+t.xs[0]), ' ')
	c.buf = append(appendUnit(c.buf, pageHeight-t.y), " Tm\n"...)
	c.buf = append(c.buf, t.show...)
}
