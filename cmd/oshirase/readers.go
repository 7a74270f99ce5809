package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"sync"

	"oshirase/batch/packets"
	"oshirase/batch/printing"
	"oshirase/letters"
	"oshirase/letters/readback"
)

// pageReader is printing.Readback over letters/readback. It reads a file with
// several workers, each with the file opened for itself.
type pageReader struct{ workers int }

// Pages returns the SHA-256 of every page's decoded content, and the letter
// IDs in its text.
func (r pageReader) Pages(path string) ([]printing.ReadPage, error) {
	n := max(1, r.workers)
	parts := make([][]printing.ReadPage, n)
	failed := make([]error, n)
	var readers sync.WaitGroup
	for i := range n {
		readers.Go(func() { parts[i], failed[i] = readPart(path, i, n) })
	}
	readers.Wait()
	return slices.Concat(parts...), errors.Join(failed...)
}

// readPart reads the i-th of n parts of a file's pages.
func readPart(path string, i, n int) (out []printing.ReadPage, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	doc, err := readback.Open(f, info.Size())
	if err != nil {
		return nil, err
	}
	for p := doc.Pages() * i / n; p < doc.Pages()*(i+1)/n; p++ {
		content, err := doc.PageContent(p)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", p+1, err)
		}
		page, err := doc.Page(p)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", p+1, err)
		}
		sum := sha256.Sum256(content)
		out = append(out, printing.ReadPage{Hash: hex.EncodeToString(sum[:]), IDs: idsOn(page)})
	}
	return out, nil
}

// idToken is a letter ID as pages print it, or bare.
var idToken = regexp.MustCompile(`\d{4}-\d{4}-\d{4}-\d{4}|\d{16}`)

// idsOn lists the letter IDs in a page's text, each once.
func idsOn(page *readback.Page) []letters.ID {
	var out []letters.ID
	for _, s := range page.Spans {
		if len(s.Codes) < 16 {
			continue
		}
		for _, token := range idToken.FindAllString(s.Text, -1) {
			if id, err := letters.ParseID(token); err == nil && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// readSheet reads a packet's list with code that shares nothing with its maker.
func readSheet(body []byte) (packets.Sheet, error) {
	book, err := readback.OpenXLSX(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return packets.Sheet{}, err
	}
	var out packets.Sheet
	for _, s := range book.Sheets {
		out.Rows = append(out.Rows, s.Rows...)
		out.Formulas += s.Formulas
	}
	return out, nil
}
