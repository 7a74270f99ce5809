package fonts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrFormat says that a file is no TrueType font this package can use.
var ErrFormat = errors.New("not a usable TrueType font")

// ErrUnsupported says that a file is a font, but of another kind: CFF
// outlines (OTF), a collection (TTC) or a web font (WOFF).
var ErrUnsupported = errors.New("only single TrueType files (.ttf, .tte) with glyf outlines can be used")

// table reads big-endian numbers. What lies outside reads as zero, so that a
// sloppy font gives missing glyphs and never a panic.
type table []byte

func (t table) u16(i int) uint16 {
	if i < 0 || i+2 > len(t) {
		return 0
	}
	return binary.BigEndian.Uint16(t[i:])
}

func (t table) i16(i int) int { return int(int16(t.u16(i))) }

func (t table) u32(i int) uint32 {
	if i < 0 || i+4 > len(t) {
		return 0
	}
	return binary.BigEndian.Uint32(t[i:])
}

func (t table) u24(i int) uint32 {
	if i < 0 || i+3 > len(t) {
		return 0
	}
	return uint32(t[i])<<16 | uint32(t[i+1])<<8 | uint32(t[i+2])
}

// from returns the bytes from offset i on, none when i is outside.
func (t table) from(i int) table {
	if i < 0 || i > len(t) {
		return nil
	}
	return t[i:]
}

// entry is one row of the table directory.
type entry struct {
	tag            string
	offset, length int
}

const (
	dirHeader = 12
	dirEntry  = 16
	maxTables = 256
)

// directory reads the table directory (OpenType specification, "Organization
// of an OpenType Font"). Offsets are not checked here.
func directory(file []byte) ([]entry, error) {
	t := table(file)
	switch v := t.u32(0); v {
	case 0x00010000, 0x74727565: // 1.0, 'true'
	case 0x4F54544F, 0x74746366, 0x774F4646, 0x774F4632: // OTTO, ttcf, wOFF, wOF2
		return nil, ErrUnsupported
	default:
		return nil, fmt.Errorf("%w: unknown version 0x%08x", ErrFormat, v)
	}
	n := int(t.u16(4))
	if n == 0 || n > maxTables || len(file) < dirHeader+n*dirEntry {
		return nil, fmt.Errorf("%w: table directory of %d tables", ErrFormat, n)
	}
	list := make([]entry, n)
	for i := range list {
		p := dirHeader + i*dirEntry
		list[i] = entry{string(t[p : p+4]), int(t.u32(p + 8)), int(t.u32(p + 12))}
	}
	return list, nil
}

// tables maps a tag to its bytes.
type tables map[string]table

// flatTables cuts a whole file into its tables. A table that runs over the
// end of the file is shortened, one that starts behind it is left out.
func flatTables(file []byte) (tables, error) {
	list, err := directory(file)
	if err != nil {
		return nil, err
	}
	ts := make(tables, len(list))
	for _, e := range list {
		if e.offset >= len(file) {
			continue
		}
		end := min(e.offset+e.length, len(file))
		ts[e.tag] = file[e.offset:end:end]
	}
	return ts, nil
}

// flatGlyphs are the outlines of a font that lies in memory as a whole.
type flatGlyphs struct {
	file []byte
	glyf table
	loca locations
}

func (f *flatGlyphs) full(g GlyphID) ([]byte, error) {
	lo, hi := f.loca.span(g)
	if lo == hi {
		return nil, nil
	}
	if lo > hi || hi > len(f.glyf) {
		return nil, fmt.Errorf("glyph %d: %w: outside the glyf table", g, ErrFormat)
	}
	return f.glyf[lo:hi:hi], nil
}

// bare is full: the caller drops the instructions while copying.
func (f *flatGlyphs) bare(g GlyphID) ([]byte, error) { return f.full(g) }

func (f *flatGlyphs) writeOriginal(w io.Writer) error {
	_, err := w.Write(f.file)
	return err
}

// locations is the loca table in either format.
type locations struct {
	raw  table
	long bool
}

// count is the number of glyphs that have a location.
func (l locations) count() int {
	if l.long {
		return len(l.raw)/4 - 1
	}
	return len(l.raw)/2 - 1
}

// span gives a glyph's first byte and the byte after its last in glyf.
func (l locations) span(g GlyphID) (lo, hi int) {
	if l.long {
		return int(l.raw.u32(4 * int(g))), int(l.raw.u32(4*int(g) + 4))
	}
	return 2 * int(l.raw.u16(2*int(g))), 2 * int(l.raw.u16(2*int(g)+2))
}
