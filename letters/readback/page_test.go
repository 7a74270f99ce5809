package readback

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

const allCodes = "<01020203030404050506>"

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

func TestTextOfHandWrittenFile(t *testing.T) {
	t.Parallel()
	for _, packed := range []bool{false, true} {
		content := "BT /F0 12 Tf 56.7 700 Td " + allCodes + " Tj ET"
		file := sample{contents: []string{content}, unicode: toUnicode(""), packed: packed}.build()
		d := open(t, file)
		spans, err := d.PageText(0)
		if err != nil || len(spans) != 1 {
			t.Fatalf("%d spans, %v", len(spans), err)
		}
		s := spans[0]
		if want := "電𠮷葛\U000E0103ffi\u3000"; s.Text != want {
			t.Errorf("text %q, want %q", s.Text, want)
		}
		if !near(s.X, 56.7) || s.Y != 700 || s.Size != 12 || s.Font != "F0" || !s.Upright || s.Hidden {
			t.Errorf("span %+v", s)
		}
		if !near(s.Width, 12*(500+400+400+1000+1000)/1000.0) {
			t.Errorf("width %g", s.Width)
		}
		if !slices.Equal(s.Codes, []uint16{0x0102, 0x0203, 0x0304, 0x0405, 0x0506}) {
			t.Errorf("codes %x", s.Codes)
		}
		if got, want := squeeze(s.Text), squeeze(pdftotext(t, file)); got != want {
			t.Errorf("pdftotext says %q, we %q", want, got)
		}
	}
}

// The page content comes back byte for byte, so that its hash can be
// compared with the approved one; one changed byte changes it.
func TestPageContentBytes(t *testing.T) {
	t.Parallel()
	content := "BT /F0 12 Tf 1 0 0 1 10 20 Tm <0102> Tj ET\n"
	want := sha256.Sum256([]byte(content))
	for _, packed := range []bool{false, true} {
		got, err := open(t, sample{contents: []string{content}, unicode: toUnicode(""), packed: packed}.build()).PageContent(0)
		if err != nil || sha256.Sum256(got) != want {
			t.Errorf("packed %v: %q, %v", packed, got, err)
		}
		other, err := open(t, sample{contents: []string{strings.Replace(content, "20", "21", 1)}, unicode: toUnicode(""), packed: packed}.build()).PageContent(0)
		if err != nil || sha256.Sum256(other) == want {
			t.Errorf("changed content has the same hash, %v", err)
		}
	}
}

func TestTextPositions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, content       string
		x, y, size, advance float64
	}{
		{"Td", "BT /F0 10 Tf 5 6 Td <0102> Tj ET", 5, 6, 10, 5},
		{"Td twice", "BT /F0 10 Tf 5 6 Td 1 -2 Td <0102> Tj ET", 6, 4, 10, 5},
		{"Tm", "BT /F0 10 Tf 2 0 0 2 50 60 Tm <0102> Tj ET", 50, 60, 20, 10},
		{"cm", "q 0.5 0 0 0.5 10 20 cm BT /F0 10 Tf 4 6 Td <0102> Tj ET Q", 12, 23, 5, 2.5},
		{"TD T*", "BT /F0 10 Tf 0 100 Td 0 -15 TD T* <0102> Tj ET", 0, 70, 10, 5},
		{"TL '", "BT /F0 10 Tf 14 TL 3 100 Td <0102> ' ET", 3, 86, 10, 5},
		{"quote", "BT /F0 10 Tf 14 TL 3 100 Td 0 2 <0102> \" ET", 3, 86, 10, 7},
		{"Tz", "BT /F0 10 Tf 50 Tz 3 4 Td <0102> Tj ET", 3, 4, 10, 2.5},
		{"Tc", "BT /F0 10 Tf 1 Tc 3 4 Td <01020102> Tj ET", 3, 4, 10, 12},
		{"Tw moves no two-byte code", "BT /F0 10 Tf 9 Tw 3 4 Td <0102> Tj ET", 3, 4, 10, 5},
		{"Ts", "BT /F0 10 Tf 2 Ts 3 4 Td <0102> Tj ET", 3, 6, 10, 5},
		{"TJ", "BT /F0 10 Tf 3 4 Td [<0102> -200 <0102>] TJ ET", 3, 4, 10, 12},
		{"state is given back", "q BT /F0 30 Tf ET Q BT /F0 10 Tf 3 4 Td <0102> Tj ET", 3, 4, 10, 5},
		{"literal string", "BT /F0 10 Tf 3 4 Td (\\001\\002) Tj ET", 3, 4, 10, 5},
		{"comment", "BT % say it\n/F0 10 Tf 3 4 Td <01 02> Tj ET", 3, 4, 10, 5},
	} {
		spans, err := open(t, sample{contents: []string{c.content}, unicode: toUnicode("")}.build()).PageText(0)
		if err != nil || len(spans) != 1 {
			t.Errorf("%s: %d spans, %v", c.name, len(spans), err)
			continue
		}
		s := spans[0]
		if !near(s.X, c.x) || !near(s.Y, c.y) || !near(s.Size, c.size) || !near(s.Width, c.advance) {
			t.Errorf("%s: at %g %g, size %g, width %g; want %g %g, %g, %g", c.name, s.X, s.Y, s.Size, s.Width, c.x, c.y, c.size, c.advance)
		}
	}
}

