package readback

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// builder writes small PDFs by hand, object by object, with an ordinary
// cross-reference table.
type builder struct {
	objects [][]byte
	info    int
}

func (b *builder) add(object string) int {
	b.objects = append(b.objects, []byte(object))
	return len(b.objects)
}

func (b *builder) stream(entries string, data []byte, packed bool) int {
	if packed {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(data)
		w.Close()
		data, entries = z.Bytes(), entries+" /Filter /FlateDecode"
	}
	return b.add(fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(data), entries, data))
}

// place returns the number of the object added n places later.
func (b *builder) place(n int) int { return len(b.objects) + n }

func (b *builder) finish(root int) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(b.objects))
	for i, o := range b.objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	info := ""
	if b.info > 0 {
		info = fmt.Sprintf(" /Info %d 0 R", b.info)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root %d 0 R%s >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, root, info, start)
	return out.Bytes()
}

// glyph numbers of tinyFace.
const (
	glyphBox = iota
	glyphSquare
	glyphTriangle
	glyphBoth // composite: square, and the triangle at half size, moved
	glyphSpace
	tinyGlyphs
)

// tinyFace is a TrueType file of five glyphs, 1000 units per em.
func tinyFace() []byte {
	square := simple([][][2]int16{{{0, 0}, {500, 0}, {500, 500}, {0, 500}}})
	triangle := simple([][][2]int16{{{0, 0}, {400, 0}, {200, 600}}})
	both := words(-1, 0, 0, 0, 0,
		argsAreXY|argsAreWords|moreComponents, glyphSquare, 0, 0,
		argsAreXY|argsAreWords|haveScale, glyphTriangle, 100, 50, 1<<13)
	return face([][]byte{simple(nil), square, triangle, both, nil})
}

func words(values ...int) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// simple writes a simple glyph with full coordinates, all points on the curve.
func simple(contours [][][2]int16) []byte {
	b := words(len(contours), 0, 0, 0, 0)
	n := 0
	for _, c := range contours {
		n += len(c)
		b = append(b, words(n-1)...)
	}
	b = append(b, words(0)...)
	b = append(b, bytes.Repeat([]byte{1}, n)...)
	for axis := range 2 {
		last := int16(0)
		for _, c := range contours {
			for _, p := range c {
				b = append(b, words(int(p[axis]-last))...)
				last = p[axis]
			}
		}
	}
	return append(b, make([]byte, len(b)%2)...)
}

func face(glyphs [][]byte) []byte {
	var glyf, loca, hmtx []byte
	for i, g := range glyphs {
		loca = append(loca, words(len(glyf)/2)...)
		glyf = append(glyf, g...)
		hmtx = append(hmtx, words(500+i, 0)...)
	}
	loca = append(loca, words(len(glyf)/2)...)
	head := make([]byte, 54)
	copy(head[18:], words(1000))
	maxp := append([]byte{0, 1, 0, 0}, words(len(glyphs))...)
	hhea := append(make([]byte, 34), words(len(glyphs))...)
	return sfnt([]string{"glyf", "head", "hhea", "hmtx", "loca", "maxp"}, [][]byte{glyf, head, hhea, hmtx, loca, maxp})
}

func sfnt(tags []string, tables [][]byte) []byte {
	out := append([]byte{0, 1, 0, 0}, words(len(tags), 0, 0, 0)...)
	at := 12 + 16*len(tags)
	var body []byte
	for i, tag := range tags {
		out = append(out, tag...)
		out = binary.BigEndian.AppendUint32(out, 0)
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(tables[i])))
		body = append(body, tables[i]...)
		body = append(body, make([]byte, (4-len(tables[i])%4)%4)...)
	}
	return append(out, body...)
}

// codes used in the hand-written files, each with its glyph and its text.
var sampleCodes = []struct {
	code, glyph uint16
	text        string
}{
	{0x0102, glyphSquare, "電"},
	{0x0203, glyphTriangle, "𠮷"},       // beyond 16 bits: a surrogate pair
	{0x0304, glyphBoth, "葛\U000E0103"}, // base and variation selector
	{0x0405, glyphSquare, "ffi"},       // one glyph, three characters
	{0x0506, glyphSpace, "\u3000"},
}

