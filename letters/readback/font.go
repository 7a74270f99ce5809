package readback

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Font is a composite font of the form that the renderer writes: Type0 with
// Identity-H, one CIDFontType2 descendant, an embedded TrueType file.
type Font struct {
	BaseFont     string
	CIDToGID     []uint16 // by code; nil = the code is the glyph number
	Widths       map[uint16]float64
	DefaultWidth float64 // of codes without a width; both in 1/1000 of the size
	HasToUnicode bool

	file    []byte
	unicode *unicodeMap
	parsed  *TrueType
	badFace error // why the file could not be parsed
}

// File returns the embedded TrueType file (FontFile2).
func (f *Font) File() []byte { return f.file }

// Text returns what a code says by the ToUnicode map; false when the map does
// not say, or there is none.
func (f *Font) Text(code uint16) (string, bool) {
	if f.unicode == nil {
		return "", false
	}
	return f.unicode.lookup(code)
}

// Texts returns the whole ToUnicode map, code to text, for the codes below
// limit (65536 = all).
func (f *Font) Texts(limit int) map[uint16]string {
	out := make(map[uint16]string)
	for code := 0; code < limit && code < 1<<16; code++ {
		if s, ok := f.Text(uint16(code)); ok {
			out[uint16(code)] = s
		}
	}
	return out
}

// Glyph returns the glyph number that a code shows; 0 is the missing glyph.
func (f *Font) Glyph(code uint16) uint16 {
	if f.CIDToGID == nil {
		return code
	}
	if int(code) >= len(f.CIDToGID) {
		return 0
	}
	return f.CIDToGID[code]
}

// Width returns the advance of a code in 1/1000 of the size.
func (f *Font) Width(code uint16) float64 {
	if w, ok := f.Widths[code]; ok {
		return w
	}
	return f.DefaultWidth
}

// TrueType returns the embedded face, read once.
func (f *Font) TrueType() (*TrueType, error) {
	if f.parsed == nil && f.badFace == nil {
		f.parsed, f.badFace = ParseTrueType(f.file)
	}
	return f.parsed, f.badFace
}

// Outline returns the outline that a code shows.
func (f *Font) Outline(code uint16) (Outline, error) {
	face, err := f.TrueType()
	if err != nil {
		return Outline{}, err
	}
	return face.Outline(f.Glyph(code))
}

// Fonts returns the fonts of page i (from 0) by resource name.
func (d *Document) Fonts(i int) (fonts map[string]*Font, err error) {
	defer guard(&err)
	p, err := d.page(i)
	if err != nil {
		return nil, err
	}
	fonts = make(map[string]*Font)
	for key := range d.getDict(p.resources, "Font") {
		if fonts[key], err = d.font(p.resources, key); err != nil {
			return nil, err
		}
	}
	return fonts, nil
}

// font returns a font of a resource dictionary, read once per file.
func (d *Document) font(resources types.Dict, key string) (*Font, error) {
	o, ok := d.getDict(resources, "Font").Find(key)
	if !ok {
		return nil, malformed("font %q is not in the resources", key)
	}
	ref, indirect := o.(types.IndirectRef)
	if f := d.fonts[ref.ObjectNumber.Value()]; indirect && f != nil {
		return f, nil
	}
	f, err := d.readFont(asDict(d.resolve(o)))
	if err == nil && indirect {
		d.fonts[ref.ObjectNumber.Value()] = f
	}
	return f, err
}

func (d *Document) readFont(dict types.Dict) (*Font, error) {
	f := &Font{BaseFont: d.getName(dict, "BaseFont")}
	if d.getName(dict, "Subtype") != "Type0" || d.getName(dict, "Encoding") != "Identity-H" {
		return nil, notUnderstood("font %q is not Type0 with Identity-H", f.BaseFont)
	}
	kids := d.getArray(dict, "DescendantFonts")
	if len(kids) != 1 {
		return nil, malformed("font %q has %d descendants", f.BaseFont, len(kids))
	}
	cid := asDict(d.resolve(kids[0]))
	if d.getName(cid, "Subtype") != "CIDFontType2" {
		return nil, notUnderstood("font %q is not TrueType", f.BaseFont)
	}
	for _, read := range []func(*Font, types.Dict) error{d.readFile, d.readGlyphMap, d.readWidths} {
		if err := read(f, cid); err != nil {
			return nil, err
		}
	}
	return f, d.readUnicode(f, dict)
}

func (d *Document) readFile(f *Font, cid types.Dict) (err error) {
	o := d.get(d.getDict(cid, "FontDescriptor"), "FontFile2")
	if o == nil {
		return notUnderstood("font %q is not embedded", f.BaseFont)
	}
	f.file, err = d.stream(o)
	return err
}

func (d *Document) readGlyphMap(f *Font, cid types.Dict) error {
	switch o := d.get(cid, "CIDToGIDMap").(type) {
	case nil:
		return nil
	case types.Name:
		if o != "Identity" {
			return malformed("glyph map of font %q", f.BaseFont)
		}
		return nil
	}
	raw, err := d.stream(d.get(cid, "CIDToGIDMap"))
	if err != nil {
		return err
	}
	if len(raw)%2 != 0 || len(raw) > 2<<16 {
		return malformed("glyph map of font %q has %d bytes", f.BaseFont, len(raw))
	}
	f.CIDToGID = make([]uint16, len(raw)/2)
	for i := range f.CIDToGID {
		f.CIDToGID[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return nil
}

// readWidths reads DW and W: "c [w …]" and "first last w" (9.7.4.3).
func (d *Document) readWidths(f *Font, cid types.Dict) error {
	f.DefaultWidth, f.Widths = 1000, make(map[uint16]float64)
	if o := d.get(cid, "DW"); o != nil {
		var ok bool
		if f.DefaultWidth, ok = d.number(o); !ok {
			return malformed("default width of font %q", f.BaseFont)
		}
	}
	w := d.getArray(cid, "W")
	for len(w) > 0 {
		used, ok := d.widthEntry(f, w)
		if !ok {
			return malformed("widths of font %q", f.BaseFont)
		}
		w = w[used:]
	}
	return nil
}

func (d *Document) widthEntry(f *Font, w types.Array) (used int, ok bool) {
	if len(w) < 2 {
		return 0, false
	}
	first, ok := d.number(w[0])
	if !ok || first < 0 {
		return 0, false
	}
	if each, isArray := d.resolve(w[1]).(types.Array); isArray {
		for i, o := range each {
			width, ok := d.number(o)
			if !ok || first+float64(i) > 0xFFFF {
				return 0, false
			}
			f.Widths[uint16(int(first)+i)] = width
		}
		return 2, true
	}
	return 3, d.widthRange(f, first, w)
}

func (d *Document) widthRange(f *Font, first float64, w types.Array) bool {
	if len(w) < 3 {
		return false
	}
	last, okLast := d.number(w[1])
	width, okWidth := d.number(w[2])
	if !okLast || !okWidth || last < first || last > 0xFFFF {
		return false
	}
	for code := int(first); code <= int(last); code++ {
		f.Widths[uint16(code)] = width
	}
	return true
}

func (d *Document) readUnicode(f *Font, dict types.Dict) error {
	o := d.get(dict, "ToUnicode")
	if o == nil {
		return nil
	}
	raw, err := d.stream(o)
	if err != nil {
		return err
	}
	f.unicode, err = parseUnicodeMap(raw)
	f.HasToUnicode = err == nil
	return err
}
