package readback

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// readAll asks a document for everything that can be asked.
func readAll(raw []byte) error {
	d, err := Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return err
	}
	d.Info()
	d.Lang()
	d.Tagged()
	d.EmbeddedFiles()
	if _, err := d.Metadata(); err != nil {
		return err
	}
	for i := range d.Pages() {
		if _, _, err := d.PageSize(i); err != nil {
			return err
		}
		if _, err := d.Page(i); err != nil {
			return err
		}
		fonts, err := d.Fonts(i)
		if err != nil {
			return err
		}
		for _, f := range fonts {
			for _, code := range []uint16{0x0102, 0x0304, 0xFFFF} {
				if _, err := f.Outline(code); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// known reports whether an error is one of the package's own.
func known(err error) bool {
	return err == nil || errors.Is(err, ErrMalformed) || errors.Is(err, ErrNotUnderstood) || errors.Is(err, ErrTooLarge)
}

func soundFile(packed bool) []byte {
	return sample{contents: []string{"q BT /F0 12 Tf 56.7 700 Td " + allCodes + " Tj ET 1 2 3 4 re f Q"}, unicode: toUnicode(""), packed: packed}.build()
}

// A file cut anywhere before its end is refused.
func TestCutFiles(t *testing.T) {
	t.Parallel()
	whole := soundFile(true)
	if err := readAll(whole); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole)-1; n += 11 {
		if err := readAll(whole[:n]); err == nil || !known(err) {
			t.Errorf("cut at %d of %d: %v", n, len(whole), err)
		}
	}
}

// Flipped bytes give errors or other contents, never a panic.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for _, packed := range []bool{false, true} {
		whole := soundFile(packed)
		for range 600 {
			raw := bytes.Clone(whole)
			for range 1 + random.IntN(3) {
				raw[random.IntN(len(raw))] ^= byte(1 << random.IntN(8))
			}
			if err := readAll(raw); !known(err) {
				t.Errorf("%v", err)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	whole := string(soundFile(false))
	for name, raw := range map[string]string{
		"empty":           "",
		"text":            "hello",
		"fewer pages":     strings.Replace(whole, "/Count 1", "/Count 2", 1),
		"no pages":        strings.Replace(whole, "/Type /Pages", "/Type /Pagez", 1),
		"simple font":     strings.Replace(whole, "/Subtype /Type0", "/Subtype /Type1", 1),
		"vertical":        strings.Replace(whole, "/Identity-H", "/Identity-V", 1),
		"no face":         strings.Replace(whole, "/FontFile2", "/FontFile3", 1),
		"other filter":    strings.Replace(whole, "/Length1", "/Filter /LZWDecode /L", 1),
		"widths":          strings.Replace(whole, "/W [258", "/W [/No", 1),
		"outline numbers": strings.Replace(whole, "glyf", "gxyf", 1),
	} {
		if err := readAll([]byte(raw)); err == nil || !known(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(strings.NewReader(""), maxFile+1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("size: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(soundFile(false))
	f.Add(soundFile(true))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := readAll(raw); !known(err) {
			t.Errorf("%v", err)
		}
	})
}

// FuzzContent puts arbitrary operators into a sound file.
func FuzzContent(f *testing.F) {
	f.Add("q BT /F0 12 Tf 1 0 0 1 5 5 Tm [<0102> -20 (\\001\\002)] TJ ET Q", toUnicode(""))
	f.Add("/P << /MCID 1 /ActualText <FEFF0041> >> BDC EMC 0 0 1 1 re f* W n", "beginbfrange <0001> <0003> [<0041>] endbfrange")
	f.Fuzz(func(t *testing.T, content, unicode string) {
		m, err := parseUnicodeMap([]byte(unicode))
		if err == nil {
			m.lookup(0x0102)
		}
		d := &Document{operations: newOperations(), fonts: map[int]*Font{}}
		r := &reader{doc: d, page: &Page{}, found: make(map[Finding]bool), state: initialState()}
		r.state.font = &Font{unicode: m, HasToUnicode: err == nil}
		if err := r.run([]byte(content), nil); !known(err) {
			t.Errorf("%v", err)
		}
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(workbook(f, `<row r="2"><c r="B2" t="inlineStr"><is><t>x</t></is></c></row>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := openXLSX(raw); !known(err) {
			t.Errorf("%v", err)
		}
	})
}

func FuzzTrueType(f *testing.F) {
	f.Add(tinyFace())
	f.Fuzz(func(t *testing.T, raw []byte) {
		face, err := ParseTrueType(raw)
		if !known(err) {
			t.Errorf("%v", err)
		}
		for g := 0; err == nil && g < min(face.Glyphs(), 50); g++ {
			if _, err := face.Outline(uint16(g)); !known(err) {
				t.Errorf("%v", err)
			}
			face.Advance(uint16(g))
		}
	})
}

// BenchmarkThousandPages reads a print file of a thousand pages as the check
// after printing does: every page's bytes, text and rectangles.
func BenchmarkThousandPages(b *testing.B) {
	var content strings.Builder
	for line := range 40 {
		fmt.Fprintf(&content, "BT /F0 10.5 Tf 1 0 0 1 56.69 %d Tm <%s> Tj ET\n", 800-18*line, strings.Repeat("010202030304", 13))
	}
	for bar := range 67 {
		fmt.Fprintf(&content, "%d 100 1.36 8.16 re f\n", 50+bar*3)
	}
	contents := make([]string, 1000)
	for i := range contents {
		contents[i] = content.String()
	}
	raw := sample{contents: contents, unicode: toUnicode(""), packed: true}.build()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		d := open(b, raw)
		for i := range d.Pages() {
			if p, err := d.Page(i); err != nil || len(p.Spans) != 40 || len(p.Rects) != 67 {
				b.Fatalf("page %d: %v", i, err)
			}
		}
	}
}
