package pdf

import (
	"fmt"
	"strconv"
)

// fontObjects is the number of objects of one font.
const fontObjects = 6

// font writes the six objects of a font: Type0, CIDFont, descriptor, program,
// CIDToGIDMap and ToUnicode.
func (f *file) font(n int, font *fontFile) {
	f.begin(n)
	f.text("<</Type/Font/Subtype/Type0/Encoding/Identity-H/BaseFont/" + font.base)
	f.ref("/DescendantFonts[", n+1)
	f.ref("]/ToUnicode", n+5)
	f.text(">>")
	f.end()
	f.begin(n + 1)
	f.text("<</Type/Font/Subtype/CIDFontType2/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/BaseFont/" + font.base)
	f.ref("/FontDescriptor", n+2)
	f.ref("/CIDToGIDMap", n+4)
	f.text("/DW 1000/W")
	f.out = append(f.out, font.widths...)
	f.text(">>")
	f.end()
	f.descriptor(n+2, n+3, font)
	f.stream(n+3, deflated+"/Length1 "+strconv.Itoa(font.length), font.program)
	f.stream(n+4, deflated, font.gids)
	f.stream(n+5, deflated, font.toUnicode)
}

func (f *file) descriptor(n, program int, font *fontFile) {
	face := font.face
	em := func(v int) int { return v * 1000 / face.UnitsPerEm() }
	b := face.BBox()
	f.begin(n)
	f.out = fmt.Appendf(f.out, "<</Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%d %d %d %d]/ItalicAngle %d/Ascent %d/Descent %d/CapHeight %d/StemV %d",
		font.base, face.Flags(), em(b[0]), em(b[1]), em(b[2]), em(b[3]), int(face.ItalicAngle()),
		em(face.Ascent()), em(face.Descent()), em(face.CapHeight()), face.StemV())
	f.ref("/FontFile2", program)
	f.text(">>")
	f.end()
}
