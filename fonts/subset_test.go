package fonts

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	reader "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// composites is a font of nested, scaled and hinted composite glyphs.
func composites(t testing.TB) *Face {
	t.Helper()
	f, err := parseHouse(compositeFont().build(), "Composites")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func compositeFont() testFont {
	triangle := contour{{7, 0, true}, {307, 0, true}, {307, 500, true}}
	return testFont{
		glyphs: [][]byte{
			simple(nil, triangle),
			composite([]byte{1, 2}, ref{glyph: 5, x: 7, y: 9}, ref{glyph: 3}),
			simple([]byte{4, 5, 6}, triangle),
			composite(nil, ref{glyph: 4, x: -20, y: 30, scale: 0.5}, ref{glyph: 4, x: 0, y: 600}),
			simple([]byte{9}, contour{{7, 0, false}, {200, 0, true}, {307, 90, false}, {100, 300, true}}),
			simple(nil, triangle, contour{{7, 9, false}, {90, 9, false}, {90, 90, false}}),
			composite(nil, ref{glyph: 2}, ref{glyph: 5, x: 2, y: 1, anchor: true}),
		},
		cmap: map[rune]GlyphID{'a': 1, 'b': 3, 'c': 6},
		change: func(ts map[string][]byte) {
			for _, tag := range []string{"fpgm", "prep", "cvt "} {
				ts[tag] = []byte(tag)
			}
			// Some readers shift a glyph by what its left side bearing and
			// its xMin, here 0, differ; in real fonts they do not.
			for i := 0; i < len(ts["hmtx"]); i += 4 {
				ts["hmtx"][i+3] = 0
			}
		},
	}
}

// independent opens a program with go-text. A program has no cmap, which that
// reader insists on, so it gets one.
func independent(t testing.TB, program []byte) *reader.Face {
	t.Helper()
	list, err := flatTables(program)
	if err != nil {
		t.Fatal(err)
	}
	ts := map[string][]byte{"cmap": testFont{cmap: map[rune]GlyphID{'x': 1}}.format4()}
	for tag, d := range list {
		ts[tag] = d
	}
	f, err := reader.ParseTTF(bytes.NewReader(joinTables(ts, false)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// edges writes the lines and curves of each contour, sorted, so that it does
// not matter where a reader starts a contour.
func edges(p Path) []string {
	var list []string
	var start, at Segment
	line := func(s Segment) {
		if s.X != at.X || s.Y != at.Y || s.Op == QuadTo {
			list = append(list, fmt.Sprint(at.X, at.Y, s.Op, s.CX, s.CY, s.X, s.Y))
		}
		at = s
	}
	for _, s := range p {
		switch s.Op {
		case MoveTo:
			start, at = s, s
		case ClosePath:
			line(Segment{Op: LineTo, X: start.X, Y: start.Y})
		default:
			line(s)
		}
	}
	slices.Sort(list)
	return list
}

// pathOf converts go-text's outline.
func pathOf(o reader.GlyphOutline) (p Path) {
	for i, s := range o.Segments {
		if s.Op == opentype.SegmentOpMoveTo && i > 0 {
			p = append(p, Segment{Op: ClosePath})
		}
		a, b := s.Args[0], s.Args[1]
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			p = append(p, Segment{Op: MoveTo, X: float64(a.X), Y: float64(a.Y)})
		case opentype.SegmentOpLineTo:
			p = append(p, Segment{Op: LineTo, X: float64(a.X), Y: float64(a.Y)})
		case opentype.SegmentOpQuadTo:
			p = append(p, Segment{QuadTo, float64(a.X), float64(a.Y), float64(b.X), float64(b.Y)})
		}
	}
	if len(p) > 0 {
		p = append(p, Segment{Op: ClosePath})
	}
	return p
}

// differences compares the glyphs of a subset, as go-text reads it, with the
// face's own outlines and widths.
func differences(t testing.TB, f *Face, s *Subset) (list []string) {
	t.Helper()
	r := independent(t, s.Program)
	for gid := 1; gid < s.NumGlyphs(); gid++ {
		old, _ := s.Old(uint16(gid))
		want, err := f.Outline(old)
		if err != nil {
			t.Fatal(err)
		}
		o, ok := r.GlyphDataOutline(reader.GID(gid))
		if got := edges(pathOf(o)); !ok || !slices.Equal(got, edges(want)) {
			list = append(list, fmt.Sprintf("%s glyph %d: outline %v, want %v", f.Name(), old, got, edges(want)))
		}
		if got := int(r.HorizontalAdvance(reader.GID(gid))); got != f.Advance(old) {
			list = append(list, fmt.Sprintf("%s glyph %d: advance %d, want %d", f.Name(), old, got, f.Advance(old)))
		}
	}
	return list
}

func TestSubsetOutlines(t *testing.T) {
	t.Parallel()
	for _, f := range append(library(t).Faces(), composites(t)) {
		for _, o := range []SubsetOptions{{}, {KeepHints: true}} {
			s, err := f.SubsetWith(randomGlyphs(f, 500, 1), o)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences(t, f, s) {
				t.Error(d)
			}
			if sum := checksum(s.Program); sum != 0xB1B0AFBA {
				t.Errorf("%s: the words of the program sum to %x", f.Name(), sum)
			}
		}
	}
}

// The face's own outlines against go-text reading the released file.
func TestOutlinesOfReleasedFile(t *testing.T) {
	t.Parallel()
	f := library(t).faces[minchoID]
	r, err := reader.ParseTTF(bytes.NewReader(minchoFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range randomGlyphs(f, 500, 2) {
		o, _ := r.GlyphDataOutline(reader.GID(g))
		if got, err := f.Outline(g); err != nil || !slices.Equal(edges(got), edges(pathOf(o))) {
			t.Errorf("glyph %d: %v, %v, want %v", g, got, err, o)
		}
	}
}

// The comparison itself must see a moved point and a changed width.
func TestDifferencesAreSeen(t *testing.T) {
	t.Parallel()
	f := library(t).faces[minchoID]
	g, _ := f.Glyph('一', 0)
	s, err := f.Subset([]GlyphID{g})
	if err != nil {
		t.Fatal(err)
	}
	ts, _ := flatTables(s.Program)
	ts["hmtx"][5]++
	if d := differences(t, f, s); len(d) != 1 {
		t.Errorf("changed width: %v", d)
	}
	ts["hmtx"][5]--
	ts["glyf"][len(ts["glyf"])-5] ^= 1
	if d := differences(t, f, s); len(d) != 1 {
		t.Errorf("moved point: %v", d)
	}
}

func TestSubsetByFontTools(t *testing.T) {
	t.Parallel()
	python := fontTools(t)
	for _, f := range append(library(t).Faces(), composites(t)) {
		t.Run(f.Name(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			face, err := os.Create(filepath.Join(dir, "face.ttf"))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(f.WriteOriginal(face), face.Close()); err != nil {
				t.Fatal(err)
			}
			for hints, o := range map[string]SubsetOptions{"bare": {}, "hints": {KeepHints: true}} {
				s, err := f.SubsetWith(randomGlyphs(f, 500, 3), o)
				if err != nil {
					t.Fatal(err)
				}
				got := compare(t, python, dir, s, hints)
				if want := fmt.Sprint(s.NumGlyphs() - 1); got != want {
					t.Errorf("%s: %s of %s glyphs agree", hints, got, want)
				}
			}
		})
	}
}

func compare(t *testing.T, python, dir string, s *Subset, hints string) string {
	t.Helper()
	var list strings.Builder
	for gid := 1; gid < s.NumGlyphs(); gid++ {
		old, _ := s.Old(uint16(gid))
		fmt.Fprintln(&list, old, gid)
	}
	subset, pairs := filepath.Join(dir, hints+".ttf"), filepath.Join(dir, hints+".txt")
	if err := errors.Join(os.WriteFile(subset, s.Program, 0o600),
		os.WriteFile(pairs, []byte(list.String()), 0o600)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/compare.py", filepath.Join(dir, "face.ttf"), subset, pairs, hints)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("fontTools: %v: %s", err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// fontTools finds a Python that has fontTools (Debian: fonttools).
func fontTools(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import fontTools").Run() == nil {
			return python
		}
	}
	t.Fatal("no python3 with fontTools on this machine")
	return ""
}

func TestSubsetIsAFunctionOfTheSet(t *testing.T) {
	t.Parallel()
	f := library(t).faces[ipamjID]
	glyphs := randomGlyphs(f, 30, 4)
	a, err := f.Subset(glyphs)
	if err != nil {
		t.Fatal(err)
	}
	again := append(slices.Clone(glyphs), glyphs[3], glyphs[7])
	slices.Reverse(again)
	b, err := f.Subset(again)
	if err != nil || !bytes.Equal(a.Program, b.Program) || a.Tag() != b.Tag() {
		t.Errorf("the order of the request shows in the program (%v)", err)
	}
	c, err := f.Subset(glyphs[1:])
	if err != nil || c.Tag() == a.Tag() {
		t.Errorf("another set has the same tag %s (%v)", a.Tag(), err)
	}
	d, err := f.SubsetWith(glyphs, SubsetOptions{KeepHints: true})
	if err != nil || d.Tag() == a.Tag() || len(d.Program) <= len(a.Program) {
		t.Errorf("with hints: tag %s, %d bytes (%v)", d.Tag(), len(d.Program), err)
	}
	if len(a.Tag()) != 6 || strings.Trim(a.Tag(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		t.Errorf("tag %q is not six capitals", a.Tag())
	}
}

func TestSubsetNumbers(t *testing.T) {
	t.Parallel()
	s, err := composites(t).Subset([]GlyphID{1})
	if err != nil {
		t.Fatal(err)
	}
	want := []GlyphID{1, 3, 4, 5} // 1 is made of 5 and 3, 3 of 4
	if s.NumGlyphs() != 5 || s.Face().Name() != "Composites" {
		t.Errorf("%d glyphs of %s", s.NumGlyphs(), s.Face().Name())
	}
	for i, w := range want {
		gid, ok := s.GID(w)
		old, known := s.Old(gid)
		if !ok || int(gid) != i+1 || !known || old != w {
			t.Errorf("glyph %d is %d, %v and back %d, %v", w, gid, ok, old, known)
		}
	}
	if _, ok := s.GID(2); ok {
		t.Error("a glyph nobody asked for is in the subset")
	}
	for _, gid := range []uint16{0, 5} {
		if old, ok := s.Old(gid); ok {
			t.Errorf("glyph %d of the subset is %d of the face", gid, old)
		}
	}
}

func TestSubsetRefuses(t *testing.T) {
	t.Parallel()
	l := library(t)
	for _, list := range [][]GlyphID{{0}, {5, 0}, {13932}, {1, 0xFFFF}} {
		if s, err := l.faces[minchoID].Subset(list); err == nil {
			t.Errorf("%v gave a subset of %d glyphs", list, s.NumGlyphs())
		}
	}
	broken, err := parseHouse(eudc().build(), "EUDC")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broken.Subset([]GlyphID{4}); !errors.Is(err, ErrFormat) {
		t.Errorf("a broken glyph: %v", err)
	}
	if s, err := l.faces[minchoID].Subset(nil); err != nil || s.NumGlyphs() != 1 {
		t.Errorf("an empty subset: %v", err)
	}
}

// Both kinds of loca occur: more than 131,070 bytes of glyphs need the long.
func TestLocaFormats(t *testing.T) {
	t.Parallel()
	f := library(t).faces[minchoID]
	for n, long := range map[int]uint16{20: 0, 2000: 1} {
		s, err := f.Subset(randomGlyphs(f, n, 5))
		if err != nil {
			t.Fatal(err)
		}
		ts, _ := flatTables(s.Program)
		if got := ts["head"].u16(50); got != long {
			t.Errorf("%d glyphs: loca format %d, want %d", n, got, long)
		}
		if d := differences(t, f, s); d != nil {
			t.Error(d[0])
		}
	}
}
