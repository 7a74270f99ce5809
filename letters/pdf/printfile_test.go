package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oshirase/letters/text"
)

// TestPrintFileKeepsThePages joins letters and a cover, and finds each page's
// content in the file as it was approved.
func TestPrintFileKeepsThePages(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	r := s.NewRenderer()
	path := filepath.Join(t.TempDir(), "print.pdf")
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	pf := s.NewPrintFile(w)
	cover, err := r.BriefingPages(sampleBriefing())
	if err != nil {
		t.Fatal(err)
	}
	all := []*Pages{cover}
	for _, name := range goldenOrder {
		p, err := r.Pages(goldenInputs()[name])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	next := 1
	for _, p := range all {
		first, err := pf.Add(p)
		if err != nil || first != next {
			t.Fatalf("first page %d, want %d; %v", first, next, err)
		}
		next += p.Sheets
	}
	if err := pf.Close(); err != nil {
		t.Fatal(err)
	}
	if out := run(t, "qpdf", "--check", path); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Errorf("qpdf says %s", out)
	}
	n := 1
	for _, p := range all {
		for _, want := range p.Contents {
			if got := run(t, "qpdf", fmt.Sprintf("--show-object=%d", 2+2*n), "--filtered-stream-data", path); got != string(want) {
				t.Errorf("page %d differs from the page as drawn", n)
			}
			n++
		}
	}
	if got := flatText(t, path); !strings.Contains(got, "𠮷田葛\U000E0100") {
		t.Error("the rare name does not come back from the print file")
	}
}

// TestPrintFileSameRasterAsSingle draws a page from both files.
func TestPrintFileSameRasterAsSingle(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	_, alone := single(t, s.NewRenderer(), goldenInputs()["hard"])
	joined := filepath.Join(t.TempDir(), "print.pdf")
	if err := os.WriteFile(joined, printFile(t, s, []string{"hard", "one"}), 0o600); err != nil {
		t.Fatal(err)
	}
	a, _ := raster(t, alone, 1, 100, 0, 0, 210, 297)
	b, _ := raster(t, joined, 1, 100, 0, 0, 210, 297)
	if !bytes.Equal(a.Pix, b.Pix) {
		t.Error("the page looks different in the print file")
	}
}

func TestPrintFileNoticesAChangedPage(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	p, err := s.NewRenderer().Pages(sampleInput(1))
	if err != nil {
		t.Fatal(err)
	}
	p.Contents[0] = bytes.Replace(p.Contents[0], []byte("BT"), []byte("BX"), 1)
	var out bytes.Buffer
	pf := s.NewPrintFile(&out)
	if _, err := pf.Add(p); err != nil {
		t.Fatal(err)
	}
	if err := pf.Close(); !errors.Is(err, ErrPrintFile) || out.Len() > 0 {
		t.Errorf("error %v and %d bytes, want ErrPrintFile and none", err, out.Len())
	}
}

func TestPrintFileLimits(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	p, err := s.NewRenderer().Pages(sampleInput(1))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	pf := s.NewPrintFile(&out)
	for range MaxLetters {
		if _, err := pf.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pf.Add(p); !errors.Is(err, ErrPrintFile) {
		t.Errorf("letter %d: error %v, want ErrPrintFile", MaxLetters+1, err)
	}
	if err := pf.Close(); err != nil {
		t.Fatal(err)
	}
	if size := out.Len() / MaxLetters; size > 5500 {
		t.Errorf("%d bytes a letter, want at most 5500", size)
	}
	if err := pf.Close(); !errors.Is(err, ErrPrintFile) {
		t.Errorf("second Close: error %v, want ErrPrintFile", err)
	}
	if err := s.NewPrintFile(io.Discard).Close(); !errors.Is(err, ErrPrintFile) {
		t.Errorf("empty file: error %v, want ErrPrintFile", err)
	}
}

func TestBriefing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "briefing.pdf")
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r := newShared(t).NewRenderer()
	if err := r.Briefing(sampleBriefing(), w); err != nil {
		t.Fatal(err)
	}
	got := flatText(t, path)
	for _, want := range []string{"ご説明資料（見本）", "12,345件", "678件", "0件", "1頁/全2頁", "2頁/全2頁", "※1架空の説明です。"} {
		if !strings.Contains(got, want) {
			t.Errorf("the briefing lacks %q", want)
		}
	}
	var hold *HoldError
	if err := r.Briefing(text.Document{Title: "\uE000"}, io.Discard); !errors.As(err, &hold) {
		t.Errorf("error %v, want a HoldError", err)
	}
}

func TestSVG(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	var b bytes.Buffer
	if err := r.SVG(sampleInput(1), 1, &b); err != nil {
		t.Fatal(err)
	}
	var uses, glyphs int
	uses = strings.Count(b.String(), "<use ")
	for _, p := range r.flow.sheet.pages[0].texts {
		for _, g := range p.glyphs {
			if g.text != " " && g.text != "\u3000" {
				glyphs++
			}
		}
	}
	if uses != glyphs || glyphs == 0 {
		t.Errorf("%d glyphs drawn, want %d", uses, glyphs)
	}
	if err := r.SVG(sampleInput(1), 9, io.Discard); !errors.Is(err, ErrNoPage) {
		t.Errorf("error %v, want ErrNoPage", err)
	}
}
