package readback

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
)

// The library repairs broken files where it can. That helps a reader and
// harms a check: a cut file must not pass for a whole one. So the frame of the
// file is looked at first: header, end, and a cross-reference table of which
// every entry leads to its object.

var (
	endOfFile   = regexp.MustCompile(`startxref\s+(\d{1,10})\s+%%EOF\s*$`)
	objectHead  = regexp.MustCompile(`^(\d{1,10}) (\d{1,5}) obj\b`)
	tableEntry  = regexp.MustCompile(`^(\d{10}) (\d{5}) ([nf])[ \r\n]{2}$`)
	sectionHead = regexp.MustCompile(`^\s*(\d{1,10}) (\d{1,10})\s*?\r?\n`)
)

const (
	tailLen  = 1024
	entryLen = 20 // bytes of an entry of the table (7.5.4)
)

// checkFrame refuses files that are cut, changed after they were written, or
// whose table does not lead to the objects.
func checkFrame(r io.ReaderAt, size int64) error {
	if head := piece(r, 0, size, 8); !bytes.HasPrefix(head, []byte("%PDF-")) {
		return malformed("no PDF header")
	}
	end := endOfFile.FindSubmatch(piece(r, max(0, size-tailLen), size, tailLen))
	if end == nil {
		return malformed("the end of the PDF is missing")
	}
	start, err := strconv.ParseInt(string(end[1]), 10, 64)
	if err != nil || start >= size {
		return malformed("cross-reference table")
	}
	table := piece(r, start, size, size-start)
	rest, found := bytes.CutPrefix(table, []byte("xref"))
	if !found {
		return notUnderstood("cross-reference stream")
	}
	return checkSections(r, size, rest)
}

// checkSections walks the sections of the table up to the trailer.
func checkSections(r io.ReaderAt, size int64, table []byte) error {
	for {
		head := sectionHead.FindSubmatch(table)
		if head == nil {
			break
		}
		table = table[len(head[0]):]
		first, _ := strconv.Atoi(string(head[1]))
		count, _ := strconv.Atoi(string(head[2]))
		if count > len(table)/entryLen {
			return malformed("cross-reference table")
		}
		for i := range count {
			if err := checkEntry(r, size, first+i, table[i*entryLen:(i+1)*entryLen]); err != nil {
				return err
			}
		}
		table = table[count*entryLen:]
	}
	trailer, found := bytes.CutPrefix(bytes.TrimSpace(table), []byte("trailer"))
	switch {
	case !found:
		return malformed("trailer")
	case bytes.Contains(trailer, []byte("/Prev")) || bytes.Contains(trailer, []byte("/XRefStm")):
		return notUnderstood("file that was changed after it was written")
	case bytes.Contains(trailer, []byte("/Encrypt")):
		return notUnderstood("encrypted PDF")
	}
	return nil
}

// checkEntry holds one entry of the table against what stands at its place.
func checkEntry(r io.ReaderAt, size int64, number int, entry []byte) error {
	m := tableEntry.FindSubmatch(entry)
	if m == nil {
		return malformed("entry %d of the cross-reference table", number)
	}
	if m[3][0] == 'f' {
		return nil
	}
	at, _ := strconv.ParseInt(string(m[1]), 10, 64)
	head := objectHead.FindSubmatch(piece(r, at, size, 24))
	if head == nil || string(head[1]) != strconv.Itoa(number) {
		return malformed("object %d is not where the cross-reference table says", number)
	}
	return nil
}

// piece reads up to n bytes from at; what cannot be read is left out.
func piece(r io.ReaderAt, at, size, n int64) []byte {
	b := make([]byte, max(0, min(n, size-at)))
	got, _ := r.ReadAt(b, at)
	return b[:got]
}
