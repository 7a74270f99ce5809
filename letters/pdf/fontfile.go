package pdf

import (
	"fmt"
	"slices"
	"strconv"

	"oshirase/fonts"
)

// fontFile is one font resource ready to be written: the subset program and
// the maps that lead from the face's glyph numbers to it. All streams are
// zlib streams.
type fontFile struct {
	face      *face
	resource  string // M0, M1 …
	base      string // subset tag and PostScript name
	program   []byte
	length    int // of the program uncompressed
	gids      []byte
	toUnicode []byte
	widths    []byte
}

// fontMaker builds font files; its buffers are used again and again.
type fontMaker struct {
	deflater
	buf    []byte
	glyphs []fonts.GlyphID
}

// make builds the font file of one face from its extras, which are sorted.
func (m *fontMaker) make(resource string, list []extra) (*fontFile, error) {
	f := list[0].face
	m.glyphs = m.glyphs[:0]
	for _, e := range list {
		if e.id == 0 {
			return nil, fmt.Errorf("font %s: glyph 0 for U+%04X", resource, []rune(e.text))
		}
		m.glyphs = append(m.glyphs, e.id)
	}
	m.glyphs = slices.Compact(m.glyphs)
	sub, err := f.Subset(m.glyphs)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", resource, err)
	}
	out := &fontFile{face: f, resource: resource, base: sub.Tag() + "+" + f.Name(), length: len(sub.Program)}
	if out.program, err = m.small(sub.Program); err != nil {
		return nil, err
	}
	if out.gids, err = m.gidMap(sub); err != nil {
		return nil, fmt.Errorf("font %s: %w", resource, err)
	}
	m.buf = appendToUnicode(m.buf[:0], list)
	if out.toUnicode, err = m.small(m.buf); err != nil {
		return nil, err
	}
	out.widths = appendWidths(nil, f, m.glyphs)
	return out, nil
}

// stream compresses data into bytes of their own.
func (m *fontMaker) stream(data []byte) ([]byte, error) {
	packed, err := m.pack(data)
	return slices.Clone(packed), err
}

// small is stream, but spares what a few glyphs need the compression.
func (m *fontMaker) small(data []byte) ([]byte, error) {
	if len(data) < storedBelow && m.level == fastLevel {
		return store(nil, data), nil
	}
	return m.stream(data)
}

// gidMap is the CIDToGIDMap: two bytes a glyph number of the face.
func (m *fontMaker) gidMap(sub *fonts.Subset) ([]byte, error) {
	size := 2 * (int(m.glyphs[len(m.glyphs)-1]) + 1)
	m.buf = slices.Grow(m.buf[:0], size)[:size]
	clear(m.buf)
	for _, g := range m.glyphs {
		gid, ok := sub.GID(g)
		if !ok || gid == 0 {
			return nil, fmt.Errorf("glyph %d is not in the subset", g)
		}
		at := 2 * int(g) // beyond 16 bits in a large face
		m.buf[at], m.buf[at+1] = byte(gid>>8), byte(gid)
	}
	return m.stream(m.buf)
}

// appendWidths writes the W array: only widths other than one em, runs of
// consecutive glyphs together.
func appendWidths(b []byte, f *face, glyphs []fonts.GlyphID) []byte {
	b = append(b, '[')
	last, open := -2, false
	for _, g := range glyphs {
		w := f.widths[g]
		if w == 1000 {
			continue
		}
		if int(g) != last+1 || !open {
			if open {
				b = append(b, ']')
			}
			b = append(strconv.AppendInt(b, int64(g), 10), '[')
			open = true
		} else {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(w), 10)
		last = int(g)
	}
	if open {
		b = append(b, ']')
	}
	return append(b, ']')
}

const toUnicodeHead = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
	"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
	"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
	"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"

const toUnicodeTail = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"

// appendToUnicode writes the map from glyph numbers back to text, at most 100
// entries a block (ISO 32000-1, 9.10.3): the glyph's own character, or what it
// was used for where it has none.
func appendToUnicode(b []byte, list []extra) []byte {
	b = append(b, toUnicodeHead...)
	list = slices.CompactFunc(slices.Clone(list), func(a, b extra) bool { return a.id == b.id })
	for block := range slices.Chunk(list, 100) {
		b = append(strconv.AppendInt(b, int64(len(block)), 10), " beginbfchar\n"...)
		for _, e := range block {
			text := e.text
			if r := e.face.plain[e.id]; r != 0 {
				text = string(r)
			}
			b = append(appendHex(append(b, '<'), e.id), "> <"...)
			b = append(appendUTF16(b, text), ">\n"...)
		}
		b = append(b, "endbfchar\n"...)
	}
	return append(b, toUnicodeTail...)
}