// The next span begins where the last ended.
func TestSecondSpanFollows(t *testing.T) {
	t.Parallel()
	spans, err := open(t, sample{contents: []string{"BT /F0 10 Tf 3 4 Td <0102> Tj <0203> Tj ET"}, unicode: toUnicode("")}.build()).PageText(0)
	if err != nil || len(spans) != 2 || !near(spans[1].X, 8) || spans[1].Text != "𠮷" {
		t.Errorf("%+v, %v", spans, err)
	}
}

func TestMarkedContent(t *testing.T) {
	t.Parallel()
	content := "/Artifact BMC EMC /P << /MCID 7 /ActualText <FEFF845B> >> BDC BT /F0 9 Tf 3 Tr <0304> Tj ET EMC BT /F0 9 Tf 0 1 -1 0 5 5 Tm <0102> Tj ET"
	spans, err := open(t, sample{contents: []string{content}, unicode: toUnicode("")}.build()).PageText(0)
	if err != nil || len(spans) != 2 {
		t.Fatalf("%+v, %v", spans, err)
	}
	if s := spans[0]; s.Tag != "P" || s.MCID != 7 || s.Actual != "葛" || !s.Hidden {
		t.Errorf("marked span %+v", s)
	}
	if s := spans[1]; s.Tag != "" || s.MCID != -1 || s.Upright {
		t.Errorf("turned span %+v", s)
	}
}

func TestRectsAndShapes(t *testing.T) {
	t.Parallel()
	content := "q 2 0 0 2 10 10 cm 1 1 3 4 re 5 1 3 -1 re f Q 0.5 g 1 2 3 4 re f 1 0 0 RG 0 0 m 10 5 l S 7 7 1 1 re B 0 0 m 9 0 l 9 9 l h f 1 1 1 1 re n"
	p, err := open(t, sample{contents: []string{content}}.build()).Page(0)
	if err != nil {
		t.Fatal(err)
	}
	wantRects := []Rect{{Box{12, 12, 6, 8}, ""}, {Box{20, 10, 6, 2}, ""}, {Box{1, 2, 3, 4}, "0.5 g"}}
	if !slices.Equal(p.Rects, wantRects) {
		t.Errorf("rects %+v, want %+v", p.Rects, wantRects)
	}
	wantShapes := []Shape{{Box{0, 0, 10, 5}, false, true}, {Box{7, 7, 1, 1}, true, true}, {Box{0, 0, 9, 9}, true, false}}
	if !slices.Equal(p.Shapes, wantShapes) {
		t.Errorf("shapes %+v, want %+v", p.Shapes, wantShapes)
	}
}

func TestImagesAndForms(t *testing.T) {
	t.Parallel()
	form := "1 1 2 2 re f"
	s := sample{
		contents:  []string{"q 100 0 0 50 10 20 cm /I1 Do Q q 1 0 0 1 5 5 cm /X1 Do Q"},
		resources: "/XObject << /I1 1 0 R /X1 2 0 R >>",
		extra: []string{
			"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\n\x00\nendstream",
			fmt.Sprintf("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Matrix [2 0 0 2 0 0] /Length %d >>\nstream\n%s\nendstream", len(form), form),
		},
	}
	p, err := open(t, s.build()).Page(0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Images, []Box{{10, 20, 100, 50}}) || !slices.Equal(p.Rects, []Rect{{Box{7, 7, 4, 4}, ""}}) {
		t.Errorf("images %+v, rects %+v", p.Images, p.Rects)
	}
}

// Each planted fault is named.
func TestFindings(t *testing.T) {
	t.Parallel()
	show := func(hex string) []string { return []string{"BT /F0 10 Tf <" + hex + "> Tj ET"} }
	for _, c := range []struct {
		name string
		in   sample
		want []Finding
	}{
		{"none", sample{contents: show("0102"), unicode: toUnicode("")}, nil},
		{"no map", sample{contents: show("01020203")}, []Finding{{NoToUnicode, "F0", 0}}},
		{"code not in the map", sample{contents: show("01020103"), unicode: toUnicode("")}, []Finding{{CodeUnmapped, "F0", 0x103}, {MissingGlyph, "F0", 0x103}}},
		{"box", sample{contents: show("0100"), unicode: toUnicode("1 beginbfchar <0100> <0041> endbfchar\n")}, []Finding{{MissingGlyph, "F0", 0x100}}},
		{"beyond the glyph map", sample{contents: show("FFFF"), unicode: toUnicode("1 beginbfchar <FFFF> <0041> endbfchar\n")}, []Finding{{MissingGlyph, "F0", 0xFFFF}}},
		{"clip", sample{contents: []string{"0 0 5 5 re W n"}}, []Finding{{Kind: Clipped}}},
		{"annotation", sample{contents: []string{""}, page: "/Annots [<< /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] >>]"}, []Finding{{Kind: Annotated}}},
		{"link", sample{contents: []string{""}, page: "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] >>]"}, nil},
	} {
		p, err := open(t, c.in.build()).Page(0)
		if err != nil || !slices.Equal(p.Findings, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, p, err, c.want)
		}
	}
}

func TestNotUnderstoodIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		want    error
	}{
		"unknown operator":  {"1 2 foo", ErrNotUnderstood},
		"inline image":      {"BI /W 1 /H 1 ID x EI", ErrNotUnderstood},
		"shading":           {"/S1 sh", ErrNotUnderstood},
		"operand missing":   {"1 2 3 re f", ErrMalformed},
		"wrong operand":     {"/F0 (12) Tf", ErrMalformed},
		"operands left":     {"1 2", ErrMalformed},
		"q open":            {"q 0 g", ErrMalformed},
		"Q alone":           {"Q", ErrMalformed},
		"BT open":           {"BT", ErrMalformed},
		"EMC alone":         {"EMC", ErrMalformed},
		"text outside BT":   {"/F0 9 Tf <0102> Tj", ErrMalformed},
		"text without font": {"BT <0102> Tj ET", ErrMalformed},
		"odd string":        {"BT /F0 9 Tf <01> Tj ET", ErrMalformed},
		"unknown font":      {"BT /F9 9 Tf ET", ErrMalformed},
		"string open":       {"BT /F0 9 Tf (abc Tj ET", ErrMalformed},
		"array open":        {"[ 1 2", ErrMalformed},
		"arrays too deep":   {strings.Repeat("[", 100), ErrMalformed},
		"bad number":        {"1-2-3 w", ErrMalformed},
		"no object":         {"/X9 Do", ErrMalformed},
		"too many q":        {strings.Repeat("q ", 600), ErrMalformed},
	} {
		_, err := open(t, sample{contents: []string{c.content}, unicode: toUnicode("")}.build()).Page(0)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Errors never quote what stands on a page.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	_, err := open(t, sample{contents: []string{"DENRYOKU_TARO"}}.build()).Page(0)
	if err == nil || strings.Contains(err.Error(), "DENRYOKU") {
		t.Errorf("error %v", err)
	}
}

func TestDocumentParts(t *testing.T) {
	t.Parallel()
	s := sample{
		contents: []string{"", "0 g"},
		catalog:  "/Metadata 1 0 R /MarkInfo << /Marked true >> /StructTreeRoot << /Type /StructTreeRoot >>",
		extra: []string{
			"<< /Type /Metadata /Subtype /XML /Length 11 >>\nstream\n<x:xmpmeta>\nendstream",
			"<< /Type /Filespec /F (b.csv) /UF <FEFF540D7C3F002E0063007300760020> /EF << /F 1 0 R >> >>",
		},
	}
	d := open(t, s.build())
	if d.Pages() != 2 || d.Lang() != "ja-JP" || d.Version() != "1.7" || !d.Tagged() {
		t.Errorf("%d pages, %q, %q, tagged %v", d.Pages(), d.Lang(), d.Version(), d.Tagged())
	}
	if info := d.Info(); info["Title"] != "お知らせ" || info["Producer"] != "oshirase (test)" || len(info) != 2 {
		t.Errorf("info %v", info)
	}
	if xmp, err := d.Metadata(); err != nil || xmp != "<x:xmpmeta>" {
		t.Errorf("metadata %q, %v", xmp, err)
	}
	if files := d.EmbeddedFiles(); !slices.Equal(files, []string{"名簿.csv "}) {
		t.Errorf("files %q", files)
	}
	if w, h, err := d.PageSize(1); err != nil || w != 595.28 || h != 841.89 {
		t.Errorf("size %g × %g, %v", w, h, err)
	}
	for _, i := range []int{-1, 2} {
		if _, err := d.Page(i); !errors.Is(err, ErrNoPage) {
			t.Errorf("page %d: %v", i, err)
		}
	}
	if _, _, err := open(t, sample{contents: []string{""}, page: "/Rotate 90"}.build()).PageSize(0); !errors.Is(err, ErrNotUnderstood) {
		t.Errorf("turned page: %v", err)
	}
}

func TestContentArrayIsJoined(t *testing.T) {
	t.Parallel()
	s := sample{
		contents: []string{"0 g"},
		page:     "/Contents [1 0 R 2 0 R]",
		extra:    []string{"<< /Length 3 >>\nstream\n1 g\nendstream", "<< /Length 3 >>\nstream\n2 w\nendstream"},
	}
	got, err := open(t, s.build()).PageContent(0)
	if err != nil || string(got) != "1 g\n2 w" {
		t.Errorf("%q, %v", got, err)
	}
}
