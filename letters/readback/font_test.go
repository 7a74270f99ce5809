package readback

import (
	"errors"
	"testing"
)

func sampleFont(t *testing.T) *Font {
	t.Helper()
	fonts, err := open(t, sample{contents: []string{""}, unicode: toUnicode("")}.build()).Fonts(0)
	if err != nil || len(fonts) != 1 {
		t.Fatalf("%d fonts, %v", len(fonts), err)
	}
	return fonts["F0"]
}

func TestFontParts(t *testing.T) {
	t.Parallel()
	f := sampleFont(t)
	if f.BaseFont != "TEST+Tiny" || string(f.File()) != string(tinyFace()) || !f.HasToUnicode {
		t.Errorf("font %q, file of %d bytes", f.BaseFont, len(f.File()))
	}
	for _, c := range sampleCodes {
		if text, ok := f.Text(c.code); f.Glyph(c.code) != c.glyph || text != c.text || !ok {
			t.Errorf("code %x: glyph %d, text %q", c.code, f.Glyph(c.code), text)
		}
	}
	if all := f.Texts(1 << 16); len(all) != len(sampleCodes) {
		t.Errorf("%d texts", len(all))
	}
	for code, want := range map[uint16]float64{258: 500, 515: 400, 772: 400, 773: 1000, 0: 1000} {
		if got := f.Width(code); got != want {
			t.Errorf("width of %d: %g, want %g", code, got, want)
		}
	}
}

func TestOutlines(t *testing.T) {
	t.Parallel()
	f := sampleFont(t)
	both, err := f.Outline(0x0304)
	if err != nil || len(both.Contours) != 2 {
		t.Fatalf("%+v, %v", both, err)
	}
	// The square as it is; the triangle at half size, moved by 100, 50.
	if both.Contours[0][2] != (Point{500, 500, true}) || both.Contours[1][2] != (Point{200, 350, true}) {
		t.Errorf("composite %+v", both.Contours)
	}
	square, err := f.Outline(0x0102)
	if err != nil || square.Hash() == both.Hash() {
		t.Errorf("two glyphs, one hash, %v", err)
	}
	if again, _ := f.Outline(0x0405); again.Hash() != square.Hash() {
		t.Error("one glyph, two hashes")
	}
	if space, err := f.Outline(0x0506); err != nil || len(space.Contours) != 0 {
		t.Errorf("space %+v, %v", space, err)
	}
	face, err := f.TrueType()
	if err != nil {
		t.Fatal(err)
	}
	if w, err := face.Advance(glyphBoth); err != nil || w != 503 || face.UnitsPerEm() != 1000 || face.Glyphs() != tinyGlyphs {
		t.Errorf("advance %d, %v", w, err)
	}
	if _, err := face.Outline(99); !errors.Is(err, ErrMalformed) {
		t.Errorf("glyph 99: %v", err)
	}
}

// A moved point of one component must change the hash.
func TestHashSeesEveryPoint(t *testing.T) {
	t.Parallel()
	f := sampleFont(t)
	o, err := f.Outline(0x0304)
	if err != nil {
		t.Fatal(err)
	}
	whole := o.Hash()
	for _, contour := range o.Contours {
		for i := range contour {
			for _, change := range []func(*Point){func(p *Point) { p.X++ }, func(p *Point) { p.Y++ }, func(p *Point) { p.On = !p.On }} {
				old := contour[i]
				change(&contour[i])
				if o.Hash() == whole {
					t.Errorf("point %d changed, hash did not", i)
				}
				contour[i] = old
			}
		}
	}
}

// A component may be placed by points: point 2 of the triangle onto point 1
// of the square.
func TestCompositeByPoints(t *testing.T) {
	t.Parallel()
	square := simple([][][2]int16{{{0, 0}, {500, 0}, {500, 500}, {0, 500}}})
	triangle := simple([][][2]int16{{{0, 0}, {400, 0}, {200, 600}}})
	whole := words(-1, 0, 0, 0, 0,
		argsAreXY|argsAreWords|moreComponents, 1, 0, 0,
		argsAreWords, 2, 1, 2)
	file, err := ParseTrueType(face([][]byte{simple(nil), square, triangle, whole}))
	if err != nil {
		t.Fatal(err)
	}
	o, err := file.Outline(3)
	if err != nil || o.Contours[1][2] != (Point{500, 0, true}) || o.Contours[1][0] != (Point{300, -600, true}) {
		t.Errorf("%+v, %v", o.Contours, err)
	}
}

func TestCompositesWithoutEnd(t *testing.T) {
	t.Parallel()
	itself := words(-1, 0, 0, 0, 0, argsAreXY|argsAreWords|moreComponents, 1, 0, 0, argsAreXY|argsAreWords, 1, 0, 0)
	file, err := ParseTrueType(face([][]byte{simple(nil), itself}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Outline(1); !errors.Is(err, ErrMalformed) {
		t.Errorf("glyph inside itself: %v", err)
	}
}

func TestUnicodeMap(t *testing.T) {
	t.Parallel()
	m, err := parseUnicodeMap([]byte(`1 begincodespacerange <0000> <FFFF> endcodespacerange
3 beginbfrange <0010> <0012> <3042> <0020> <0021> [<0041> <D842DFB7>] <0030> <0031> <845BDB40DD00> endbfrange
2 beginbfchar <0001> <00660066> <0002> <D842 DFB7> endbfchar`))
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[uint16]string{
		0x10: "あ", 0x12: "い", 0x20: "A", 0x21: "𠮷", 0x30: "葛\U000E0100", 0x31: "葛\U000E0101", 1: "ff", 2: "𠮷",
	} {
		if got, ok := m.lookup(code); !ok || got != want {
			t.Errorf("code %x: %q, want %q", code, got, want)
		}
	}
	for _, code := range []uint16{0, 0x0F, 0x13, 0x22, 0xFFFF} {
		if got, ok := m.lookup(code); ok {
			t.Errorf("code %x says %q", code, got)
		}
	}
}

func TestUnicodeMapRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"one-byte codes": {"1 begincodespacerange <00> <FF> endcodespacerange", ErrNotUnderstood},
		"builds on":      {"/Identity-H usecmap", ErrNotUnderstood},
		"odd chars":      {"beginbfchar <0001> endbfchar", ErrMalformed},
		"no text":        {"beginbfchar <0001> <> endbfchar", ErrMalformed},
		"half a unit":    {"beginbfchar <0001> <00> endbfchar", ErrMalformed},
		"code twice":     {"beginbfchar <0001> <0041> <0001> <0042> endbfchar", ErrMalformed},
		"range backward": {"beginbfrange <0002> <0001> <0041> endbfrange", ErrMalformed},
		"ranges overlap": {"beginbfrange <0001> <0005> <0041> <0003> <0004> <0051> endbfrange", ErrMalformed},
		"short list":     {"beginbfrange <0001> <0003> [<0041>] endbfrange", ErrMalformed},
		"string open":    {"beginbfchar <0001", ErrMalformed},
	} {
		if _, err := parseUnicodeMap([]byte(c.in)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
