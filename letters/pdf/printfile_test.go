package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
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
	var contents [][]byte
	for _, p := range all {
		contents = append(contents, p.Contents...)
	}
	for i, got := range joinedByQpdf(t, path) {
		if got != string(contents[i]) {
			t.Errorf("page %d differs from the page as drawn", i+1)
		}
	}
	if got := flatText(t, path); !strings.Contains(got, "𠮷田葛\U000E0100") {
		t.Error("the rare name does not come back from the print file")
	}
}

// joinedByQpdf is the content of each page as another program joins it from
// the streams of the file.
func joinedByQpdf(t *testing.T, path string) []string {
	t.Helper()
	joined := filepath.Join(t.TempDir(), "joined.pdf")
	run(t, "qpdf", "--coalesce-contents", "--object-streams=disable", path, joined)
	var out []string
	list := regexp.MustCompile(`content:\s+(\d+) 0 R`).FindAllStringSubmatch(run(t, "qpdf", "--show-pages", joined), -1)
	if len(list) == 0 {
		t.Fatal("qpdf shows no pages")
	}
	for _, m := range list {
		out = append(out, run(t, "qpdf", "--show-object="+m[1], "--filtered-stream-data", joined))
	}
	return out
}

// TestPrintFileKeepsCommonPartsOnce: what many letters say stands in the file
// once, and a page is still the page that was drawn.
func TestPrintFileKeepsCommonPartsOnce(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	r := s.NewRenderer()
	sizes := map[int]int{}
	for _, n := range []int{sharedFrom - 1, 3 * sharedFrom} {
		var out bytes.Buffer
		var all []*Pages
		pf := s.NewPrintFile(&out)
		for i := range n {
			in := sampleInput(2)
			in.LetterID = fmt.Sprintf("%016d", 1_000_000_000_000_000+i)
			p, err := r.Pages(in)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := pf.Add(p); err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
		if err := pf.Close(); err != nil {
			t.Fatal(err)
		}
		readPages(t, out.Bytes(), all)
		sizes[n] = out.Len() / n
	}
	if sizes[3*sharedFrom] > sizes[sharedFrom-1]*2/3 {
		t.Errorf("%d bytes a letter, and %d where nothing is common enough", sizes[3*sharedFrom], sizes[sharedFrom-1])
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
