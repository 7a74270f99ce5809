package pdf

import (
	"bytes"
	"fmt"
	"testing"

	"oshirase/fonts"
	"oshirase/letters/text"
)

// Lines of wording that letters share stay as they are, whatever the letters
// between set in the memory of the letter.
func TestWordingStaysAsSet(t *testing.T) {
	s := newShared(t)
	list := []text.Inline{{Text: "お客さまの情報が、本来見るべきでない者に見られていました。"}}
	st := style{size: bodySize, measure: 100_000, justify: true}
	fresh := shaper{shared: s}
	want := shown(fresh.set(list, st))
	sh := shaper{shared: s}
	for letter := range 60 {
		sh.nextLetter()
		if got := shown(sh.set(list, st)); !bytes.Equal(got, want) {
			t.Fatalf("letter %d: got %q, want %q", letter, got, want)
		}
		for n := range 20 {
			sh.word(fmt.Sprintf("電力 太郎 %d-%d", letter, n), nameSize, n%2 == 0)
		}
		if got := shown(sh.set(list, st)); !bytes.Equal(got, want) {
			t.Fatalf("letter %d, again: got %q, want %q", letter, got, want)
		}
	}
}

// The cache asks for the text itself, not only for its hash, and for all of
// the style.
func TestCacheTellsTextsApart(t *testing.T) {
	e := entry{list: []text.Inline{{Text: "電力"}}, style: style{size: bodySize}}
	for _, c := range []struct {
		text  text.Inline
		style style
		want  bool
	}{
		{text.Inline{Text: "電力"}, style{size: bodySize}, true},
		{text.Inline{Text: "電気"}, style{size: bodySize}, false},
		{text.Inline{Text: "電力", Bold: true}, style{size: bodySize}, false},
		{text.Inline{Text: "電力"}, style{size: bodySize, heading: true}, false},
		{text.Inline{Text: "電力"}, style{size: bodySize, indent: 1}, false},
	} {
		if got := e.is([]text.Inline{c.text}, &c.style); got != c.want {
			t.Errorf("%+v %+v: got %v, want %v", c.text, c.style, got, c.want)
		}
	}
}

func shown(lines []*line) (all []byte) {
	for _, l := range lines {
		all = append(all, l.show...)
	}
	return all
}

// The table draws each character as the chain does that it was made of,
// between others as alone, and is asked for the ordinary ones.
func TestTableShapesAsTheChain(t *testing.T) {
	s := newShared(t)
	for name, c := range map[string]*chain{"body": &s.body, "heading": &s.heading} {
		sh := shaper{shared: s}
		known := 0
		for r := range rune(tableEnd) {
			if c.find(r).id == 0 {
				continue
			}
			known++
			str := "か" + string(r) + "漢" + string(r)
			sh.reset()
			sh.shape([]text.Inline{{Text: str}}, &style{size: bodySize, heading: name == "heading"})
			sameGlyphs(t, s, str, sh.glyphs, c)
		}
		if known < 7_000 {
			t.Errorf("%s: %d characters in the table", name, known)
		}
	}
}

func sameGlyphs(t *testing.T, s *Shared, str string, got []glyph, c *chain) {
	t.Helper()
	want, _ := c.AppendEach([]fonts.Glyph(nil), str)
	if len(got) != len(want) {
		t.Fatalf("%q: %d glyphs, want %d", str, len(got), len(want))
	}
	for i, w := range want {
		if full := s.faces.find(w.Face).glyph(w.ID, w.Text); got[i] != full {
			t.Errorf("%q: glyph %d: got %+v, want %+v", str, i, got[i], full)
		}
	}
}

// A name that one face has whole is drawn by that face: 辻 alone may come
// from the first face, beside a rare character it comes from that one's.
func TestTableKeepsNamesWhole(t *testing.T) {
	s := newShared(t)
	sh := shaper{shared: s}
	for _, name := range []string{"電力 太郎", "𠮷田 太郎", "髙﨑 はしご", "辻󠄀 一点", "グエン ThịHoa", "が゚"} {
		sh.reset()
		sh.shape([]text.Inline{{Text: name}}, &style{size: nameSize, whole: true})
		want, _ := s.body.Shape(name)
		if len(want) != len(sh.glyphs) {
			t.Fatalf("%q: %d glyphs, want %d", name, len(sh.glyphs), len(want))
		}
		for i, w := range want {
			if g := sh.glyphs[i]; g.face.Face != w.Face || g.id != w.ID || g.text != w.Text {
				t.Errorf("%q: glyph %d: got %s %d, want %s %d", name, i, g.face.Name(), g.id, w.Face.Name(), w.ID)
			}
		}
	}
}
