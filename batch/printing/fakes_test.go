package printing

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// paper draws "PDFs" with one line a page, and reads them back.
type paper struct {
	pages map[letters.ID][]string // what is drawn
	shift int                     // added to every first page: a source that miscounts

	drawing func(letters.ID) // called by the workers at each letter; may be nil
}

type paperFile struct {
	p     *paper
	w     io.Writer
	lines []string
}

func (p *paper) NewFile(w io.Writer) PrintFile { return &paperFile{p: p, w: w} }

func (f *paperFile) Draw(_ context.Context, id letters.ID, _ int) (Join, error) {
	if f.p.drawing != nil {
		f.p.drawing(id)
	}
	pages, ok := f.p.pages[id]
	if !ok {
		return nil, errors.New("no such letter")
	}
	return func() (int, error) {
		f.lines = append(f.lines, pages...)
		return len(f.lines) - len(pages) + 1 + f.p.shift, nil
	}, nil
}

func (f *paperFile) Close() error {
	_, err := io.WriteString(f.w, strings.Join(f.lines, "\n")+"\n")
	return err
}

func (p *paper) Pages(path string) ([]ReadPage, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(string(b), "\n") {
		return nil, errors.New("cut off")
	}
	var out []ReadPage
	for line := range strings.Lines(string(b)) {
		page := ReadPage{Hash: hash(strings.TrimSuffix(line, "\n"))}
		for _, word := range strings.Fields(line) {
			if id, err := letters.ParseID(word); err == nil {
				page.IDs = append(page.IDs, id)
			}
		}
		out = append(out, page)
	}
	return out, nil
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func testID(n int) letters.ID {
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], uint64(n)*1_000_003)
	id, err := letters.NewID(strings.NewReader(string(seed[:])))
	if err != nil {
		panic(err)
	}
	return id
}

// testRun is a maker below root and an order of n letters, every third with a
// second sheet left out so that all are of one class: two sheets each.
func testRun(root string, n int) (Maker, Order, *paper) {
	p := &paper{pages: make(map[letters.ID][]string)}
	o := Order{RunID: "2023-02-naga3-b1-s2-01", Month: "2023-02", Class: "naga3-b1-s2", PostOn: "2023-02-24"}
	for i := range n {
		id := testID(i)
		pages := []string{fmt.Sprintf("letter %s sheet 1", id), fmt.Sprintf("letter %s sheet 2", id)}
		p.pages[id] = pages
		o.Pieces = append(o.Pieces, Piece{LetterID: id, Generation: 1, PostalCode: fmt.Sprintf("81%05d", i*7919%500),
			Envelope: "naga3", Barcode: true, ContentHash: hash(strings.Join(pages, "")),
			PageHashes: []string{hash(pages[0]), hash(pages[1])},
			Marks:      []string{fmt.Sprintf("OS1|%s|1|1|2", id), fmt.Sprintf("OS1|%s|1|2|2", id)}})
	}
	m := Maker{Root: root, Pages: p, Readback: p, Columns: strings.Split("通知番号,世代,ファイル,先頭頁,頁数,マーク,内容SHA-256,頁SHA-256,封筒,バーコード,郵便番号", ","),
		Sheet: func(_ context.Context, r Run) ([]byte, error) {
			return fmt.Appendf(nil, "order of %d sheets\n", r.Sheets), nil
		},
		PerFile: 4}
	return m, o, p
}

// tree returns every file below a folder with its content.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			files[rel+"/"] = ""
			return nil
		}
		b, err := os.ReadFile(path)
		files[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func names(files map[string]string) []string { return slices.Sorted(maps.Keys(files)) }
