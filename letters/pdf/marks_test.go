package pdf

import (
	"fmt"
	"image"
	"os/exec"
	"strings"
	"testing"

	"oshirase/letters"
)

// TestMachineMarksAreRead reads each sheet's Data Matrix from a raster.
func TestMachineMarksAreRead(t *testing.T) {
	t.Parallel()
	p, path := single(t, newShared(t).NewRenderer(), sampleInput(9))
	for n := 1; n <= p.Sheets; n++ {
		for _, dpi := range []int{150, 300} {
			want := fmt.Sprintf("OS1|1234567890123482|1|%d|%d", n, p.Sheets)
			if got := readMark(t, path, n, dpi); got != want {
				t.Errorf("sheet %d at %d dpi: %q, want %q", n, dpi, got, want)
			}
		}
	}
}

// readMark cuts the lower left of a page out and lets dmtxread read it.
func readMark(t *testing.T, path string, page, dpi int) string {
	t.Helper()
	_, file := raster(t, path, page, dpi, 15, 270, 30, 24)
	out, err := exec.Command("dmtxread", "-N1", "-m2000", file).Output()
	if err != nil {
		t.Errorf("dmtxread: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// TestBarcodeMeasuredBack measures the bars in a 600 dpi raster: pitch, width
// and heights at 8 pt within the tolerances of the manual (Japan Post barcode manual p12), and
// the states in order.
func TestBarcodeMeasuredBack(t *testing.T) {
	t.Parallel()
	const dpi = 600
	_, path := single(t, newShared(t).NewRenderer(), sampleInput(1))
	img, _ := raster(t, path, 1, dpi, 18, 20, 80, 37)
	mmOf := func(px int) float64 { return float64(px) * 25.4 / dpi }
	list := findBars(img)
	if len(list) != 67 {
		t.Fatalf("%d bars, want 67: %v", len(list), list)
	}
	top, bottom := list[0].Min.Y, list[0].Max.Y
	for _, b := range list {
		top, bottom = min(top, b.Min.Y), max(bottom, b.Max.Y)
	}
	third := (bottom - top) / 3
	for i, b := range list {
		state := 4
		up, down := b.Min.Y < top+third/2, b.Max.Y > bottom-third/2
		switch {
		case up && down:
			state = 1
		case up:
			state = 2
		case down:
			state = 3
		}
		if want := int(sampleBars[i] - '0'); state != want {
			t.Errorf("bar %d is %d, want %d", i, state, want)
		}
		const pixel = 25.4 / dpi
		if w := mmOf(b.Dx()); w < 0.40-pixel || w > 0.56+pixel {
			t.Errorf("bar %d is %.3f mm wide", i, w)
		}
		lo, hi := []float64{0, 2.72, 1.80, 1.80, 0.84}[state], []float64{0, 2.88, 2.04, 2.04, 1.08}[state]
		if h := mmOf(b.Dy()); h < lo-pixel || h > hi+pixel {
			t.Errorf("bar %d of state %d is %.3f mm high", i, state, h)
		}
	}
	if length := mmOf(list[66].Max.X - list[0].Min.X); length < 63.7 || length > 64.0 {
		t.Errorf("the code is %.2f mm long, want 63.84", length)
	}
	clearAround(t, img, image.Rect(list[0].Min.X, top, list[66].Max.X, bottom), dpi)
}

// findBars finds the vertical strokes of the code in a picture of the window.
func findBars(img *image.Gray) []image.Rectangle {
	row, most := 0, 0 // the row with the most changes is the middle of the code
	for y := range img.Rect.Max.Y {
		n, widest, run := 0, 0, 0
		for x := range img.Rect.Max.X {
			run++
			if !dark(img, x, y) {
				run = 0
			}
			widest = max(widest, run)
			if dark(img, x, y) != dark(img, x+1, y) {
				n++
			}
		}
		if n > most && widest < 16 { // no letter's horizontal stroke
			row, most = y, n
		}
	}
	var out []image.Rectangle
	for x := 0; x < img.Rect.Max.X; x++ {
		if !dark(img, x, row) {
			continue
		}
		r := image.Rect(x, row, x, row+1)
		for dark(img, x, row) {
			x++
		}
		r.Max.X = x
		mid := (r.Min.X + r.Max.X) / 2
		for dark(img, mid, r.Min.Y-1) {
			r.Min.Y--
		}
		for dark(img, mid, r.Max.Y) {
			r.Max.Y++
		}
		out = append(out, r)
	}
	return out
}

// clearAround checks the 2 mm that must stay free on all four sides.
func clearAround(t *testing.T, img *image.Gray, code image.Rectangle, dpi int) {
	t.Helper()
	gap := dpi * 20 / 254
	around := code.Inset(-gap + 2)
	for y := around.Min.Y; y < around.Max.Y; y++ {
		for x := around.Min.X; x < around.Max.X; x++ {
			if (image.Point{x, y}).In(code.Inset(-1)) {
				continue
			}
			if dark(img, x, y) {
				t.Fatalf("ink at %d,%d within 2 mm of the code %v", x, y, code)
			}
		}
	}
}

// TestWindowAtEveryShift slides the sheets through the envelope that they go
// into: at every shift the whole address block shows, and nothing else does.
func TestWindowAtEveryShift(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	for name, in := range addressCases() {
		if _, err := r.Pages(in); err != nil {
			continue // held: TestAddressBlock says which
		}
		slide(t, name, &r.flow.sheet.pages[0], sampleSheet().Window, 20, 18)
		in.Doc.Body = sampleDoc(200).Body
		p, err := r.Pages(in)
		if err != nil || p.Envelope != "kaku2" {
			t.Fatalf("%s: envelope %s, %v; want kaku2", name, p.Envelope, err)
		}
		slide(t, name+" unfolded", &r.flow.sheet.pages[0], sampleSheet().Unfolded, 26, 31)
		for _, rule := range r.flow.sheet.pages[0].rules {
			if rule.x1 < leftEdge {
				t.Errorf("%s: a fold mark on a sheet that is not folded", name)
			}
		}
	}
}

func slide(t *testing.T, name string, p *page, w letters.Window, playX, playY float64) {
	t.Helper()
	shows := 0
	for dx := 0.0; dx <= playX; dx += 2 {
		for dy := 0.0; dy <= playY; dy += 1 {
			window := seen(letters.Seen{X: w.Left - dx, Y: w.Top - dy, W: w.Width, H: w.Height})
			for i := range p.texts {
				if b := p.texts[i].bounds(); p.texts[i].window != b.touches(window) || p.texts[i].window && !b.inside(window) {
					t.Fatalf("%s: shift %v,%v: line at %v, in the block: %v", name, dx, dy, b, p.texts[i].window)
				}
				if p.texts[i].window {
					shows++
				}
			}
			for _, m := range p.marks {
				if m.window && !m.inside(window) || !m.window && m.touches(window) {
					t.Fatalf("%s: shift %v,%v: mark at %v", name, dx, dy, m.box)
				}
			}
		}
	}
	if shows == 0 {
		t.Fatalf("%s: no address in the window", name)
	}
}

// TestMarksOfEveryVariantAreRead reads the Data Matrix of every sheet of every
// variant, up to the letter of eighty contracts, from a raster of 150 dpi and
// of 300 dpi.
func TestMarksOfEveryVariantAreRead(t *testing.T) {
	t.Parallel()
	r := shippedShared(t).NewRenderer()
	for _, name := range variantNames() {
		p, path := single(t, r, variantInput(t, name))
		for n := 1; n <= p.Sheets; n++ {
			for _, dpi := range []int{150, 300} {
				want := fmt.Sprintf("OS1|%s|1|%d|%d", variantID, n, p.Sheets)
				if got := readMark(t, path, n, dpi); got != want {
					t.Errorf("%s: sheet %d at %d dpi: %q, want %q", name, n, dpi, got, want)
				}
			}
		}
	}
}
