package pdf

import (
	"fmt"
	"strconv"
)

// file is a PDF being written: objects are numbered first and written in any
// order; every number given out must be written before the end.
type file struct {
	out     []byte
	before  int // bytes of the file that stand before out
	offsets []int
}

// reset begins a file whose first n objects are spoken for.
func (f *file) reset(n int) {
	f.out = append(f.out[:0], "%PDF-1.7\n%\xE5\xBE\xA1\xE7\x9F\xA5\n"...)
	f.before = 0
	f.offsets = append(f.offsets[:0], make([]int, n+1)...)
}

// follow begins the rest of a file of which a part is written already.
func (f *file) follow(head *file) {
	f.out, f.before = f.out[:0], len(head.out)
	f.offsets = append(f.offsets[:0], head.offsets...)
}

// number gives out the next object number.
func (f *file) number() int {
	f.offsets = append(f.offsets, 0)
	return len(f.offsets) - 1
}

// numbers gives out n numbers and returns the first.
func (f *file) numbers(n int) int {
	first := len(f.offsets)
	for range n {
		f.offsets = append(f.offsets, 0)
	}
	return first
}

// begin starts an object.
func (f *file) begin(n int) {
	f.offsets[n] = f.before + len(f.out)
	f.out = append(strconv.AppendInt(f.out, int64(n), 10), " 0 obj\n"...)
}

func (f *file) end() { f.out = append(f.out, "\nendobj\n"...) }

// text, ref and int append to the object being written.
func (f *file) text(s string) { f.out = append(f.out, s...) }

func (f *file) int(n int) { f.out = strconv.AppendInt(f.out, int64(n), 10) }

func (f *file) ref(key string, n int) {
	f.out = append(f.out, key...)
	f.out = append(strconv.AppendInt(append(f.out, ' '), int64(n), 10), " 0 R"...)
}

// stream writes a stream object; dict is its dictionary without Length.
func (f *file) stream(n int, dict string, data []byte) {
	f.begin(n)
	f.text("<<")
	f.text(dict)
	f.text("/Length ")
	f.int(len(data))
	f.text(">>\nstream\n")
	f.out = append(f.out, data...)
	f.text("\nendstream")
	f.end()
}

// deflated names the filter of a compressed stream.
const deflated = "/Filter/FlateDecode"

// finish writes cross-reference table and trailer.
func (f *file) finish(catalog, info int, id [16]byte) error {
	start := f.before + len(f.out)
	f.text("xref\n0 ")
	f.int(len(f.offsets))
	f.text("\n0000000000 65535 f \n")
	for n, at := range f.offsets[1:] {
		if at == 0 {
			return fmt.Errorf("object %d was never written", n+1)
		}
		f.out = appendXref(f.out, at)
	}
	f.text("trailer\n<</Size ")
	f.int(len(f.offsets))
	f.ref("/Root", catalog)
	f.ref("/Info", info)
	f.out = fmt.Appendf(f.out, "/ID[<%[1]X><%[1]X>]>>\nstartxref\n%[2]d\n%%%%EOF\n", id, start)
	return nil
}
