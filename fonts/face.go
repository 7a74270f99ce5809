package fonts

import (
	"encoding/hex"
	"fmt"
	"io"
)

// GlyphID is a face's own number of a glyph. 0 is .notdef, which this package
// never hands out.
type GlyphID = uint16

// glyphSource gives the bytes of glyphs. Results must not be written to.
type glyphSource interface {
	// full is the glyph as it stands in the original file.
	full(GlyphID) ([]byte, error)
	// bare is the same outline, perhaps already without instructions.
	bare(GlyphID) ([]byte, error)
	// writeOriginal writes the font file as it was released.
	writeOriginal(io.Writer) error
}

// Face is one font. It may be used by several goroutines at once.
type Face struct {
	id      int
	name    string
	hash    [32]byte
	house   bool
	metrics metrics
	glyphs  glyphSource
	loca    locations
	hmtx    table
	longs   int // entries of hmtx with an advance of their own
	count   int
	index   index
	uvs     variations
	pairs   map[uint32]GlyphID
	usable  bitset // of house faces: glyphs that may be drawn; nil = all
	tables  programTables
}

// programTables are the tables a subset copies.
type programTables struct{ head, hhea, maxp, cvt, fpgm, prep table }

// newFace reads everything but the outlines.
func newFace(ts tables, name string, house bool) (*Face, error) {
	f := &Face{house: house, tables: programTables{
		ts["head"], ts["hhea"], ts["maxp"], ts["cvt "], ts["fpgm"], ts["prep"]}}
	if len(f.tables.head) < 54 || len(f.tables.hhea) < 36 || len(f.tables.maxp) < 6 {
		return nil, fmt.Errorf("%w: head, hhea or maxp is missing or short", ErrFormat)
	}
	f.loca = locations{ts["loca"], f.tables.head.i16(50) != 0}
	f.count = min(int(f.tables.maxp.u16(4)), f.loca.count())
	f.hmtx = ts["hmtx"]
	f.longs = min(int(f.tables.hhea.u16(34)), len(f.hmtx)/4, f.count)
	if f.count < 1 || f.longs < 1 {
		return nil, fmt.Errorf("%w: no glyphs or no widths", ErrFormat)
	}
	var err error
	if f.metrics, err = readMetrics(ts); err != nil {
		return nil, err
	}
	f.name = postScriptName(ts["name"], name)
	return f, nil
}

// addCoverage reads cmap and GSUB. It comes after the outlines are known,
// because a house face's broken and blank glyphs do not count as coverage.
func (f *Face) addCoverage(ts tables) error {
	best, err := pickSubtables(ts["cmap"])
	if err != nil {
		return err
	}
	f.index = newIndex(best, f.accepts)
	f.uvs = readVariations(best.format14)
	f.pairs = composedPairs(ts["GSUB"])
	return nil
}

// Name is the PostScript name, for example BIZUDMincho-Regular; ASCII letters,
// digits, "-", "_" and "." only.
func (f *Face) Name() string { return f.name }

// ID is the face's position in its library.
func (f *Face) ID() int { return f.id }

// SHA256 is the hash of the font file as its maker released it.
func (f *Face) SHA256() [32]byte { return f.hash }

// House reports whether the face comes from Options.HouseDir.
func (f *Face) House() bool { return f.house }

// NumGlyphs counts the glyphs, .notdef included.
func (f *Face) NumGlyphs() int { return f.count }

// Advance is a glyph's width in font units; 0 for a number the face has not.
func (f *Face) Advance(g GlyphID) int {
	if int(g) >= f.count {
		return 0
	}
	return int(f.hmtx.u16(4 * min(int(g), f.longs-1)))
}

// bearing is a glyph's left side bearing in font units.
func (f *Face) bearing(g GlyphID) uint16 {
	if int(g) < f.longs {
		return f.hmtx.u16(4*int(g) + 2)
	}
	return f.hmtx.u16(4*f.longs + 2*(int(g)-f.longs))
}

// Glyph looks up a character, or a character and what modifies it: a
// variation selector (cmap format 14) or a combining mark (GSUB ccmp);
// selector 0 means none. A pair the face does not know is not found: it never
// falls back to the bare base. Code points of the private use areas are found
// in house faces only, because only the house knows what it meant by them.
func (f *Face) Glyph(base, selector rune) (GlyphID, bool) {
	g := f.index.lookup(base)
	if selector == 0 {
		return g, g != 0
	}
	if isSelector(selector) {
		g = f.uvs.lookup(base, selector, g)
	} else {
		g = f.pairs[pairKey(g, f.index.lookup(selector))]
	}
	return g, g != 0 && int(g) < f.count && (f.usable == nil || f.usable.has(g))
}

// accepts reports whether glyph g may stand for r.
func (f *Face) accepts(r rune, g GlyphID) bool {
	if g == 0 || int(g) >= f.count || !f.house && isPrivate(r) {
		return false
	}
	if lo, hi := f.loca.span(g); lo == hi {
		return isSpace(r)
	}
	if f.usable == nil || f.usable.has(g) {
		return true
	}
	return isSpace(r) && f.blank(g)
}

// blank reports whether a house face's glyph is sound and has no contours.
func (f *Face) blank(g GlyphID) bool {
	d, err := f.glyphs.bare(g)
	if err != nil {
		return false
	}
	l, err := measure(d)
	return err == nil && l.end == 0
}

// GlyphData returns a glyph's entry of the glyf table as it stands in the
// original file, instructions and padding included; empty for a blank glyph.
// It must not be written to.
func (f *Face) GlyphData(g GlyphID) ([]byte, error) {
	if int(g) >= f.count {
		return nil, fmt.Errorf("glyph %d of %d: %w", g, f.count, ErrFormat)
	}
	return f.glyphs.full(g)
}

// WriteOriginal writes the whole font file as its maker released it.
func (f *Face) WriteOriginal(w io.Writer) error { return f.glyphs.writeOriginal(w) }

// parseHash reads one of the constants of embed.go.
func parseHash(s string) (h [32]byte, err error) {
	n, err := hex.Decode(h[:], []byte(s))
	if err == nil && n != len(h) {
		err = fmt.Errorf("hash of %d bytes", n)
	}
	return h, err
}

// bitset is a set of glyph numbers.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(g GlyphID)      { b[g/64] |= 1 << (g % 64) }
func (b bitset) has(g GlyphID) bool { return int(g/64) < len(b) && b[g/64]>>(g%64)&1 != 0 }
