package pdf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"oshirase/letters"
	"oshirase/letters/text"
)

// ErrRender says that drawing failed for another reason than the letter's
// words; the letter is not drawn.
var ErrRender = errors.New("render")

// Input is one letter to be drawn.
type Input struct {
	Doc        text.Document
	LetterID   string // 16 digits
	Generation int
	Channel    letters.Channel
	Barcode    []byte       // 67 bar states 1 to 4, or nil for none
	Date       letters.Date // for the PDF's dates
}

// Pages is a letter laid out and drawn. It stays valid when its renderer goes
// on to other letters.
type Pages struct {
	Contents    [][]byte // the uncompressed content of each page
	ContentHash string   // hex SHA-256 over contents, face hashes and geometry
	PageHashes  []string // hex SHA-256 of each content
	Envelope    string   // naga3, kaku2, or "" for a mail
	Sheets      int

	cuts     [][]int // where each page may be parted in a print file
	title    string
	date     time.Time
	static   uint64
	extras   []extra
	elements []element
	kids     []marked
}

// Renderer draws letters one after the other and reuses its buffers. It must
// not be used by two goroutines at once.
type Renderer struct {
	shared *Shared
	flow   flow
	canvas canvas
	finish *finisher
}

// NewRenderer returns a renderer, one for each worker.
func (s *Shared) NewRenderer() *Renderer {
	r := &Renderer{shared: s, finish: newFinisher(s)}
	r.flow.shared = s
	return r
}

// Pages lays a letter out and draws it. It returns a *HoldError when the
// letter must wait for a person and an error wrapping ErrRender when drawing
// fails; a panic of the libraries below is such an error too.
func (r *Renderer) Pages(in Input) (p *Pages, err error) {
	defer r.caught(&err)
	if err := r.layout(&in); err != nil {
		return nil, err
	}
	if p, err = r.draw(in.Doc.Title, in.Date.Time()); err != nil {
		return nil, err
	}
	p.Envelope = r.envelope(in.Channel)
	return p, nil
}

// caught turns a panic into an error: one letter must not stop a month. The
// panic's text is not repeated, because it could hold a name.
func (r *Renderer) caught(err *error) {
	if x := recover(); x != nil {
		*err = fmt.Errorf("%w: panic of type %T", ErrRender, x)
		*r = *r.shared.NewRenderer()
	}
}

// draw draws what is laid out.
func (r *Renderer) draw(title string, date time.Time) (*Pages, error) {
	raw, err := r.canvas.draw(&r.flow.sheet, date)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRender, err)
	}
	p := &Pages{title: title, date: date, Sheets: r.flow.sheet.used,
		static: r.canvas.used.static, extras: slices.Clone(r.canvas.used.sorted()),
		elements: slices.Clone(r.flow.sheet.elements), kids: slices.Clone(r.canvas.kids)}
	frames, err := readFrame(raw, p.Sheets, stamp(date))
	if err != nil {
		return nil, err
	}
	if p.Contents, p.cuts, err = r.canvas.contents(frames); err != nil {
		return nil, err
	}
	p.hash(r.shared)
	return p, nil
}

// envelope names the envelope for which the letter is laid out: 長形3号 while
// the sheets are folded, 角形2号 beyond that.
func (r *Renderer) envelope(c letters.Channel) string {
	switch {
	case c == letters.Email:
		return ""
	case r.flow.window == r.shared.large:
		return "kaku2"
	}
	return "naga3"
}

// hash fills in page hashes and content hash. The content hash runs over the
// pages' hashes, which stand for their contents.
func (p *Pages) hash(s *Shared) {
	all := make([]byte, 0, 512)
	for _, c := range p.Contents {
		h := sha256.Sum256(c)
		p.PageHashes = append(p.PageHashes, hex.EncodeToString(h[:]))
		all = append(all, h[:]...)
	}
	for _, f := range s.faces.list {
		if p.static>>f.order&1 != 0 || slices.ContainsFunc(p.extras, func(e extra) bool { return e.face == f }) {
			h := f.SHA256()
			all = append(all, h[:]...)
		}
	}
	h := sha256.Sum256(append(all, s.sheetKey...))
	p.ContentHash = hex.EncodeToString(h[:])
}

// Single writes one letter's tagged PDF and returns its hex SHA-256 and size.
func (r *Renderer) Single(p *Pages, w io.Writer) (fileHash string, n int64, err error) {
	out, err := r.finish.finish(p)
	if err != nil {
		return "", 0, err
	}
	for _, part := range [][]byte{out.head.file.out, out.rest} {
		written, err := w.Write(part)
		if n += int64(written); err != nil {
			return "", n, err
		}
	}
	hash, err := out.sum()
	return hash, n, err
}
