package pdf

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"oshirase/fonts"
)

// face is a face of the library with what drawing needs at every glyph.
type face struct {
	*fonts.Face
	name   string   // of its font resources, without the tier: M, G, J, H3 …
	order  int      // position in Shared.faces
	widths []uint16 // 1/1000 em by glyph number
	plain  []rune   // the one character a glyph stands for by itself, 0 = none
	static []uint64 // set of the glyphs that the static subset holds
}

func newFace(f *fonts.Face, name string, order int) *face {
	n := f.NumGlyphs()
	out := &face{Face: f, name: name, order: order,
		widths: make([]uint16, n), plain: make([]rune, n), static: make([]uint64, n/64+1)}
	upem := f.UnitsPerEm()
	for g := range n {
		out.widths[g] = uint16((f.Advance(uint16(g))*1000 + upem/2) / upem)
	}
	for r := rune(0x20); r < 0x30000; r++ {
		if r == 0xD800 {
			r = 0xE000
		}
		if g, ok := f.Glyph(r, 0); ok && betterPlain(r, out.plain[g]) {
			out.plain[g] = r
		}
	}
	return out
}

// betterPlain prefers ordinary code points to those of radicals and
// compatibility forms that share a glyph with them.
func betterPlain(r, than rune) bool {
	return than == 0 || oddBlock(than) && !oddBlock(r)
}

func oddBlock(r rune) bool {
	return r == 0xA0 || r >= 0x2E80 && r <= 0x2FDF || r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800
}

func (f *face) isStatic(g uint16) bool { return f.static[g/64]>>(g%64)&1 != 0 }
func (f *face) setStatic(g uint16)     { f.static[g/64] |= 1 << (g % 64) }

// speaksForItself reports whether text extraction by glyph gives the text
// back. Other glyphs are drawn under an ActualText, in every file alike.
func (f *face) speaksForItself(g uint16, text string) bool {
	r, n := utf8.DecodeRuneInString(text)
	return r == f.plain[g] && r != 0 && n == len(text)
}

// faceSet numbers the faces of both chains, each once.
type faceSet struct {
	list []*face
	byID []*face // by the face's number in its library
}

// newFaceSet names the first body face M, the first heading face G, other
// faces of ours J, K …, and a house's own H and its number.
func newFaceSet(body, heading fonts.Chain) *faceSet {
	s := &faceSet{}
	bodyFaces, headFaces := body.Faces(), heading.Faces()
	s.add(bodyFaces[0], "M")
	s.add(headFaces[0], "G")
	next := 'J'
	for _, f := range slices.Concat(bodyFaces, headFaces) {
		if s.find(f) != nil {
			continue
		}
		if f.House() {
			s.add(f, "H"+strconv.Itoa(f.ID()))
			continue
		}
		s.add(f, string(next))
		next++
	}
	return s
}

func (s *faceSet) add(f *fonts.Face, name string) {
	if s.find(f) != nil {
		return
	}
	for len(s.byID) <= f.ID() {
		s.byID = append(s.byID, nil)
	}
	s.byID[f.ID()] = newFace(f, name, len(s.list))
	s.list = append(s.list, s.byID[f.ID()])
}

// find returns the face that draws f, nil before it is added.
func (s *faceSet) find(f *fonts.Face) *face {
	if f.ID() < len(s.byID) {
		return s.byID[f.ID()]
	}
	return nil
}
