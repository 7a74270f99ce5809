package pdf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrPrintFile says that a print file is used wrongly: full, closed, or empty.
var ErrPrintFile = errors.New("print file")

// MaxLetters is the most letters one print file takes.
const MaxLetters = 1000

// PrintFile joins the pages of many letters in one PDF with one set of fonts.
// The pages' contents are those of the single files, byte for byte; what many
// of them have in common stands in the file once.
type PrintFile struct {
	finish *finisher
	w      io.Writer
	first  *Pages
	used   usage
	parts  parts
	hashes []string // of all pages
	ids    strings.Builder
	count  int
}

// NewPrintFile begins a file that is written to w by Close.
func (s *Shared) NewPrintFile(w io.Writer) *PrintFile {
	return &PrintFile{finish: newFinisher(s), w: w, parts: newParts()}
}

// Add appends a letter's pages and returns the number of the first, from 1.
// It keeps nothing of p.
func (pf *PrintFile) Add(p *Pages) (firstPage int, err error) {
	if pf.count == MaxLetters || pf.finish == nil {
		return 0, fmt.Errorf("%w: full or closed", ErrPrintFile)
	}
	if pf.first == nil {
		pf.first = &Pages{title: p.title, date: p.date}
	}
	for i, c := range p.Contents {
		pf.parts.page(c, p.cuts[i])
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
	if pf.first == nil || pf.finish == nil {
		return fmt.Errorf("%w: empty or closed", ErrPrintFile)
	}
	out, err := pf.close()
	pf.finish = nil
	if err != nil {
		return err
	}
	for _, part := range [][]byte{out.head.file.out, out.rest} {
		if _, err := pf.w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func (pf *PrintFile) close() (finished, error) {
	f, w := pf.finish, &pf.finish.file
	if err := pf.compare(); err != nil {
		return finished{}, err
	}
	head, fonts, err := f.begin(pf.used.static, pf.used.sorted())
	if err != nil {
		return finished{}, err
	}
	streams, pages := pf.parts.join()
	packed, err := pf.parts.pack(streams)
	if err != nil {
		return finished{}, err
	}
	size := 0
	for _, p := range packed {
		size += len(p)
	}
	w.out = slices.Grow(w.out, size+size/4+(1<<20))
	firstStream := w.numbers(len(packed))
	for i, p := range packed {
		w.stream(firstStream+i, deflated, p)
	}
	firstPage := w.numbers(len(pages))
	for i, list := range pages {
		for j := range list {
			list[j] += firstStream
		}
		w.page(firstPage+i, untagged, list...)
	}
	w.pagesRoot(firstPage, 1, len(pages))
	w.fonts(head, fonts)
	err = w.close(pf.first.title, f.shared.config.Lang, pf.first.date, head.icc, 0, fileID("print", pf.ids.String()))
	return finished{head, w.out}, err
}

// compare holds every page against its hash.
func (pf *PrintFile) compare() error {
	var content []byte
	for i, list := range pf.parts.pages {
		content = pf.parts.appendTo(content[:0], list)
		if h := sha256.Sum256(content); hex.EncodeToString(h[:]) != pf.hashes[i] {
			return fmt.Errorf("%w: page %d changed", ErrPrintFile, i+1)
		}
	}
	return nil
}
