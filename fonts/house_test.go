package fonts

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// eudc is a font as a private character editor writes it: no OS/2, post or
// name, wrong checksums and cmap length, every code of the area mapped,
// unused ones to blank glyphs or to a copy of .notdef.
func eudc() testFont {
	box := simple(nil, contour{{0, 0, true}, {900, 0, true}, {900, 900, true}, {0, 900, true}})
	tall := simple(nil, contour{{10, 10, true}, {400, 800, true}, {800, 10, true}})
	return testFont{
		glyphs: [][]byte{box, tall, nil, box, tall[:len(tall)-6], be(0, 0, 0, 0, 0), composite(nil, ref{glyph: 2})},
		cmap: map[rune]GlyphID{0xE000: 1, 0xE001: 2, 0xE002: 3, 0xE003: 4, 0xE004: 5, 0xE005: 6,
			0xE006: 60, ' ': 2, 0xF8FF: 1},
		sloppy: true,
	}
}

func openHouse(t *testing.T, files map[string][]byte) (*Library, error) {
	t.Helper()
	dir := fstest.MapFS{"README.txt": {Data: []byte("no font")}, "old.ttf/x": {}}
	for name, data := range files {
		dir[name] = &fstest.MapFile{Data: data}
	}
	return Open(Options{HouseDir: dir})
}

func TestHouseFace(t *testing.T) {
	t.Parallel()
	l, err := openHouse(t, map[string][]byte{"EUDC.TTE": eudc().build()})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"\uE000":              "H",
		"山\uE000田":            "MHM",
		"\uF8FF":              "H",
		"\uE001\uE002":        "--",  // blank, a copy of the box
		"\uE003\uE004\uE005":  "---", // broken, no contours, made of a blank
		"\uE006\uE010":        "--",  // mapped behind the last glyph, not mapped
		"\uE000\U000E0100":    "-",
		"𠮷\uE000":             "IH",
		"\uE000 ":             "HH",
		"電力　太郎":               "MMMMM",
		"\uE000\uE000" + "\t": "HH-",
	} {
		if got := answer(t, l.Body(), in); got != want {
			t.Errorf("%+q: %s, want %s", in, got, want)
		}
	}
	f := l.Faces()[3]
	if f.Name() != "EUDC" || f.ID() != 3 || !f.House() || f.NumGlyphs() != 7 || f.UnitsPerEm() != 1024 {
		t.Errorf("%s %d %v %d %d", f.Name(), f.ID(), f.House(), f.NumGlyphs(), f.UnitsPerEm())
	}
	if f.CapHeight() != 900 || f.StemV() != 80 || f.Flags() != 4 {
		t.Errorf("cap height %d, stem %d, flags %d", f.CapHeight(), f.StemV(), f.Flags())
	}
	if g, ok := f.Glyph(0xE000, 0); g != 1 || !ok || f.Advance(g) != 1001 {
		t.Errorf("U+E000 is glyph %d, %v", g, ok)
	}
}

func TestHouseOrderAndNames(t *testing.T) {
	t.Parallel()
	second := eudc()
	second.name = "House-Two"
	third := eudc()
	third.name = "名前 / (x)" // nothing a PDF name could carry as it is
	l, err := openHouse(t, map[string][]byte{
		"b.ttf": second.build(), "a.TTF": eudc().build(), "外字.tte": third.build()})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range l.Faces()[3:] {
		names = append(names, f.Name())
	}
	if got := strings.Join(names, " "); got != "a House-Two HouseFont" {
		t.Errorf("faces %s", got)
	}
	g, missing := l.Body().Shape("\uE000")
	if len(g) != 1 || len(missing) != 0 || g[0].Face.Name() != "a" {
		t.Errorf("U+E000 by %+v, %+v", g, missing)
	}
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	good := eudc().build()
	noCmap := eudc()
	noCmap.change = func(ts map[string][]byte) { delete(ts, "cmap") }
	noGlyf := eudc()
	noGlyf.change = func(ts map[string][]byte) { delete(ts, "glyf"); ts["CFF "] = be(1) }
	for _, c := range []struct {
		file string
		data []byte
		want error
	}{
		{"NotoSansCJK.ttc", append([]byte("ttcf"), good[4:]...), ErrUnsupported},
		{"a.otf", append([]byte("OTTO"), good[4:]...), ErrUnsupported},
		{"really.ttf", append([]byte("OTTO"), good[4:]...), ErrUnsupported},
		{"collection.ttf", append([]byte("ttcf"), good[4:]...), ErrUnsupported},
		{"web.woff2", []byte("wOF2"), ErrUnsupported},
		{"cff.ttf", noGlyf.build(), ErrUnsupported},
		{"nocmap.ttf", noCmap.build(), ErrFormat},
		{"empty.tte", nil, ErrFormat},
		{"text.ttf", []byte("this is no font at all"), ErrFormat},
		{"cut.ttf", good[:60], ErrFormat},
	} {
		l, err := openHouse(t, map[string][]byte{c.file: c.data, "good.ttf": good})
		if l != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.file) {
			t.Errorf("%s: %v", c.file, err)
		}
		if err != nil && strings.Contains(err.Error(), "good.ttf") {
			t.Errorf("%s: the error blames another file: %v", c.file, err)
		}
	}
}

// A house folder that is named but not there is an error, not an empty one.
func TestHouseDirMissing(t *testing.T) {
	t.Parallel()
	sub, err := fstest.MapFS{}.Sub("nowhere")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{HouseDir: sub}); err == nil {
		t.Error("a folder that does not exist was read")
	}
}
