package fonts

import (
	"runtime"
	"testing"
)

// maxHeap bounds what opening a font of a few kilobytes may allocate: index
// pages for every code point have 2.2 MB, and grow by doubling.
const maxHeap = 24 << 20

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func fuzzSeeds(f *testing.F) {
	f.Add(eudc().build())
	f.Add(compositeFont().build())
	named := eudc()
	named.name = "Named"
	f.Add(named.build())
	l := library(f)
	rich := testFont{glyphs: compositeFont().glyphs, change: func(ts map[string][]byte) {
		ts["cmap"] = richCmap()
		all, _ := flatTables(minchoFile)
		ts["OS/2"], ts["post"] = all["OS/2"], all["post"]
		ts["GSUB"] = ligatures()
	}}
	f.Add(rich.build())
	s, err := l.faces[minchoID].SubsetWith([]GlyphID{30, 2445}, SubsetOptions{KeepHints: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Program)
}

// richCmap has subtables of formats 4, 12 and 14.
func richCmap() []byte {
	four := testFont{cmap: map[rune]GlyphID{0x845B: 1, 0x3099: 2, 0x309A: 3}}.format4()[12:]
	twelve := be(12, 0, 0, 40, 0, 0, 0, 2, 0, 0x845B, 0, 0x845C, 0, 1, 2, 0xBB7, 2, 0xBB8, 0, 3)
	fourteen := append(be(14, 0, 32+13, 0, 1), 0x0E, 0x01, 0x00)
	fourteen = append(fourteen, be(0, 21, 0, 29, 0, 1)...)
	fourteen = append(fourteen, 0, 0x84, 0x5B, 0)
	fourteen = append(append(fourteen, be(0, 1)...), 0, 0x84, 0x5C, 0, 4)
	at := 4 + 3*8
	b := be(0, 3, 0, 5, 0, at, 3, 1, 0, at+len(fourteen), 3, 10, 0, at+len(fourteen)+len(four))
	return append(append(append(b, fourteen...), four...), twelve...)
}

// ligatures is a GSUB table with one ccmp lookup: glyph 1 + glyph 3 = 5.
func ligatures() []byte {
	return be(1, 0, 10, 10, 24,
		1, 0x6363, 0x6D70, 8, 0, 1, 0, // features at 10
		1, 4, 4, 0, 1, 8, // lookups at 24
		1, 8, 1, 14, 1, 1, 1, 1, 4, 5, 2, 3)
}

// TestFuzzSeed shows that the seeds reach what they are made for.
func TestFuzzSeed(t *testing.T) {
	t.Parallel()
	font := testFont{glyphs: compositeFont().glyphs, change: func(ts map[string][]byte) {
		ts["cmap"], ts["GSUB"] = richCmap(), ligatures()
	}}
	f, err := parseHouse(font.build(), "Rich")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		base, selector rune
		want           GlyphID
	}{
		{0x845B, 0, 1}, {0x845C, 0, 2}, {0x20BB8, 0, 4}, {0x3099, 0, 2},
		{0x845B, 0xE0100, 1}, {0x845C, 0xE0100, 4}, {0x845B, 0xE0101, 0}, {0x845B, 0x309A, 5},
	} {
		if g, ok := f.Glyph(c.base, c.selector); g != c.want || ok != (c.want != 0) {
			t.Errorf("%X+%X: glyph %d, %v; want %d", c.base, c.selector, g, ok, c.want)
		}
	}
}

// FuzzOpen: no font makes the parsers panic, run away or allocate without
// measure, and whatever is found is a glyph that can be drawn.
func FuzzOpen(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		before := allocated()
		face, err := parseHouse(data, "Fuzz")
		if n := allocated() - before; n > maxHeap {
			t.Errorf("%d bytes of font took %d bytes of memory", len(data), n)
		}
		if err != nil {
			return
		}
		if face.Name() == "" || face.NumGlyphs() < 1 || face.UnitsPerEm() < 16 {
			t.Errorf("%q: %d glyphs, %d units", face.Name(), face.NumGlyphs(), face.UnitsPerEm())
		}
		chain := Chain{[]*Face{face}}
		glyphs, _ := chain.Shape("a b\uE000\uE001か\u309A葛\U000E0100\u845C\U000E0100\u3099𠮷𠮸\U000F0000\xFF")
		for _, g := range glyphs {
			if g.ID == 0 || int(g.ID) >= face.NumGlyphs() {
				t.Errorf("%q is drawn by glyph %d of %d", g.Text, g.ID, face.NumGlyphs())
			}
			if _, err := face.Subset([]GlyphID{g.ID}); err != nil {
				t.Errorf("%q was found and cannot be drawn: %v", g.Text, err)
			}
		}
	})
}

// FuzzSubset: a subset of any font that opens is read back with the same
// outlines and widths, or there is an error.
func FuzzSubset(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		face, err := parseHouse(data, "Fuzz")
		if err != nil {
			return
		}
		for _, o := range []SubsetOptions{{}, {KeepHints: true}} {
			for g := 1; g < min(face.NumGlyphs(), 64); g++ {
				s, err := face.SubsetWith([]GlyphID{GlyphID(g)}, o)
				if err != nil {
					continue
				}
				checkReread(t, face, s)
			}
		}
	})
}

// checkReread opens a program with our own reader.
func checkReread(t *testing.T, face *Face, s *Subset) {
	ts, err := flatTables(s.Program)
	if err != nil {
		t.Fatalf("own program: %v", err)
	}
	back, err := newFace(ts, "", true)
	if err != nil {
		t.Fatalf("own program: %v", err)
	}
	back.glyphs = &flatGlyphs{s.Program, ts["glyf"], back.loca}
	for gid := 1; gid < s.NumGlyphs(); gid++ {
		old, _ := s.Old(uint16(gid))
		want, errWant := face.Outline(old)
		got, errGot := back.Outline(GlyphID(gid))
		if (errWant == nil) != (errGot == nil) || !samePath(got, want) {
			t.Fatalf("glyph %d: %v (%v), want %v (%v)", old, got, errGot, want, errWant)
		}
		if back.Advance(GlyphID(gid)) != face.Advance(old) {
			t.Fatalf("glyph %d: advance %d, want %d", old, back.Advance(GlyphID(gid)), face.Advance(old))
		}
	}
}
