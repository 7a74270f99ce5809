//go:build long

package fonts

import (
	"slices"
	"testing"
)

// TestEveryGlyph cuts every glyph of every face into subsets, with and without
// hints, and compares them as go-text reads them.
func TestEveryGlyph(t *testing.T) {
	t.Parallel()
	for _, f := range library(t).Faces() {
		t.Run(f.Name(), func(t *testing.T) {
			t.Parallel()
			all := make([]GlyphID, 0, f.NumGlyphs())
			for g := 1; g < f.NumGlyphs(); g++ {
				all = append(all, GlyphID(g))
			}
			checked := 0
			for part := range slices.Chunk(all, 4096) {
				for _, o := range []SubsetOptions{{}, {KeepHints: true}} {
					s, err := f.SubsetWith(part, o)
					if err != nil {
						t.Fatal(err)
					}
					for _, d := range differences(t, f, s) {
						t.Error(d)
					}
					checked += s.NumGlyphs() - 1
				}
			}
			if checked != 2*len(all) {
				t.Errorf("%d glyphs compared, want %d", checked, 2*len(all))
			}
		})
	}
}

// TestEveryCharacter draws every character and pair the body chain answers.
func TestEveryCharacter(t *testing.T) {
	t.Parallel()
	body := library(t).Body()
	drawn := 0
	for r := rune(0x20); r <= 0x2FFFF; r++ {
		if r >= 0xD800 && r <= 0xDFFF {
			continue
		}
		glyphs, missing := body.Shape(string(r))
		if len(glyphs)+len(missing) != 1 {
			t.Errorf("U+%04X: %d glyphs, %d missing", r, len(glyphs), len(missing))
		}
		for _, g := range glyphs {
			path, err := g.Face.Outline(g.ID)
			if err != nil || len(path) == 0 && !isSpace(r) {
				t.Errorf("U+%04X is drawn as nothing (%v)", r, err)
			}
			drawn++
		}
	}
	if drawn < 54000 {
		t.Errorf("only %d characters drawn", drawn)
	}
}
