package main

import (
	"bytes"
	"fmt"
	"strings"

	"oshirase/fonts"
	"oshirase/letters/readback"
)

// glyphCheck holds the glyphs that a page shows against the faces: a page's
// content names glyphs by number, and a file could have other outlines, or
// another text, under the same numbers.
type glyphCheck struct {
	faces  map[string]*fonts.Face // by name
	parsed map[string]*readback.TrueType
	sound  map[shown]bool
}

// shown is one code of one font of the file.
type shown struct {
	font *readback.Font
	code uint16
}

func newGlyphCheck(lib *fonts.Library) *glyphCheck {
	g := &glyphCheck{faces: map[string]*fonts.Face{}, parsed: map[string]*readback.TrueType{}, sound: map[shown]bool{}}
	for _, f := range lib.Faces() {
		g.faces[f.Name()] = f
	}
	return g
}

// page reports whether every glyph of a page is the face's own.
func (g *glyphCheck) page(doc *readback.Document, i int, page *readback.Page) bool {
	list, err := doc.Fonts(i)
	if err != nil {
		return false
	}
	for _, s := range page.Spans {
		for _, code := range s.Codes {
			key := shown{list[s.Font], code}
			ok, known := g.sound[key]
			if !known {
				ok = g.glyph(key.font, code)
				g.sound[key] = ok
			}
			if !ok {
				return false
			}
		}
	}
	return true
}

// glyph compares outline, width and text of one code.
func (g *glyphCheck) glyph(font *readback.Font, code uint16) bool {
	if font == nil {
		return false
	}
	_, name, _ := strings.Cut(font.BaseFont, "+")
	face := g.faces[name]
	if face == nil {
		return false
	}
	original, err := g.original(name, face)
	if err != nil {
		return false
	}
	want, errWant := original.Outline(code)
	got, errGot := font.Outline(code)
	if errWant != nil || errGot != nil || want.Hash() != got.Hash() {
		return false
	}
	em := face.UnitsPerEm()
	if font.Width(code) != float64((face.Advance(code)*1000+em/2)/em) {
		return false
	}
	said, ok := font.Text(code)
	return ok && says(face, code, said)
}

// says reports whether a face draws a text by this glyph.
func says(face *fonts.Face, glyph uint16, text string) bool {
	list := fonts.Clusters(text)
	if len(list) != 1 {
		return false
	}
	id, ok := face.Glyph(list[0].Base, list[0].Selector)
	if !ok && list[0].Base == 0xA0 {
		id, ok = face.Glyph(' ', 0)
	}
	return ok && id == glyph
}

// original is the face as it was released, read by the reader's own code.
func (g *glyphCheck) original(name string, face *fonts.Face) (*readback.TrueType, error) {
	if f := g.parsed[name]; f != nil {
		return f, nil
	}
	var b bytes.Buffer
	if err := face.WriteOriginal(&b); err != nil {
		return nil, fmt.Errorf("read face %s: %w", name, err)
	}
	f, err := readback.ParseTrueType(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("read face %s: %w", name, err)
	}
	g.parsed[name] = f
	return f, nil
}
