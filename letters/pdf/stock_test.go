package pdf

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/jung-kurt/gofpdf"

	"oshirase/fonts"
)

// stockFonts are the two faces as files, for gofpdf alone.
func stockFonts(t testing.TB) map[string][]byte {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for name, chain := range map[string]fonts.Chain{"M": lib.Body(), "G": lib.Heading()} {
		var b bytes.Buffer
		if err := chain.Faces()[0].WriteOriginal(&b); err != nil {
			t.Fatal(err)
		}
		out[name] = b.Bytes()
	}
	return out
}

// stockDocument is a document of gofpdf alone with its own fonts.
func stockDocument(files map[string][]byte) *gofpdf.Fpdf {
	doc := gofpdf.New("P", "pt", "A4", "")
	doc.SetAutoPageBreak(false, 0)
	for _, name := range []string{"M", "G"} {
		// gofpdf appends to the slice that it is given; there is no room.
		doc.AddUTF8FontFromBytes(name, "", slices.Clip(files[name]))
	}
	return doc
}

// stockPages draws a laid-out letter with gofpdf's own text calls: the same
// lines, bars, rules and grounds, without justification.
func stockPages(doc *gofpdf.Fpdf, s *sheet) {
	for i := range s.used {
		p := &s.pages[i]
		doc.AddPage()
		for _, b := range p.shades {
			doc.Rect(b.x.points(), b.y.points(), b.w.points(), b.h.points(), "F")
		}
		for _, m := range p.marks {
			for _, c := range m.cells {
				doc.Rect(m.x.points()+float64(c.x)*m.moduleX, m.y.points()+float64(c.y)*m.moduleY,
					float64(c.w)*m.moduleX, float64(c.h)*m.moduleY, "F")
			}
		}
		for _, r := range p.rules {
			doc.Line(r.x1.points(), r.y1.points(), r.x2.points(), r.y2.points())
		}
		for _, l := range p.texts {
			if len(l.glyphs) == 0 {
				continue
			}
			doc.SetFont(stockFace(l.glyphs[0].face), "", l.size.points())
			doc.Text(l.x.points(), l.y.points(), stockText(l.glyphs))
		}
	}
}

// stockFace is the face that stands for ours: gofpdf is spared the large one.
func stockFace(f *face) string {
	if f.name == "G" {
		return "G"
	}
	return "M"
}

// stockText is a line's text. Characters beyond the BMP and selectors, on
// which gofpdf panics, are left out: its work gets smaller by them.
func stockText(glyphs []glyph) string {
	var b strings.Builder
	for i := range glyphs {
		for _, r := range glyphs[i].text {
			if r < 0x10000 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func BenchmarkStockSingle(b *testing.B) {
	r := newShared(b).NewRenderer()
	in := sampleInput(7)
	if _, err := r.Pages(in); err != nil {
		b.Fatal(err)
	}
	files := stockFonts(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.layout(&in); err != nil {
			b.Fatal(err)
		}
		doc := stockDocument(files)
		stockPages(doc, &r.flow.sheet)
		if err := doc.Output(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStockPrintFile(b *testing.B) {
	r := newShared(b).NewRenderer()
	in := sampleInput(7)
	if _, err := r.Pages(in); err != nil {
		b.Fatal(err)
	}
	files := stockFonts(b)
	b.ReportAllocs()
	for b.Loop() {
		doc := stockDocument(files)
		for range MaxLetters {
			if err := r.layout(&in); err != nil {
				b.Fatal(err)
			}
			stockPages(doc, &r.flow.sheet)
		}
		if err := doc.Output(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
