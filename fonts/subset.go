package fonts

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// SubsetOptions change what Subset makes.
type SubsetOptions struct {
	// KeepHints keeps the glyphs' instructions and the tables they need.
	// Without them the file is a fifth smaller and the raster the same.
	KeepHints bool
}

// Subset is a TrueType font program with a few glyphs of a face, to be
// embedded in a PDF as FontFile2. Its glyph 0 is a blank .notdef. It has no
// cmap, name or OS/2 table: a CIDFontType2 needs none.
type Subset struct {
	// Program is the font file. It is the same for the same face, options and
	// set of glyphs, in whatever order and however often they were named.
	Program []byte
	face    *Face
	olds    []GlyphID // of glyph i+1, ascending
	hints   bool
}

// Face is the face the glyphs come from.
func (s *Subset) Face() *Face { return s.face }

// NumGlyphs counts the glyphs of the program, .notdef included.
func (s *Subset) NumGlyphs() int { return len(s.olds) + 1 }

// GID returns the number a glyph of the face has in the program.
func (s *Subset) GID(old GlyphID) (uint16, bool) {
	i, ok := slices.BinarySearch(s.olds, old)
	return uint16(i + 1), ok
}

// Old returns the number a glyph of the program has in the face. 0 has none.
func (s *Subset) Old(gid uint16) (GlyphID, bool) {
	if gid == 0 || int(gid) > len(s.olds) {
		return 0, false
	}
	return s.olds[gid-1], true
}

// Tag returns six capital letters for the font's name in a PDF (ISO 32000-1,
// 9.6.4), drawn from the face, the options and the set of glyphs.
func (s *Subset) Tag() string {
	h := sha256.New()
	h.Write(s.face.hash[:])
	b := make([]byte, 0, 2*len(s.olds)+1)
	for _, g := range s.olds {
		b = binary.BigEndian.AppendUint16(b, g)
	}
	if s.hints {
		b = append(b, 1)
	}
	h.Write(b)
	n := binary.BigEndian.Uint64(h.Sum(nil))
	var tag [6]byte
	for i := range tag {
		tag[i] = 'A' + byte(n%26)
		n /= 26
	}
	return string(tag[:])
}

// Subset makes a program without hints; see SubsetWith.
func (f *Face) Subset(glyphs []GlyphID) (*Subset, error) {
	return f.SubsetWith(glyphs, SubsetOptions{})
}

// SubsetWith makes a program of the glyphs named and of those they are made
// of. It refuses glyph 0, numbers the face does not have, and broken glyphs.
func (f *Face) SubsetWith(glyphs []GlyphID, o SubsetOptions) (*Subset, error) {
	olds := slices.Clone(glyphs)
	slices.Sort(olds)
	olds = slices.Compact(olds)
	if len(olds) > 0 && (olds[0] == 0 || int(olds[len(olds)-1]) >= f.count) {
		return nil, fmt.Errorf("subset of %s: %w: glyph 0 or beyond %d", f.name, ErrFormat, f.count-1)
	}
	items, err := f.collect(olds, o.KeepHints)
	if err != nil {
		return nil, fmt.Errorf("subset of %s: %w", f.name, err)
	}
	if len(items) > len(olds) {
		olds = olds[:0]
		for _, it := range items {
			olds = append(olds, it.old)
		}
	}
	s := &Subset{face: f, olds: olds, hints: o.KeepHints}
	s.Program = s.build(items)
	return s, nil
}

// item is a glyph on its way into a subset.
type item struct {
	old  GlyphID
	data table
	layout
}

// collect reads the glyphs and, for composites, those they are made of; the
// result ascends.
func (f *Face) collect(olds []GlyphID, hints bool) ([]item, error) {
	items := make([]item, 0, len(olds))
	for _, g := range olds {
		it, err := f.item(g, hints)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	seen := bitset(nil)
	for i := 0; i < len(items); i++ {
		if items[i].contours >= 0 {
			continue
		}
		if seen == nil {
			seen = newBitset(1 << 16)
			for _, g := range olds {
				seen.set(g)
			}
		}
		parts, _, err := components(items[i].data)
		if err != nil {
			return nil, err
		}
		for _, c := range parts {
			if c.glyph == 0 || int(c.glyph) >= f.count {
				return nil, fmt.Errorf("glyph %d: %w: made of glyph %d", items[i].old, ErrFormat, c.glyph)
			}
			if seen.has(c.glyph) {
				continue
			}
			seen.set(c.glyph)
			it, err := f.item(c.glyph, hints)
			if err != nil {
				return nil, err
			}
			items = append(items, it)
		}
	}
	if len(items) > len(olds) {
		slices.SortFunc(items, func(a, b item) int { return int(a.old) - int(b.old) })
	}
	return items, nil
}

func (f *Face) item(g GlyphID, hints bool) (item, error) {
	read := f.glyphs.bare
	if hints {
		read = f.glyphs.full
	}
	data, err := read(g)
	if err != nil {
		return item{}, err
	}
	l, err := measure(data)
	if err != nil {
		return item{}, fmt.Errorf("glyph %d: %w", g, err)
	}
	if !hints {
		l.end = l.bareEnd()
	}
	return item{g, data, l}, nil
}

// appendTo appends the glyph as it stands in the subset; end is its length
// there.
func (it *item) appendTo(dst []byte, s *Subset) []byte {
	if it.end == 0 {
		return dst
	}
	start := len(dst)
	switch {
	case s.hints:
		dst = append(dst, it.data[:it.end]...)
	case it.contours > 0:
		dst = append(dst, it.data[:it.instrAt-2]...)
		dst = append(dst, 0, 0)
		dst = append(dst, it.data[it.instrTo:it.instrTo+it.end-it.instrAt]...)
	default:
		dst = append(dst, it.data[:it.end]...)
	}
	if it.contours < 0 {
		s.renumber(dst[start:])
	}
	return dst
}

// renumber gives the parts of a composite glyph their new numbers.
func (s *Subset) renumber(d table) {
	parts, _, _ := components(d) // measured before
	for _, c := range parts {
		gid, _ := s.GID(c.glyph)
		binary.BigEndian.PutUint16(d[c.at+2:], gid)
		if !s.hints {
			binary.BigEndian.PutUint16(d[c.at:], c.flags&^compInstructions)
		}
	}
}
