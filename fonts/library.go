package fonts

import (
	"fmt"
	"io/fs"
)

// Options say what a library holds besides the faces of the program.
type Options struct {
	// HouseDir holds the house's own faces: every .ttf and .tte, in name
	// order, after the faces of the program. nil means none. Files of other
	// kinds are ignored, fonts of other kinds (.otf, .ttc) refused.
	HouseDir fs.FS
}

// Library is a set of faces. It may be used by several goroutines at once.
type Library struct {
	faces []*Face
	built int // faces of the program
}

// Positions of the program's faces in a library.
const (
	minchoID = iota
	gothicID
	ipamjID
)

// Open reads coverage and metrics of all faces, no outlines. Errors name the
// file and wrap ErrUnsupported or ErrFormat where the file is at fault.
func Open(o Options) (*Library, error) {
	l := &Library{}
	mincho, err := flatFace(minchoFile, minchoSHA256)
	if err != nil {
		return nil, fmt.Errorf("open BIZ UDMincho: %w", err)
	}
	gothic, err := flatFace(gothicFile, gothicSHA256)
	if err != nil {
		return nil, fmt.Errorf("open BIZ UDGothic: %w", err)
	}
	ipamj, err := blockFace(ipamjBlocks)
	if err != nil {
		return nil, fmt.Errorf("open IPAmj Mincho: %w", err)
	}
	l.add(mincho, gothic, ipamj)
	l.built = len(l.faces)
	if o.HouseDir != nil {
		house, err := houseFaces(o.HouseDir)
		if err != nil {
			return nil, err
		}
		l.add(house...)
	}
	return l, nil
}

func (l *Library) add(faces ...*Face) {
	for _, f := range faces {
		f.id = len(l.faces)
		l.faces = append(l.faces, f)
	}
}

// Faces returns all faces, each at the position its ID names.
func (l *Library) Faces() []*Face { return append([]*Face(nil), l.faces...) }

// Body is the chain for text and names: BIZ UDMincho, IPAmj Mincho, house.
func (l *Library) Body() Chain {
	faces := []*Face{l.faces[minchoID], l.faces[ipamjID]}
	return Chain{append(faces, l.faces[l.built:]...)}
}

// Heading is the chain for headings and labels: BIZ UDGothic Bold, then body.
func (l *Library) Heading() Chain {
	return Chain{append([]*Face{l.faces[gothicID]}, l.Body().faces...)}
}

// flatFace opens a face of the program whose file lies in memory as it is.
func flatFace(file []byte, hash string) (*Face, error) {
	ts, err := flatTables(file)
	if err != nil {
		return nil, err
	}
	f, err := newFace(ts, "", false)
	if err != nil {
		return nil, err
	}
	f.glyphs = &flatGlyphs{file, ts["glyf"], f.loca}
	if f.hash, err = parseHash(hash); err != nil {
		return nil, err
	}
	return f, f.addCoverage(ts)
}
