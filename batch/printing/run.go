package printing

import (
	"fmt"
	"slices"

	"oshirase/letters"
)

// MaxLetters is the most letters one print file holds.
const MaxLetters = 1000

// Order asks for one run. All pieces are of its class; their order does not
// matter, Make sorts them.
type Order struct {
	RunID  string
	Month  letters.Month
	Class  Class
	PostOn letters.Date
	Pieces []Piece
}

// Run is a print run as its manifest tells it.
type Run struct {
	Format  int           `json:"format"` // of this manifest: 1
	ID      string        `json:"run"`
	Month   letters.Month `json:"month"`
	Class   Class         `json:"class"`
	PostOn  letters.Date  `json:"post_on"`
	Letters int           `json:"letters"`
	Sheets  int           `json:"sheets"`
	Files   []File        `json:"files"` // print files in order, then the list for people and the order sheet
	Items   []Item        `json:"items"`

	Folder   string `json:"-"` // where it stands
	Manifest string `json:"-"` // SHA-256 of manifest.json
}

// File is one file of a run. Letters and Pages are 0 for one that is not a
// print file.
type File struct {
	Name    string `json:"name"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
	Letters int    `json:"letters,omitempty"`
	Pages   int    `json:"pages,omitempty"`
}

// Item says where a letter stands in its run.
type Item struct {
	LetterID    letters.ID `json:"letter"`
	Generation  int        `json:"generation"`
	File        string     `json:"file"`
	FirstPage   int        `json:"first_page"` // from 1
	Pages       int        `json:"pages"`
	Marks       []string   `json:"marks"`
	ContentHash string     `json:"content_sha256"`
	PageHashes  []string   `json:"page_sha256"`
	Envelope    string     `json:"envelope"`
	Barcode     bool       `json:"barcode"`
	PostalCode  string     `json:"postal_code"`

	Refers []letters.ID `json:"-"` // earlier letters that this one names
}

// planRun lays an order out in files before anything is drawn: which letter
// stands where depends on the order alone.
func planRun(o Order, perFile int) Run {
	pieces := slices.SortedFunc(slices.Values(o.Pieces), byAddress)
	run := Run{Format: 1, ID: o.RunID, Month: o.Month, Class: o.Class, PostOn: o.PostOn, Letters: len(pieces)}
	for chunk := range slices.Chunk(pieces, perFile) {
		f := File{Name: fmt.Sprintf("%s-%03d.pdf", o.RunID, len(run.Files)+1), Letters: len(chunk)}
		for _, p := range chunk {
			run.Items = append(run.Items, item(p, f))
			f.Pages += len(p.PageHashes)
		}
		run.Sheets += f.Pages
		run.Files = append(run.Files, f)
	}
	return run
}

func item(p Piece, f File) Item {
	return Item{LetterID: p.LetterID, Generation: p.Generation, File: f.Name, FirstPage: f.Pages + 1,
		Pages: len(p.PageHashes), Marks: p.Marks, ContentHash: p.ContentHash, PageHashes: p.PageHashes,
		Envelope: p.Envelope, Barcode: p.Barcode, PostalCode: p.PostalCode, Refers: p.Refers}
}

// in returns the items of one file.
func (r Run) in(file string) []Item {
	var items []Item
	for _, it := range r.Items {
		if it.File == file {
			items = append(items, it)
		}
	}
	return items
}

// sameLetters reports whether two runs hold the same letters with the same
// pages at the same places. The bytes of files are not compared.
func (r Run) sameLetters(o Run) bool {
	same := r.ID == o.ID && r.Month == o.Month && r.Class == o.Class && r.PostOn == o.PostOn
	return same && slices.EqualFunc(r.Items, o.Items, sameItem)
}

func sameItem(a, b Item) bool {
	place := a.LetterID == b.LetterID && a.Generation == b.Generation && a.File == b.File &&
		a.FirstPage == b.FirstPage && a.Pages == b.Pages
	paper := a.Envelope == b.Envelope && a.Barcode == b.Barcode && a.PostalCode == b.PostalCode
	return place && paper && a.ContentHash == b.ContentHash &&
		slices.Equal(a.PageHashes, b.PageHashes) && slices.Equal(a.Marks, b.Marks)
}
