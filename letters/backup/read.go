package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"slices"
	"strings"

	"filippo.io/age"
)

// What a backup may be refused for.
var (
	// ErrKey says that none of the identities opens the backup.
	ErrKey = errors.New("no key for this backup")
	// ErrTorn says that the file is no backup, or not whole: cut, changed, or
	// a table or file that is not as its sum says.
	ErrTorn = errors.New("not a whole backup")
	// ErrFormat says that the backup is of another program.
	ErrFormat = errors.New("backup of an unknown format")
)

// Sink takes what a backup holds, in its order.
type Sink interface {
	Head(Head) error
	Table(name string, columns []string) error
	Row(values []any) error // of the table before
	File(name string) (io.WriteCloser, error)
}

// maxLine bounds a row; a row of the ledger has a few hundred bytes.
const maxLine = 16 << 20

// Read opens a backup and gives everything in it to the sink. What the sink
// has got counts only when Read returns without an error: the sums stand at
// the end. It returns ErrKey, ErrTorn, ErrFormat, or the sink's error.
func Read(r io.Reader, keys []age.Identity, to Sink) ([]Sum, error) {
	opened, err := age.Decrypt(r, keys...)
	if _, no := errors.AsType[*age.NoIdentityMatchError](err); no {
		return nil, ErrKey
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTorn, err)
	}
	zr, err := gzip.NewReader(opened)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTorn, err)
	}
	b := &reader{tar: tar.NewReader(zr), to: to}
	if err := b.head(); err != nil {
		return nil, err
	}
	if err := b.entries(); err != nil {
		return nil, err
	}
	// age tells a cut end from the end only when it is read.
	if _, err := io.Copy(io.Discard, zr); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTorn, err)
	}
	return b.sums, nil
}

type reader struct {
	tar  *tar.Reader
	to   Sink
	sums []Sum

	open    *Sum // table or file in hand
	hash    hash.Hash
	next    int
	line    []byte // a row that goes over to the next piece
	columns bool   // the table's columns have been read
	file    io.WriteCloser
}

func torn(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrTorn)
}

func (b *reader) head() error {
	var h Head
	if err := b.json("head.json", &h); err != nil {
		return err
	}
	if h.Format != Format {
		return ErrFormat
	}
	return b.to.Head(h)
}

func (b *reader) json(name string, v any) error {
	e, err := b.tar.Next()
	if err != nil {
		return fmt.Errorf("%s: %w: %w", name, ErrTorn, err)
	}
	if e.Name != name {
		return torn("%s in place of %s", e.Name, name)
	}
	return b.decode(v)
}

func (b *reader) decode(v any) error {
	raw, err := io.ReadAll(io.LimitReader(b.tar, maxLine))
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTorn, err)
	}
	return nil
}

// entries reads everything up to the sums and holds it against them.
func (b *reader) entries() error {
	for {
		e, err := b.tar.Next()
		if err != nil {
			return fmt.Errorf("without its sums: %w: %w", ErrTorn, err)
		}
		if e.Name == "sums.json" {
			break
		}
		if err := b.piece(e.Name); err != nil {
			return err
		}
	}
	if err := b.end(); err != nil {
		return err
	}
	var want []Sum
	if err := b.decode(&want); err != nil {
		return err
	}
	if !slices.Equal(b.sums, want) {
		return torn("sums differ")
	}
	if _, err := b.tar.Next(); err != io.EOF {
		return torn("something after the sums")
	}
	return nil
}

// piece reads one entry: the next piece of what is in hand, or the first of
// something new.
func (b *reader) piece(name string) error {
	folder, rest, _ := strings.Cut(name, "/")
	what, number := path.Split(rest)
	what = strings.TrimSuffix(what, "/")
	table := folder == "tables"
	if what == "" || !table && folder != "files" {
		return torn("entry %q", name)
	}
	if b.open == nil || b.open.Name != what || b.open.Table != table || number == "000001" {
		if err := b.begin(Sum{Name: what, Table: table}); err != nil {
			return err
		}
	}
	if b.next++; number != fmt.Sprintf("%06d", b.next) {
		return torn("piece %s of %s", number, what)
	}
	in := io.TeeReader(b.tar, b.hash)
	if table {
		return b.rows(in)
	}
	n, err := io.Copy(b.file, in)
	b.open.Count += n
	return b.either(err)
}

// either tells a fault of the backup from one of the sink.
func (b *reader) either(err error) error {
	if err == nil || !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, gzip.ErrChecksum) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrTorn, err)
}

func (b *reader) begin(s Sum) (err error) {
	if err := b.end(); err != nil {
		return err
	}
	b.open, b.hash, b.next, b.columns = &s, sha256.New(), 0, false
	if !s.Table {
		b.file, err = b.to.File(s.Name)
	}
	return err
}

func (b *reader) end() error {
	if b.open == nil {
		return nil
	}
	if len(b.line) > 0 || b.open.Table && !b.columns {
		return torn("table %s ends within a row", b.open.Name)
	}
	b.open.SHA256 = hex.EncodeToString(b.hash.Sum(nil))
	b.sums, b.open = append(b.sums, *b.open), nil
	if b.file != nil {
		f := b.file
		b.file = nil
		return f.Close()
	}
	return nil
}

// rows reads the lines of a piece; the last may go on in the next piece.
func (b *reader) rows(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		part, err := in.ReadSlice('\n')
		b.line = append(b.line, part...)
		switch {
		case len(b.line) > maxLine:
			return torn("table %s: a row of %d bytes", b.open.Name, len(b.line))
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", ErrTorn, err)
		}
		if err := b.row(); err != nil {
			return err
		}
		b.line = b.line[:0]
	}
}

func (b *reader) row() error {
	if !b.columns {
		var columns []string
		if err := json.Unmarshal(b.line, &columns); err != nil {
			return torn("columns of %s", b.open.Name)
		}
		b.columns = true
		return b.to.Table(b.open.Name, columns)
	}
	values, err := parseRow(b.line)
	if err != nil {
		return torn("row %d of %s", b.open.Count+1, b.open.Name)
	}
	b.open.Count++
	return b.to.Row(values)
}

// parseRow reads numbers as int64.
func parseRow(line []byte) ([]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var values []any
	if err := d.Decode(&values); err != nil {
		return nil, err
	}
	for i, v := range values {
		switch v := v.(type) {
		case nil, string:
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				return nil, err
			}
			values[i] = n
		default:
			return nil, ErrValue
		}
	}
	return values, nil
}
