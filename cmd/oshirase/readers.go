package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"oshirase/batch/packets"
	"oshirase/letters/readback"
)

// pageReader is printing.Readback over letters/readback.
type pageReader struct{}

// Pages returns the SHA-256 of every page's decoded content.
func (pageReader) Pages(path string) (hashes []string, err error) {
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
	for i := range doc.Pages() {
		content, err := doc.PageContent(i)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", i+1, err)
		}
		sum := sha256.Sum256(content)
		hashes = append(hashes, hex.EncodeToString(sum[:]))
	}
	return hashes, nil
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
