package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"oshirase/batch/intake"
	"oshirase/letters"
	"oshirase/templates"
)

// Kinds of files that staff hand in, by their headings.
const (
	kindList      intake.Kind = "list"      // 閲覧確認済契約リスト
	kindRetailers intake.Kind = "retailers" // 小売電気事業者一覧
	kindAddresses intake.Kind = "addresses" // 宛先の訂正
	kindReceipt   intake.Kind = "receipt"   // 差出報告, 返戻の一覧
	kindProblems  intake.Kind = "problems"  // the workbook that import writes for the investigators

	// Kinds that are wanted and that no heading tells.
	kindPostal  intake.Kind = "postal"  // Japan Post's
	kindNumbers intake.Kind = "numbers" // letter IDs, one a line
)

// givenFile is a file that somebody named on the command line.
type givenFile struct {
	*os.File
	path   string
	before fs.FileInfo
}

// openGiven opens a file named by the user. What cannot be opened, and what is
// no file at all, is said in one sentence.
func openGiven(path string) (*givenFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotAFile
		if info.IsDir() {
			err = syscall.EISDIR
		}
	}
	if err != nil {
		return nil, errors.Join(cannotOpen(path, err), f.Close())
	}
	return &givenFile{f, path, info}, nil
}

var (
	errNotAFile = errors.New("not a regular file")
	errWrong    = errors.New("a file of another kind")
	errChanging = errors.New("file changed while it was read")
)

// cannotOpen says why a file cannot be opened.
func cannotOpen(path string, err error) error {
	key := "file_open"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key = "file_missing"
	case errors.Is(err, fs.ErrPermission):
		key = "file_denied"
	case errors.Is(err, syscall.EISDIR):
		key = "file_folder"
	case errors.Is(err, errNotAFile):
		key = "file_special"
	}
	return fail(exitUsage, key, err, path)
}

// settled refuses a file that has changed since it was opened: whoever writes
// it is not ready yet.
func (f *givenFile) settled() error {
	now, err := f.Stat()
	if err == nil && (now.Size() != f.before.Size() || !now.ModTime().Equal(f.before.ModTime())) {
		return fail(exitFailed, "file_changing", errChanging, f.path)
	}
	return err
}

// hash returns the SHA-256 of a file and rewinds it.
func (f *givenFile) hash() (string, int64, error) {
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", 0, cannotOpen(f.path, err)
	}
	_, err = f.Seek(0, io.SeekStart)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// readGiven reads a file named by the user when it is none of another kind.
func (p *program) readGiven(path string, wanted ...intake.Kind) (raw []byte, err error) {
	f, err := p.openKind(path, wanted...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if raw, err = io.ReadAll(f); err != nil {
		return nil, cannotOpen(path, err)
	}
	return raw, f.settled()
}

// openKind opens a file named by the user and refuses one that is certainly of
// another kind than those wanted, of which the first is named. What is not
// known is left to its reader.
func (p *program) openKind(path string, wanted ...intake.Kind) (*givenFile, error) {
	f, err := openGiven(path)
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(f)
	if err == nil && kind != intake.KindUnknown && !slices.Contains(wanted, kind) {
		err = p.wrongKind(path, kind, wanted[0])
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// wrongKind says what a file is, what is wanted, and what to do.
func (p *program) wrongKind(path string, kind, wanted intake.Kind) error {
	w := p.words
	return fail(exitProblems, "file_kind", fmt.Errorf("%s: %w", kind, errWrong), filepath.Base(path),
		w.label("kind_"+string(kind)), w.label("kind_use_"+string(kind)), strings.TrimSpace(w.label("kind_"+string(wanted))))
}

// kindOf recognises an open file.
func kindOf(f *givenFile) (intake.Kind, error) {
	shipped := templates.Shipped()
	files, err := fs.Sub(shipped, "headings")
	if err != nil {
		return intake.KindUnknown, err
	}
	headings, err := intake.ReadHeadings(files)
	if err != nil {
		return intake.KindUnknown, err
	}
	forms, err := formsOf(shipped, headings)
	if err != nil {
		return intake.KindUnknown, err
	}
	return intake.Recognise(f, f.before.Size(), forms, headings.Words, intake.Limits{})
}

// formsOf are the headings of everything that staff hand in.
func formsOf(shipped fs.FS, h intake.Headings) ([]intake.Form, error) {
	receipt, err := receiptWords()
	if err != nil {
		return nil, err
	}
	var columns []intake.Column
	for field, names := range receipt.Columns {
		columns = append(columns, intake.Column{Field: field, Heading: names[0], Also: names[1:], Must: field == "letter" || field == "state"})
	}
	problems, err := fs.Sub(shipped, "problems")
	if err != nil {
		return nil, err
	}
	s, err := intake.ReadSentences(problems)
	if err != nil {
		return nil, err
	}
	var book []intake.Column
	for _, name := range []string{s.Book.Reason, s.Book.Advice} {
		book = append(book, intake.Column{Field: name, Heading: name, Must: true})
	}
	return []intake.Form{{Kind: kindProblems, Columns: book}, {Kind: kindList, Columns: h.List}, {Kind: kindReceipt, Columns: columns},
		{Kind: kindRetailers, Columns: h.Retailers}, {Kind: kindAddresses, Columns: h.Addresses}}, nil
}

// openList opens a list named by the user and hashes it.
func openList(path string) (*givenFile, letters.SourceFile, error) {
	f, err := openGiven(path)
	if err != nil {
		return nil, letters.SourceFile{}, err
	}
	sha, size, err := f.hash()
	if err != nil {
		return nil, letters.SourceFile{}, errors.Join(err, f.Close())
	}
	return f, letters.SourceFile{Name: filepath.Base(path), SHA256: sha, Bytes: size}, nil
}
