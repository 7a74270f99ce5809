package fonts

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// maxHouseFile bounds a house font. A glyf font of 65,535 glyphs has some
// 50 MB.
const maxHouseFile = 128 << 20

// houseFaces opens the faces of a folder in name order. All refused files are
// named at once.
func houseFaces(dir fs.FS) ([]*Face, error) {
	list, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, fmt.Errorf("read house fonts: %w", err)
	}
	var faces []*Face
	var bad []error
	for _, e := range list {
		if !isFontName(e.Name()) || e.IsDir() {
			continue
		}
		f, err := houseFace(dir, e.Name())
		if err != nil {
			bad = append(bad, fmt.Errorf("house font %s: %w", e.Name(), err))
			continue
		}
		faces = append(faces, f)
	}
	return faces, errors.Join(bad...)
}

// isFontName reports whether a file claims to be a font, usable or not.
func isFontName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".ttf", ".tte", ".otf", ".ttc", ".otc", ".woff", ".woff2":
		return true
	}
	return false
}

func houseFace(dir fs.FS, name string) (*Face, error) {
	switch strings.ToLower(path.Ext(name)) {
	case ".ttf", ".tte":
	default:
		return nil, ErrUnsupported
	}
	file, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxHouseFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxHouseFile {
		return nil, fmt.Errorf("%w: larger than %d MB", ErrFormat, maxHouseFile>>20)
	}
	return parseHouse(data, strings.TrimSuffix(name, path.Ext(name)))
}

// parseHouse opens a font from an unknown maker; name is used where the font
// has none.
func parseHouse(data []byte, name string) (*Face, error) {
	ts, err := flatTables(data)
	if err != nil {
		return nil, err
	}
	if ts["glyf"] == nil || ts["loca"] == nil {
		return nil, fmt.Errorf("%w: no glyf or loca table", ErrUnsupported)
	}
	f, err := newFace(ts, name, true)
	if err != nil {
		return nil, err
	}
	f.glyphs = &flatGlyphs{data, ts["glyf"], f.loca}
	f.hash = sha256.Sum256(data)
	f.findUsable()
	return f, f.addCoverage(ts)
}

// findUsable marks the glyphs that may be drawn. Private character editors
// map whole areas to blank glyphs or to copies of .notdef; those, and glyphs
// that are broken, do not count as coverage, so that their characters are
// reported instead of leaving a hole in a name.
func (f *Face) findUsable() {
	f.usable = newBitset(f.count)
	box, _ := f.glyphs.full(0)
	for i := 1; i < f.count; i++ {
		g := GlyphID(i)
		d, err := f.glyphs.bare(g)
		if err != nil || len(d) == 0 || bytes.Equal(d, box) {
			continue
		}
		if f.drawable(g, d) {
			f.usable.set(g)
		}
	}
}

// drawable reports whether a glyph is sound and not blank.
func (f *Face) drawable(g GlyphID, d table) bool {
	l, err := measure(d)
	if err != nil || l.end == 0 {
		return false
	}
	if l.contours > 0 {
		return true
	}
	path, err := f.Outline(g)
	return err == nil && len(path) > 0
}
