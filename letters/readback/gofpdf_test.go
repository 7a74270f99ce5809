package readback

import (
	"bytes"
	"os"
	"testing"

	"github.com/jung-kurt/gofpdf"
)

// realFace is a face of the program, read as a file: no package of the
// program is imported here.
const realFace = "../../fonts/data/BIZUDMincho-Regular.ttf"

// A stock gofpdf document with a UTF-8 font: glyph map, one range for the
// whole ToUnicode map, long width table.
func TestStockGofpdf(t *testing.T) {
	t.Parallel()
	face, err := os.ReadFile(realFace)
	if err != nil {
		t.Fatal(err)
	}
	known := faceHashes(t)
	lines := []string{"電力　太郎　様", "お客さまの情報の閲覧に関するお詫び", "髙﨑 1234-5678-9012-3456"}
	for _, packed := range []bool{false, true} {
		pdf := gofpdf.New("P", "mm", "A4", "")
		pdf.SetCompression(packed)
		pdf.AddUTF8FontFromBytes("mincho", "", face)
		pdf.AddPage()
		pdf.SetFont("mincho", "", 12)
		for i, line := range lines {
			pdf.Text(20, 40+10*float64(i), line)
		}
		pdf.Rect(30, 100, 0.6, 3.6, "F")
		var out bytes.Buffer
		if err := pdf.Output(&out); err != nil {
			t.Fatal(err)
		}
		checkStock(t, out.Bytes(), lines, known)
	}
}

func checkStock(t *testing.T, file []byte, lines []string, known map[[32]byte]bool) {
	t.Helper()
	d := open(t, file)
	p, err := d.Page(0)
	if err != nil || len(p.Spans) != len(lines) {
		t.Fatalf("%+v, %v", p, err)
	}
	const mm = 72 / 25.4
	for i, s := range p.Spans {
		if s.Text != lines[i] || s.Size != 12 || abs(s.X-20*mm) > 0.01 || abs(s.Y-(841.89-(40+10*float64(i))*mm)) > 0.01 {
			t.Errorf("span %+v, want %q", s, lines[i])
		}
	}
	if len(p.Findings) != 0 || len(p.Rects) != 1 || abs(p.Rects[0].H-3.6*mm) > 0.01 {
		t.Errorf("findings %+v, rects %+v", p.Findings, p.Rects)
	}
	if got, want := squeeze(p.Text()), squeeze(pdftotext(t, file)); got != want {
		t.Errorf("pdftotext says %q, we %q", want, got)
	}
	compareOutlines(t, d, p, known)
}

// compareOutlines holds each drawn outline of the subset against the face.
func compareOutlines(t *testing.T, d *Document, p *Page, known map[[32]byte]bool) {
	t.Helper()
	fonts, err := d.Fonts(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Spans {
		for _, code := range s.Codes {
			o, err := fonts[s.Font].Outline(code)
			if err != nil || !known[o.Hash()] {
				t.Errorf("outline of code %d is not the face's, %v", code, err)
			}
		}
	}
}

// faceHashes are the hashes of all outlines of the real face.
func faceHashes(t *testing.T) map[[32]byte]bool {
	t.Helper()
	raw, err := os.ReadFile(realFace)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := ParseTrueType(raw)
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[[32]byte]bool)
	for g := range whole.Glyphs() {
		o, err := whole.Outline(uint16(g))
		if err != nil {
			t.Fatalf("glyph %d: %v", g, err)
		}
		known[o.Hash()] = true
	}
	return known
}

func abs(v float64) float64 { return max(v, -v) }
