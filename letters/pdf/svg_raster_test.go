package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Two programs draw an edge differently: poppler and librsvg share the grey of
// a pixel that is partly covered in ways of their own, and may set a thin rule
// on the nearest row of pixels. No edge moves by more than a pixel for that. So
// a difference is a pixel that is darker than every pixel around the same place
// in the other picture, or lighter than all of them, by more than rasterGray.
// At 300 dpi a pixel is 0.24 pt: half a point is two pixels, and is found.
// Where three edges meet, one pixel or a few can still round apart (a sweep met
// letters with one such pixel, and one with three); what has moved or is
// missing leaves its edges behind, a dozen pixels or more in one place.
const (
	rasterDPI   = 300
	rasterGray  = 96
	rasterCell  = 12 // pixels: a millimetre
	rasterStray = 6  // so many within two millimetres are a difference
)

// differences counts the pixels of places that differ.
func differences(a, b *image.Gray) int {
	if a.Rect != b.Rect {
		return a.Rect.Dx() * a.Rect.Dy()
	}
	cells := map[image.Point]int{}
	outside(a, b, cells)
	outside(b, a, cells)
	total := 0
	for c, n := range cells {
		near := n + cells[c.Add(image.Pt(1, 0))] + cells[c.Add(image.Pt(0, 1))] + cells[c.Add(image.Pt(1, 1))]
		if near >= rasterStray {
			total += near
		}
	}
	return total
}

// outside counts, by cell, the pixels of a that lie outside what b has around
// them.
func outside(a, b *image.Gray, cells map[image.Point]int) {
	w, h := a.Rect.Dx(), a.Rect.Dy()
	for y := range h {
		for x := range w {
			v := int(a.Pix[y*a.Stride+x])
			if d := v - int(b.Pix[y*b.Stride+x]); d <= rasterGray && d >= -rasterGray {
				continue
			}
			low, high := around(b, x, y, w, h)
			if v > high+rasterGray || v < low-rasterGray {
				cells[image.Pt(x/rasterCell, y/rasterCell)]++
			}
		}
	}
}

func around(b *image.Gray, x, y, w, h int) (low, high int) {
	low, high = 255, 0
	for j := max(0, y-1); j <= min(h-1, y+1); j++ {
		for i := max(0, x-1); i <= min(w-1, x+1); i++ {
			v := int(b.Pix[j*b.Stride+i])
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// grayOf reads a picture.
func grayOf(t testing.TB, path string) *image.Gray {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoded, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, decoded.Bounds().Dx(), decoded.Bounds().Dy()))
	draw.Draw(img, img.Rect, decoded, decoded.Bounds().Min, draw.Src)
	return img
}

// pdfRaster draws one page, from 1.
func pdfRaster(t testing.TB, path string, page int) *image.Gray {
	t.Helper()
	to := filepath.Join(t.TempDir(), "pdf")
	n := strconv.Itoa(page)
	run(t, "pdftoppm", "-r", strconv.Itoa(rasterDPI), "-gray", "-png", "-singlefile", "-f", n, "-l", n, path, to)
	return grayOf(t, to+".png")
}

// svgRaster draws at the very scale of the PDF, whose last pixels are only
// partly page.
func svgRaster(t testing.TB, svg []byte, width, height int) *image.Gray {
	t.Helper()
	box := fmt.Sprintf(`viewBox="0 0 %s %s"`, pageWidth, pageHeight)
	svg = bytes.Replace(svg, []byte(box), fmt.Appendf(nil, `viewBox="0 0 %.4f %.4f"`, float64(width)*72/rasterDPI, float64(height)*72/rasterDPI), 1)
	dir := t.TempDir()
	from, to := filepath.Join(dir, "page.svg"), filepath.Join(dir, "page.png")
	if err := os.WriteFile(from, svg, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "rsvg-convert", "-w", strconv.Itoa(width), "-h", strconv.Itoa(height), "-o", to, from)
	return grayOf(t, to)
}

// compareRasters draws all pages of a letter both ways and counts differences.
func compareRasters(t *testing.T, r *Renderer, in Input) (pages, differ int) {
	t.Helper()
	_, path := single(t, r, in)
	for page := 1; ; page++ {
		var svg bytes.Buffer
		err := r.SVG(in, page, &svg)
		if errors.Is(err, ErrNoPage) {
			return page - 1, differ
		}
		if err != nil {
			t.Fatal(err)
		}
		a := pdfRaster(t, path, page)
		differ += differences(a, svgRaster(t, svg.Bytes(), a.Rect.Dx(), a.Rect.Dy()))
	}
}

// TestSVGLooksLikeThePDF draws letters of every kind both ways.
func TestSVGLooksLikeThePDF(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	r := s.shared.NewRenderer()
	l := s.released(t, 25)
	for _, in := range []Input{s.input(t, &l[19]), goldenInputs()["hard"]} {
		if pages, n := compareRasters(t, r, in); n > 0 || pages == 0 {
			t.Errorf("letter %s: %d pixels of %d pages differ", in.LetterID, n, pages)
		}
	}
}

// TestRasterFindsAMovedGlyph moves one glyph of a page by half a point, right
// and down, and takes one away.
func TestRasterFindsAMovedGlyph(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	in := sampleInput(1)
	_, path := single(t, r, in)
	want := pdfRaster(t, path, 1)
	for name, plant := range map[string]func(*placed){
		"right":   func(l *placed) { l.xs[4] += 500 },
		"left":    func(l *placed) { l.xs[4] -= 500 },
		"down":    func(l *placed) { l.y += 500 },
		"another": func(l *placed) { l.glyphs[4].id = l.glyphs[5].id },
	} {
		if err := r.layout(&in); err != nil {
			t.Fatal(err)
		}
		p := &r.flow.sheet.pages[0]
		at := len(p.texts) / 2
		moved := *p.texts[at].line // the line itself is shared by letters
		moved.xs, moved.glyphs = append([]unit(nil), moved.xs...), append([]glyph(nil), moved.glyphs...)
		p.texts[at].line = &moved
		one := p.texts[at]
		one.line = &line{glyphs: moved.glyphs[4:6], xs: moved.xs[4:6], size: moved.size}
		if name == "down" { // one glyph alone, the rest stays
			rest := moved
			rest.glyphs, rest.xs = append(append([]glyph(nil), moved.glyphs[:4]...), moved.glyphs[6:]...), append(append([]unit(nil), moved.xs[:4]...), moved.xs[6:]...)
			p.texts[at].line = &rest
			plant(&one)
			p.texts = append(p.texts, one)
		} else {
			plant(&p.texts[at])
		}
		s := svg{seen: map[svgGlyph]bool{}}
		b, err := s.page(p)
		if err != nil {
			t.Fatal(err)
		}
		if n := differences(want, svgRaster(t, b, want.Rect.Dx(), want.Rect.Dy())); n < 2*rasterStray {
			t.Errorf("%s: %d pixels differ, hardly found", name, n)
		}
	}
}
