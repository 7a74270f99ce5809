package fonts

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
)

// library opens the program's faces.
func library(t testing.TB) *Library {
	t.Helper()
	l, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEmbeddedFiles(t *testing.T) {
	t.Parallel()
	for _, f := range library(t).Faces() {
		h := sha256.New()
		if err := f.WriteOriginal(h); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
		if got, want := [32]byte(h.Sum(nil)), f.SHA256(); got != want {
			t.Errorf("%s: SHA-256 %x, recorded %x", f.Name(), got, want)
		}
	}
	if got := fmt.Sprintf("%x", library(t).faces[ipamjID].SHA256()); got != ipamjSHA256 {
		t.Errorf("block file says %s, the released ipamjm.ttf is %s", got, ipamjSHA256)
	}
}

// The licences go where the fonts go, hence into the program.
func TestLicences(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"BIZUDMincho-OFL.txt":                 "Copyright 2022 The BIZ UDMincho Project Authors",
		"BIZUDGothic-OFL.txt":                 "SIL OPEN FONT LICENSE Version 1.1",
		"IPA_Font_License_Agreement_v1.0.txt": "IPAフォントライセンスv1.0",
	} {
		text, err := fs.ReadFile(Licences(), name)
		if err != nil || !strings.Contains(string(text), want) || len(text) < 4000 {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
}

// The figures are those fontTools shows for the three files.
func TestMetrics(t *testing.T) {
	t.Parallel()
	want := []string{
		"0 BIZUDMincho-Regular 13932 2048 1802 -246 1567 [-3 -262 2048 1802] 6 80 0",
		"1 BIZUDGothic-Bold 13932 2048 1802 -246 1567 [-16 -246 2048 1802] 4 140 0",
		"2 IPAmjMincho 61179 2048 1802 -246 1464 [-539 -571 2048 2089] 6 80 0",
	}
	for i, f := range library(t).Faces() {
		got := fmt.Sprint(f.ID(), f.Name(), " ", f.NumGlyphs(), f.UnitsPerEm(), f.Ascent(), f.Descent(),
			f.CapHeight(), f.BBox(), f.Flags(), f.StemV(), f.ItalicAngle())
		if got = strings.Join(strings.Fields(strings.Replace(got, f.Name(), " "+f.Name()+" ", 1)), " "); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
		if f.House() {
			t.Errorf("%s counts as a house face", f.Name())
		}
	}
}

func TestChains(t *testing.T) {
	t.Parallel()
	l := library(t)
	names := func(c Chain) (s []string) {
		for _, f := range c.Faces() {
			s = append(s, f.Name())
		}
		return s
	}
	body := []string{"BIZUDMincho-Regular", "IPAmjMincho"}
	if got := names(l.Body()); !slices.Equal(got, body) {
		t.Errorf("body %v, want %v", got, body)
	}
	if got, want := names(l.Heading()), append([]string{"BIZUDGothic-Bold"}, body...); !slices.Equal(got, want) {
		t.Errorf("heading %v, want %v", got, want)
	}
}

// Full-width and half-width characters are two and one half of an em.
func TestAdvance(t *testing.T) {
	t.Parallel()
	for _, f := range library(t).Faces() {
		for _, c := range []struct {
			r    rune
			want int
		}{{'漢', 2048}, {'あ', 2048}, {'　', 2048}, {'ｱ', 1024}, {'ﾞ', 1024}} {
			g, ok := f.Glyph(c.r, 0)
			if !ok || f.Advance(g) != c.want {
				t.Errorf("%s: %c is glyph %d, %v, %d wide; want %d", f.Name(), c.r, g, ok, f.Advance(g), c.want)
			}
		}
		if got := f.Advance(GlyphID(f.NumGlyphs() - 1)); got == 0 {
			t.Errorf("%s: the last glyph has no width", f.Name())
		}
		if got := f.Advance(0xFFFF); got != 0 {
			t.Errorf("%s: glyph 65535 is %d wide", f.Name(), got)
		}
	}
}

// Blocks come back the same whoever reads them, in whatever order.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	l := library(t)
	f := l.faces[ipamjID]
	var wg sync.WaitGroup
	results := make([][]byte, 8)
	for w := range results {
		wg.Go(func() {
			glyphs := randomGlyphs(f, 40, 7)
			if w%2 == 1 {
				slices.Reverse(glyphs)
			}
			for _, g := range glyphs {
				if _, err := f.Outline(g); err != nil {
					t.Error(err)
				}
			}
			if _, err := f.GlyphData(glyphs[0]); err != nil {
				t.Error(err)
			}
			s, err := f.Subset(glyphs)
			if err != nil {
				t.Error(err)
				return
			}
			results[w] = s.Program
			l.Body().Shape("𠮷田　葛󠄂飾")
		})
	}
	wg.Wait()
	for _, r := range results[1:] {
		if !bytes.Equal(r, results[0]) {
			t.Fatal("two goroutines made different subsets of the same glyphs")
		}
	}
}

// A dropped block is read again, and no more than the limit is kept.
func TestCache(t *testing.T) {
	t.Parallel()
	c := cache[int]{limit: 2}
	loads := 0
	get := func(k int) {
		v, err := c.get(k, func() (int, error) { loads++; return k * k, nil })
		if err != nil || v != k*k {
			t.Errorf("get %d: %d, %v", k, v, err)
		}
	}
	for _, k := range []int{1, 2, 1, 3, 1, 2} { // 3 drops 2, 2 drops 3
		get(k)
	}
	if loads != 4 || len(c.kept) != 2 {
		t.Errorf("%d loads, %d kept; want 4 and 2", loads, len(c.kept))
	}
}
