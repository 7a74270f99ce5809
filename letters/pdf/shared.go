package pdf

import (
	"errors"
	"fmt"
	"sync"

	"oshirase/fonts"
	"oshirase/letters"
	"oshirase/letters/text"
)

// ErrConfig says that the engine cannot be built from its configuration.
var ErrConfig = errors.New("drawing engine")

// Config is what all letters of a month have in common.
type Config struct {
	Library *fonts.Library
	Sheet   letters.Sheet
	// TemplateText is the fixed text of the wording. Its glyphs form the
	// static subsets: they decide, in every file alike, which font resource a
	// glyph is shown through.
	TemplateText []string
	// HeadingText is what of it is set in heavy type; nil = all of it may be.
	HeadingText     []string
	TemplateVersion string
	Lang            string // BCP 47; ja
}

// Shared is built once per process and safe for concurrent use.
type Shared struct {
	config   Config
	body     chain
	heading  chain
	faces    *faceSet
	static   []*fontFile    // by face.order; nil = nothing static
	geometry *sheetGeometry // of the folded sheet
	large    *sheetGeometry // of the sheet that lies flat in the large envelope
	matrices *matrixMaker
	icc      []byte // compressed
	sheetKey string

	headsMu sync.Mutex
	heads   map[uint64]*head // by the static fonts in them
}

// alwaysStatic are characters of numbers, dates, IDs and page marks.
const alwaysStatic = "0123456789-/,. 〒"

// NewShared cuts and compresses the static subsets. It returns ErrConfig when
// the sheet is not A4, or the template text has a character no face has.
func NewShared(cfg Config) (*Shared, error) {
	if cfg.Library == nil || cfg.Sheet.Width != 210 || cfg.Sheet.Height != 297 {
		return nil, fmt.Errorf("%w: fonts and an A4 sheet are needed", ErrConfig)
	}
	if cfg.Lang == "" {
		cfg.Lang = "ja"
	}
	s := &Shared{config: cfg, body: chain{Chain: cfg.Library.Body()}, heading: chain{Chain: cfg.Library.Heading()},
		geometry: newGeometry(cfg.Sheet), large: newGeometry(cfg.Sheet.Large()), matrices: newMatrixMaker(), heads: map[uint64]*head{}}
	s.faces = newFaceSet(s.body.Chain, s.heading.Chain)
	s.sheetKey = fmt.Sprintf("%+v", cfg.Sheet)
	m := &fontMaker{deflater: deflater{level: bestLevel}}
	if err := s.cutStatic(m); err != nil {
		return nil, err
	}
	s.body.fill(s.faces)
	s.heading.fill(s.faces)
	var err error
	s.icc, err = m.stream(profile)
	return s, err
}

// cutStatic makes the static subset of every face that the template text
// reaches, in body and in heading type.
func (s *Shared) cutStatic(m *fontMaker) error {
	sh := shaper{shared: s}
	var used usage
	cut := func(texts []string, heading bool) {
		for _, t := range append([]string{alwaysStatic}, texts...) {
			sh.reset()
			sh.shape([]text.Inline{{Text: t}}, &style{size: bodySize, heading: heading})
			for _, g := range sh.glyphs {
				used.extras = append(used.extras, extra{g.face, g.id, g.text})
			}
		}
	}
	heavy := s.config.HeadingText
	if heavy == nil {
		heavy = s.config.TemplateText
	}
	cut(s.config.TemplateText, false)
	cut(heavy, true)
	if err := sh.missing.hold(); err != nil {
		return fmt.Errorf("%w: template text: %w", ErrConfig, err)
	}
	s.static = make([]*fontFile, len(s.faces.list))
	for _, list := range byFace(used.sorted()) {
		f := list[0].face
		made, err := m.make(f.name+"0", list)
		if err != nil {
			return err
		}
		s.static[f.order] = made
	}
	for _, e := range used.extras {
		e.face.setStatic(e.id)
	}
	return nil
}

// byFace cuts sorted extras into one list a face.
func byFace(list []extra) [][]extra {
	var out [][]extra
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].face == list[0].face {
			n++
		}
		out = append(out, list[:n])
		list = list[n:]
	}
	return out
}
