package fonts

import "testing"

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		library(b)
	}
}

func BenchmarkGlyphAndAdvance(b *testing.B) {
	f := library(b).faces[minchoID]
	b.ReportAllocs()
	for b.Loop() {
		g, _ := f.Glyph('様', 0)
		if f.Advance(g) != 2048 {
			b.Fatal("wrong width")
		}
	}
}

func BenchmarkGlyphPair(b *testing.B) {
	f := library(b).faces[minchoID]
	for b.Loop() {
		if _, ok := f.Glyph('葛', 0xE0100); !ok {
			b.Fatal("pair not found")
		}
	}
}

func BenchmarkShapeName(b *testing.B) {
	body := library(b).Body()
	dst := make([]Glyph, 0, 32)
	b.ReportAllocs()
	for b.Loop() {
		body.AppendShape(dst, "電力　太郎")
	}
}

func BenchmarkShapeRareName(b *testing.B) {
	body := library(b).Body()
	b.ReportAllocs()
	for b.Loop() {
		body.Shape("𠮷田　葛\U000E0102子")
	}
}

func BenchmarkMissing(b *testing.B) {
	body := library(b).Body()
	b.ReportAllocs()
	for b.Loop() {
		body.Missing("神奈川県横浜市中区日本大通一丁目二番三号電力マンション百一号室")
	}
}

func benchSubset(b *testing.B, face, n int) {
	f := library(b).faces[face]
	glyphs := randomGlyphs(f, n, 6)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Subset(glyphs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSubset25(b *testing.B)      { benchSubset(b, minchoID, 25) }
func BenchmarkSubset25IPAmj(b *testing.B) { benchSubset(b, ipamjID, 25) }
func BenchmarkSubset1000(b *testing.B)    { benchSubset(b, minchoID, 1000) }

// One glyph whose block is no longer kept.
func BenchmarkSubsetColdBlock(b *testing.B) {
	f := library(b).faces[ipamjID]
	g := 1
	b.ReportAllocs()
	for b.Loop() {
		g = (g+64*7)%(f.NumGlyphs()-1) + 1
		if _, err := f.Subset([]GlyphID{GlyphID(g)}); err != nil {
			b.Fatal(err)
		}
	}
}
