package pdf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jung-kurt/gofpdf"
)

// ErrPrintFile says that a print file is used wrongly: full, closed, or empty.
var ErrPrintFile = errors.New("print file")

// MaxLetters is the most letters one print file takes.
const MaxLetters = 1000

// PrintFile joins the pages of many letters in one PDF with one set of fonts.
// The pages' contents are those of the single files, byte for byte.
type PrintFile struct {
	finish *finisher
	w      io.Writer
	doc    *gofpdf.Fpdf
	first  *Pages
	used   usage
	hashes []string // of all pages
	ids    strings.Builder
	count  int
}

// NewPrintFile begins a file that is written to w by Close.
func (s *Shared) NewPrintFile(w io.Writer) *PrintFile {
	return &PrintFile{finish: newFinisher(s), w: w}
}

// Add appends a letter's pages and returns the number of the first, from 1.
func (pf *PrintFile) Add(p *Pages) (firstPage int, err error) {
	if pf.count == MaxLetters || pf.finish == nil {
		return 0, fmt.Errorf("%w: full or closed", ErrPrintFile)
	}
	if pf.doc == nil {
		pf.doc, pf.first = newDocument(p.date), p
	}
	for _, c := range p.Contents {
		pf.doc.AddPage()
		pf.doc.RawWriteStr(string(c[len(pagePrelude) : len(c)-1]))
	}
	pf.count++
	pf.used.static |= p.static
	pf.used.extras = append(pf.used.extras, p.extras...)
	pf.hashes = append(pf.hashes, p.PageHashes...)
	pf.ids.WriteString(p.ContentHash)
	return len(pf.hashes) - len(p.Contents) + 1, nil
}

// Close finishes the file and writes it. It returns an error, and writes
// nothing, when any page is no longer what was added.
func (pf *PrintFile) Close() error {
	if pf.doc == nil || pf.finish == nil {
		return fmt.Errorf("%w: empty or closed", ErrPrintFile)
	}
	defer func() { pf.finish, pf.doc = nil, nil }()
	var raw taken
	if err := pf.doc.Output(&raw); err != nil {
		return fmt.Errorf("%w: %w", ErrRender, err)
	}
	j := &job{raw: raw, pages: len(pf.hashes), title: pf.first.title, date: pf.first.date,
		id: fileID("print", pf.ids.String()), static: pf.used.static, extras: pf.used.sorted(), check: pf.compare}
	out, err := pf.finish.finish(j)
	if err != nil {
		return err
	}
	_, err = pf.w.Write(out)
	return err
}

// compare holds every page against its hash.
func (pf *PrintFile) compare(contents [][]byte) error {
	for i, c := range contents {
		if h := sha256.Sum256(c); hex.EncodeToString(h[:]) != pf.hashes[i] {
			return fmt.Errorf("%w: page %d changed", ErrPrintFile, i+1)
		}
	}
	return nil
}
