package pdf

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// finisher turns gofpdf's output into the finished file.
type finisher struct {
	shared *Shared
	file   file
	pages  deflater
	fonts  fontMaker
}

func newFinisher(s *Shared) *finisher {
	return &finisher{shared: s, pages: deflater{level: fastLevel}, fonts: fontMaker{deflater: deflater{level: fastLevel}}}
}

// job is what a file is finished from. elements is nil where the file has
// no structure tree.
type job struct {
	raw      []byte // gofpdf's output
	pages    int
	title    string
	date     time.Time
	id       [32]byte
	static   uint64
	extras   []extra // sorted
	elements []element
	kids     []marked
	check    func(contents [][]byte) error // nil = none
}

// finish checks gofpdf's output and writes the file into the finisher's
// buffer, which is valid until the next call.
func (f *finisher) finish(j *job) ([]byte, error) {
	contents, err := readFrame(j.raw, j.pages, stamp(j.date))
	if err != nil {
		return nil, err
	}
	if j.check != nil {
		if err := j.check(contents); err != nil {
			return nil, err
		}
	}
	list, err := f.fontFiles(j)
	if err != nil {
		return nil, err
	}
	catalog := 2*j.pages + 4
	f.file.reset(catalog)
	f.file.out = slices.Grow(f.file.out, len(j.raw)/4)
	if err := f.writePages(contents, j.elements != nil); err != nil {
		return nil, err
	}
	f.writeFonts(list)
	if err := f.writeCatalog(j, catalog); err != nil {
		return nil, err
	}
	return f.file.out, f.file.finish(catalog, catalog-1, [16]byte(j.id[:16]))
}

// fontFiles lists the static fonts in use and makes those of the extras.
func (f *finisher) fontFiles(j *job) ([]*fontFile, error) {
	var list []*fontFile
	for order, static := range f.shared.static {
		if j.static>>order&1 != 0 {
			list = append(list, static)
		}
	}
	for _, extras := range byFace(j.extras) {
		made, err := f.fonts.make(extras[0].face.name+"1", extras)
		if err != nil {
			return nil, err
		}
		list = append(list, made)
	}
	return list, nil
}

// writePages writes page objects, contents and the page root under the
// numbers that gofpdf gave them.
func (f *finisher) writePages(contents [][]byte, tagged bool) error {
	w := &f.file
	for i, c := range contents {
		n := 3 + 2*i
		w.begin(n)
		w.ref("<</Type/Page/Parent 1 0 R/Resources 2 0 R/Contents", n+1)
		if tagged {
			w.text("/Tabs/S/StructParents ")
			w.int(i)
		}
		w.text(">>")
		w.end()
		packed, err := f.pages.pack(c)
		if err != nil {
			return err
		}
		w.stream(n+1, deflated, packed)
	}
	w.begin(1)
	w.text("<</Type/Pages/Kids[")
	for i := range contents {
		w.int(3 + 2*i)
		w.text(" 0 R ")
	}
	w.text("]/Count ")
	w.int(len(contents))
	w.text(frameBox + ">>")
	w.end()
	return nil
}

// writeFonts writes the resource dictionary and all fonts.
func (f *finisher) writeFonts(list []*fontFile) {
	w := &f.file
	first := len(w.offsets)
	for range 6 * len(list) {
		w.number()
	}
	w.begin(2)
	w.text("<</ProcSet[/PDF/Text]/Font<<")
	for i, font := range list {
		w.ref("/"+font.resource, first+6*i)
	}
	w.text(">>>>")
	w.end()
	for i, font := range list {
		w.font(first+6*i, font)
	}
}

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
	f.text(fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%d %d %d %d]/ItalicAngle %d/Ascent %d/Descent %d/CapHeight %d/StemV %d",
		font.base, face.Flags(), em(b[0]), em(b[1]), em(b[2]), em(b[3]), int(face.ItalicAngle()),
		em(face.Ascent()), em(face.Descent()), em(face.CapHeight()), face.StemV()))
	f.ref("/FontFile2", program)
	f.text(">>")
	f.end()
}

// writeCatalog writes metadata, output intent, structure tree, Info and
// catalog.
func (f *finisher) writeCatalog(j *job, n int) error {
	w := &f.file
	meta, icc := w.number(), w.number()
	packet, err := xmp(j.title, f.shared.config.Lang, j.date)
	if err != nil {
		return err
	}
	w.stream(meta, "/Type/Metadata/Subtype/XML", packet)
	w.stream(icc, deflated+"/N 3/Alternate/DeviceRGB", f.shared.icc)
	root := 0
	if j.elements != nil {
		root = w.writeTree(j.elements, j.kids, j.pages)
	}
	w.object(n-1, string(info(j.title, j.date)))
	w.begin(n)
	w.text("<</Type/Catalog/Pages 1 0 R/Lang(" + f.shared.config.Lang + ")/ViewerPreferences<</DisplayDocTitle true>>")
	w.ref("/Metadata", meta)
	w.text("/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)")
	w.ref("/DestOutputProfile", icc)
	w.text(">>]")
	if root != 0 {
		w.ref("/MarkInfo<</Marked true>>/StructTreeRoot", root)
	}
	w.text(">>")
	w.end()
	return nil
}

// fileID is the document ID of a file: a hash of what it holds and what it is.
func fileID(kind, content string) [32]byte { return sha256.Sum256([]byte(kind + content)) }
