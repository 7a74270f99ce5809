package printing

import (
	"cmp"
	"fmt"

	"oshirase/letters"
)

// Class is what letters of one run have in common, so that the mailing house
// sets its machine once: envelope, customer barcode or not (post charges
// differ), and sheets (weights differ). It is written naga3-b1-s2.
type Class string

// ClassOf returns the class of a letter. Sheets are grouped as 1, 2, 3–4 (s3)
// and 5 or more (s5).
func ClassOf(envelope string, barcode bool, sheets int) Class {
	group := sheets
	switch {
	case sheets >= 5:
		group = 5
	case sheets >= 3:
		group = 3
	}
	bar := 0
	if barcode {
		bar = 1
	}
	return Class(fmt.Sprintf("%s-b%d-s%d", envelope, bar, group))
}

// Piece is one letter of a run with what approval bound: ContentHash and the
// SHA-256 of every page's content, in hex, one page a sheet.
type Piece struct {
	LetterID    letters.ID
	Generation  int
	PostalCode  string // 7 digits
	Envelope    string // naga3, kaku2
	Barcode     bool
	ContentHash string
	PageHashes  []string
	Marks       []string     // what the machine mark of each sheet holds
	Refers      []letters.ID // earlier letters that it names
}

// Class returns the piece's class.
func (p Piece) Class() Class { return ClassOf(p.Envelope, p.Barcode, len(p.PageHashes)) }

// byAddress orders pieces by postal code, then letter ID: the order the post
// wants, and the same every time.
func byAddress(a, b Piece) int {
	return cmp.Or(cmp.Compare(a.PostalCode, b.PostalCode), cmp.Compare(a.LetterID, b.LetterID))
}
