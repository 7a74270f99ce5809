package pdf

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/jung-kurt/gofpdf"
)

var frameDate = time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC)

// output is what gofpdf makes of two pages; change may ask it for more.
func output(t *testing.T, change func(*gofpdf.Fpdf)) []byte {
	t.Helper()
	doc := newDocument(frameDate)
	doc.AddPage()
	doc.RawWriteStr("BT ET")
	if change != nil {
		change(doc)
	}
	doc.AddPage()
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFrameGivesBackThePages(t *testing.T) {
	t.Parallel()
	got, err := readFrame(output(t, nil), 2, stamp(frameDate))
	if err != nil {
		t.Fatal(err)
	}
	if want := pagePrelude + "BT ET\n"; string(got[0]) != want {
		t.Errorf("first page %q, want %q", got[0], want)
	}
}

// TestFrameRefusesOtherOutput plants everything that gofpdf could add behind
// our back: each must be an error, never a file.
func TestFrameRefusesOtherOutput(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*gofpdf.Fpdf){
		"compression": func(d *gofpdf.Fpdf) { d.SetCompression(true) },
		"title":       func(d *gofpdf.Fpdf) { d.SetTitle("x", false) },
		"author":      func(d *gofpdf.Fpdf) { d.SetAuthor("x", false) },
		"metadata":    func(d *gofpdf.Fpdf) { d.SetXmpMetadata([]byte("x")) },
		"protection":  func(d *gofpdf.Fpdf) { d.SetProtection(0, "", "x") },
		"javascript":  func(d *gofpdf.Fpdf) { d.SetJavascript("x") },
		"bookmark":    func(d *gofpdf.Fpdf) { d.Bookmark("x", 0, 0) },
		"link":        func(d *gofpdf.Fpdf) { d.LinkString(1, 1, 1, 1, "https://example.jp/") },
		"alpha":       func(d *gofpdf.Fpdf) { d.SetAlpha(0.5, "Normal") },
		"font":        func(d *gofpdf.Fpdf) { d.SetFont("Helvetica", "", 9); d.Text(9, 9, "x") },
		"zoom":        func(d *gofpdf.Fpdf) { d.SetDisplayMode("fullpage", "single") },
		"layer":       func(d *gofpdf.Fpdf) { d.AddLayer("x", true) },
		"dates":       func(d *gofpdf.Fpdf) { d.SetModificationDate(frameDate.AddDate(0, 0, 1)) },
		"page box":    func(d *gofpdf.Fpdf) { d.SetPageBox("trim", 1, 1, 9, 9) },
		"third page":  func(d *gofpdf.Fpdf) { d.AddPage() },
		"open colour": func(d *gofpdf.Fpdf) { d.SetFillColor(9, 9, 9) },
		"open width":  func(d *gofpdf.Fpdf) { d.SetLineWidth(3) },
	} {
		if _, err := readFrame(output(t, change), 2, stamp(frameDate)); !errors.Is(err, ErrFrame) {
			t.Errorf("%s: error %v, want ErrFrame", name, err)
		}
	}
}

// TestFrameRefusesAnyChangedByte changes and removes bytes outside the page
// contents.
func TestFrameRefusesAnyChangedByte(t *testing.T) {
	t.Parallel()
	raw := output(t, nil)
	start := bytes.Index(raw, []byte("stream\n"))
	end := bytes.Index(raw, []byte("endstream"))
	start2 := end + bytes.Index(raw[end:], []byte("\nstream\n"))
	end2 := start2 + bytes.Index(raw[start2:], []byte("endstream"))
	for i := range raw {
		if i > start && i < end || i > start2 && i < end2 {
			continue
		}
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		if _, err := readFrame(bad, 2, stamp(frameDate)); !errors.Is(err, ErrFrame) {
			t.Fatalf("byte %d changed: error %v", i, err)
		}
		if _, err := readFrame(raw[:i], 2, stamp(frameDate)); !errors.Is(err, ErrFrame) {
			t.Fatalf("cut at %d: error %v", i, err)
		}
	}
	if _, err := readFrame(append(raw, '\n'), 2, stamp(frameDate)); !errors.Is(err, ErrFrame) {
		t.Errorf("a byte added: error %v", err)
	}
}

func TestFileRefusesAForgottenObject(t *testing.T) {
	t.Parallel()
	var f file
	f.reset(1)
	f.begin(1)
	f.text("null")
	f.end()
	f.number()
	if err := f.finish(1, 1, [16]byte{}); err == nil {
		t.Error("an object that was never written is not noticed")
	}
}
