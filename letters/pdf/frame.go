package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// ErrFrame says that gofpdf's output is not of the form that the finishing
// step relies on. No file is made from it.
var ErrFrame = errors.New("gofpdf output is not of the expected form")

// pagePrelude is what gofpdf v1.16.2 writes at the head of each page.
const pagePrelude = "0 J\n0 j\n0.57 w\n0.000 G\n0.000 g\n"

// frameInfo is the Info dictionary and catalog that newDocument asks for.
const frameInfo = "<<\n/Producer (oshirase)\n/CreationDate (D:%s)\n/ModDate (D:%s)\n>>\nendobj\n"

const (
	frameResources = "<<\n/ProcSet [/PDF /Text /ImageB /ImageC /ImageI]\n/Font <<\n>>\n" +
		"/XObject <<\n>>\n/ColorSpace <<\n>>\n>>\nendobj\n"
	frameCatalog = "<<\n/Type /Catalog\n/Pages 1 0 R\n/Names <<\n/EmbeddedFiles << /Names [\n  \n] >>\n>>\n>>\nendobj\n"
	frameBox     = "/MediaBox [0 0 595.28 841.89]"
)

// frame reads gofpdf's output from front to back and accepts nothing but the
// expected bytes.
type frame struct {
	raw     []byte
	at      int
	offsets []int // by object number
	err     error
}

// readFrame checks the whole output of a document of n pages and returns the
// content of each page, which aliases raw.
func readFrame(raw []byte, n int, stamp string) ([][]byte, error) {
	f := frame{raw: raw, offsets: make([]int, 2*n+5)}
	f.expect("%PDF-1.3\n")
	contents := make([][]byte, 0, n)
	for i := range n {
		contents = append(contents, f.page(3+2*i))
	}
	f.pagesRoot(n)
	f.object(2)
	f.expect(frameResources)
	f.object(2*n + 3)
	f.expect(fmt.Sprintf(frameInfo, stamp, stamp))
	f.object(2*n + 4)
	f.expect(frameCatalog)
	f.table(2*n + 4)
	return contents, f.err
}

// expect consumes exactly s.
func (f *frame) expect(s string) {
	if f.err != nil {
		return
	}
	if len(f.raw)-f.at < len(s) || string(f.raw[f.at:f.at+len(s)]) != s {
		f.err = fmt.Errorf("%w: at byte %d", ErrFrame, f.at)
		return
	}
	f.at += len(s)
}

// number consumes a decimal number and what follows it.
func (f *frame) number(after string) int {
	end := f.at
	for end < len(f.raw) && end < f.at+9 && f.raw[end] >= '0' && f.raw[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(f.raw[f.at:end]))
	if f.err == nil && err != nil {
		f.err = fmt.Errorf("%w: no number at byte %d", ErrFrame, f.at)
	}
	f.at = end
	f.expect(after)
	return n
}

// object notes where an object starts.
func (f *frame) object(n int) {
	f.offsets[n] = f.at
	f.expect(strconv.Itoa(n) + " 0 obj\n")
}

// page reads a page object and its content.
func (f *frame) page(n int) []byte {
	f.object(n)
	f.expect("<</Type /Page\n/Parent 1 0 R\n/Resources 2 0 R\n/Contents " + strconv.Itoa(n+1) + " 0 R>>\nendobj\n")
	f.object(n + 1)
	f.expect("<</Length ")
	size := f.number(">>\nstream\n")
	if f.err == nil && size > len(f.raw)-f.at {
		f.err = fmt.Errorf("%w: stream of %d bytes at byte %d", ErrFrame, size, f.at)
	}
	if f.err != nil {
		return nil
	}
	content := f.raw[f.at : f.at+size : f.at+size]
	f.at += size
	f.expect("\nendstream\nendobj\n")
	if !bytes.HasPrefix(content, []byte(pagePrelude)) && f.err == nil {
		f.err = fmt.Errorf("%w: page %d starts differently", ErrFrame, n)
	}
	return content
}

// pagesRoot reads object 1.
func (f *frame) pagesRoot(n int) {
	f.object(1)
	kids := []byte("<</Type /Pages\n/Kids [")
	for i := range n {
		kids = append(strconv.AppendInt(kids, int64(3+2*i), 10), " 0 R "...)
	}
	f.expect(string(kids) + "]\n/Count " + strconv.Itoa(n) + "\n" + frameBox + "\n>>\nendobj\n")
}

// table reads cross-reference table and trailer, and compares every offset.
func (f *frame) table(last int) {
	start := f.at
	f.expect("xref\n0 " + strconv.Itoa(last+1) + "\n0000000000 65535 f \n")
	for n := 1; n <= last && f.err == nil; n++ {
		f.expect(string(appendXref(nil, f.offsets[n])))
	}
	f.expect(fmt.Sprintf("trailer\n<<\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n>>\nstartxref\n%d\n%%%%EOF\n",
		last+1, last, last-1, start))
	if f.err == nil && f.at != len(f.raw) {
		f.err = fmt.Errorf("%w: %d bytes after the end", ErrFrame, len(f.raw)-f.at)
	}
}

// appendXref writes one 20-byte row of a cross-reference table.
func appendXref(b []byte, offset int) []byte {
	for div := 1_000_000_000; div > 0; div /= 10 {
		b = append(b, byte('0'+offset/div%10))
	}
	return append(b, " 00000 n \n"...)
}