// toUnicode writes a map of bfchar entries as the renderer does.
func toUnicode(extra string) string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n")
	fmt.Fprintf(&b, "%d beginbfchar\n", len(sampleCodes))
	for _, c := range sampleCodes {
		fmt.Fprintf(&b, "<%04X> <%s>\n", c.code, utf16Hex(c.text))
	}
	b.WriteString("endbfchar\n" + extra + "endcmap end end\n")
	return b.String()
}

func utf16Hex(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 0x10000 {
			r -= 0x10000
			fmt.Fprintf(&b, "%04X%04X", 0xD800+r>>10, 0xDC00+r&0x3FF)
			continue
		}
		fmt.Fprintf(&b, "%04X", r)
	}
	return b.String()
}

// sample is a hand-written document: its pages' contents and its font parts.
type sample struct {
	contents  []string
	unicode   string // "" = no ToUnicode
	packed    bool
	resources string // further resources
	page      string // further entries of each page
	catalog   string // further entries of the catalog
	extra     []string
}

// glyphMap is the CIDToGIDMap of sampleCodes.
func glyphMap() []byte {
	m := make([]byte, 2*0x0600)
	for _, c := range sampleCodes {
		binary.BigEndian.PutUint16(m[2*int(c.code):], c.glyph)
	}
	return m
}

func (s sample) build() []byte {
	b := &builder{}
	for _, o := range s.extra { // numbers 1, 2 …, so that resources can name them
		b.add(o)
	}
	font := b.font(s)
	pages := b.place(2*len(s.contents) + 1)
	var kids []string
	for _, c := range s.contents {
		content := b.stream("", []byte(c), s.packed)
		entry := fmt.Sprintf("/Contents %d 0 R", content)
		if strings.Contains(s.page, "/Contents") {
			entry = ""
		}
		kid := b.add(fmt.Sprintf("<< /Type /Page /Parent %d 0 R %s %s >>", pages, entry, s.page))
		kids = append(kids, fmt.Sprintf("%d 0 R", kid))
	}
	b.add(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 595.28 841.89] /Resources << /Font << /F0 %d 0 R >> %s >> >>",
		len(kids), strings.Join(kids, " "), font, s.resources))
	b.info = b.add("<< /Title <FEFF304A77E53089305B> /Producer (oshirase \\(test\\)) >>")
	return b.finish(b.add(fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang (ja-JP) %s >>", pages, s.catalog)))
}

func (b *builder) font(s sample) int {
	file := b.stream(fmt.Sprintf("/Length1 %d", len(tinyFace())), tinyFace(), s.packed)
	gids := b.stream("", glyphMap(), s.packed)
	descriptor := b.add(fmt.Sprintf("<< /Type /FontDescriptor /FontName /TEST+Tiny /Flags 4 /FontBBox [0 0 500 600] /ItalicAngle 0 /Ascent 600 /Descent 0 /CapHeight 600 /StemV 80 /FontFile2 %d 0 R >>", file))
	cid := b.add(fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /TEST+Tiny /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /CIDToGIDMap %d 0 R /DW 1000 /W [258 [500] 515 772 400] >>", descriptor, gids))
	unicode := ""
	if s.unicode != "" {
		unicode = fmt.Sprintf("/ToUnicode %d 0 R", b.stream("", []byte(s.unicode), s.packed))
	}
	return b.add(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /TEST+Tiny /Encoding /Identity-H /DescendantFonts [%d 0 R] %s >>", cid, unicode))
}

func open(t testing.TB, file []byte) *Document {
	t.Helper()
	d, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pdftotext is the second opinion on what a PDF says.
func pdftotext(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-enc", "UTF-8", "-raw", path, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext (package poppler-utils): %v", err)
	}
	return string(out)
}

// squeeze leaves out white space: programs differ in what they make of gaps.
func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\f", " ")), "")
}
