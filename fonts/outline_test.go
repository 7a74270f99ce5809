package fonts

import "testing"

func TestOutline(t *testing.T) {
	t.Parallel()
	font := testFont{glyphs: [][]byte{
		nil,
		simple(nil, contour{{0, 0, true}, {100, 0, true}, {100, 100, true}}),
		simple([]byte{1, 2, 3}, contour{{0, 0, false}, {100, 0, false}, {101, 101, false}}),
		composite([]byte{7}, ref{glyph: 1, x: 10, y: -300}, ref{glyph: 2, scale: 0.5}),
		composite(nil, ref{glyph: 1, x: 2, y: 0, anchor: true}, ref{glyph: 1, x: 2, y: 0, anchor: true}),
		simple(nil, contour{{5, 0, false}, {10, 10, true}}),
	}, cmap: map[rune]GlyphID{'a': 1, 'b': 2, 'c': 3}}
	f, err := parseHouse(font.build(), "Test")
	if err != nil {
		t.Fatal(err)
	}
	triangle := func(x, y float64) Path {
		return Path{{MoveTo, 0, 0, x, y}, {LineTo, 0, 0, x + 100, y}, {LineTo, 0, 0, x + 100, y + 100}, {Op: ClosePath}}
	}
	round := Path{{MoveTo, 0, 0, 50.5, 50.5}, {QuadTo, 0, 0, 50, 0}, {QuadTo, 100, 0, 100.5, 50.5},
		{QuadTo, 101, 101, 50.5, 50.5}, {Op: ClosePath}}
	small := Path{{MoveTo, 0, 0, 25.25, 25.25}, {QuadTo, 0, 0, 25, 0}, {QuadTo, 50, 0, 50.25, 25.25},
		{QuadTo, 50.5, 50.5, 25.25, 25.25}, {Op: ClosePath}}
	for g, want := range map[GlyphID]Path{
		0: nil, 1: triangle(0, 0), 2: round, 3: append(triangle(10, -300), small...),
		5: {{MoveTo, 0, 0, 10, 10}, {QuadTo, 5, 0, 10, 10}, {Op: ClosePath}},
	} {
		got, err := f.Outline(g)
		if err != nil || !samePath(got, want) {
			t.Errorf("glyph %d: %v, %v\nwant %v", g, got, err, want)
		}
	}
	if _, err := f.Outline(4); err == nil {
		t.Error("a part anchored to a point that is not there has an outline")
	}
	if _, err := f.Outline(6); err == nil {
		t.Error("a glyph behind the last has an outline")
	}
}

func samePath(a, b Path) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
