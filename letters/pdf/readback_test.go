package pdf

import (
	"bytes"
	"slices"
	"testing"

	"oshirase/letters/readback"
)

// readPages opens a finished file by the code path that shares none with this
// package, and holds every page against the content that was approved.
func readPages(t *testing.T, file []byte, all []*Pages) {
	t.Helper()
	doc, err := readback.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var contents [][]byte
	for _, p := range all {
		contents = append(contents, p.Contents...)
	}
	if doc.Pages() != len(contents) {
		t.Fatalf("%d pages, want %d", doc.Pages(), len(contents))
	}
	for i, want := range contents {
		got, err := doc.PageContent(i)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("page %d differs from the page as drawn; %v", i+1, err)
		}
		page, err := doc.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Findings) > 0 {
			t.Errorf("page %d: %v", i+1, page.Findings)
		}
		checkSpans(t, doc, i, page)
	}
}

// checkSpans looks at every code that is shown: a glyph other than 0, a text,
// and an outline unless it is a space.
func checkSpans(t *testing.T, doc *readback.Document, i int, page *readback.Page) {
	t.Helper()
	fonts, err := doc.Fonts(i)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range page.Spans {
		font := fonts[s.Font]
		if font == nil || !s.Upright || s.Hidden || s.Tag == "" {
			t.Fatalf("page %d: span of font %s, upright %v, hidden %v, tag %q", i+1, s.Font, s.Upright, s.Hidden, s.Tag)
		}
		for _, code := range s.Codes {
			text, ok := font.Text(code)
			if font.Glyph(code) == 0 || !ok {
				t.Errorf("page %d: code %d of %s shows glyph %d for %+q", i+1, code, s.Font, font.Glyph(code), text)
			}
		}
	}
}

func TestReadBack(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	r := s.NewRenderer()
	var all []*Pages
	for _, name := range goldenOrder {
		p, err := r.Pages(goldenInputs()[name])
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, _, err := r.Single(p, &b); err != nil {
			t.Fatal(err)
		}
		readPages(t, b.Bytes(), []*Pages{p})
		all = append(all, p)
	}
	readPages(t, printFile(t, s, goldenOrder), all)
	slices.Reverse(all)
	reversed := slices.Clone(goldenOrder)
	slices.Reverse(reversed)
	readPages(t, printFile(t, s, reversed), all)
}
