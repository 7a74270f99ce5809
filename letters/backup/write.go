package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"

	"filippo.io/age"
)

// Format is the container's version. A reader refuses another.
const Format = 1

// piece is how much of a table or file one entry of the archive holds.
const piece = 4 << 20

// Head says what a backup is. It carries IDs only.
type Head struct {
	Format   int    `json:"format"`
	Schema   int64  `json:"schema"`   // version of the ledger's schema
	Ledger   string `json:"ledger"`   // its ID
	Epoch    string `json:"epoch"`    // at the time
	Home     string `json:"home"`     // whose journal and files it holds
	TakenAt  int64  `json:"taken_at"` // µs since 1970 UTC
	Program  string `json:"program"`
	Database string `json:"database"` // sqlite or postgres; says nothing about where it may go
}

// Sum is what is known of one table or file: its rows (of a table) or bytes,
// and the lower-case hex SHA-256 of what stands in its pieces.
type Sum struct {
	Name   string `json:"name"`
	Table  bool   `json:"table,omitempty"`
	Count  int64  `json:"count"`
	SHA256 string `json:"sha256"`
}

// Writer writes one backup. Its methods are called in turn by one goroutine;
// after an error the backup is of no use.
type Writer struct {
	age  io.WriteCloser
	zip  *gzip.Writer
	tar  *tar.Writer
	at   int64 // seconds, of every entry
	sums []Sum

	open   *Sum // table or file in hand
	hash   hash.Hash
	pieces int
	buf    bytes.Buffer
}

// NewWriter begins a backup that the owners of the recipients' keys can open.
func NewWriter(w io.Writer, to []age.Recipient, head Head) (*Writer, error) {
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fmt.Errorf("encrypt backup: %w", err)
	}
	zip, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	b := &Writer{age: sealed, zip: zip, tar: tar.NewWriter(zip), at: head.TakenAt / 1_000_000}
	head.Format = Format
	return b, b.json("head.json", head)
}

func (b *Writer) json(name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.entry(name, raw)
}

func (b *Writer) entry(name string, data []byte) error {
	err := b.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(data)), Format: tar.FormatPAX})
	if err == nil {
		_, err = b.tar.Write(data)
	}
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return nil
}

// Table begins a table. Rows follow.
func (b *Writer) Table(name string, columns []string) error {
	if err := b.begin(Sum{Name: name, Table: true}); err != nil {
		return err
	}
	return b.line(columns)
}

// Row adds a row to the table in hand: int64, string or nil for each column.
func (b *Writer) Row(values []any) error {
	for i, v := range values {
		switch v := v.(type) {
		case nil, int64:
		case []byte:
			values[i] = string(v)
		case string:
		default:
			return fmt.Errorf("table %s: column %d is %T: %w", b.open.Name, i+1, v, ErrValue)
		}
		if s, ok := values[i].(string); ok && !utf8.ValidString(s) {
			return fmt.Errorf("table %s: column %d is not UTF-8: %w", b.open.Name, i+1, ErrValue)
		}
	}
	b.open.Count++
	return b.line(values)
}

// ErrValue says that a row holds what a backup cannot carry.
var ErrValue = errors.New("not a number, a text or null")

func (b *Writer) line(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.add(append(raw, '\n'))
}

// File adds a file.
func (b *Writer) File(name string, r io.Reader) error {
	if err := b.begin(Sum{Name: name}); err != nil {
		return err
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		b.open.Count += int64(n)
		if err := b.add(buf[:n]); err != nil {
			return err
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read for backup: %w", err)
		}
	}
}

func (b *Writer) begin(s Sum) error {
	if err := b.end(); err != nil {
		return err
	}
	b.open, b.hash, b.pieces = &s, sha256.New(), 0
	return nil
}

func (b *Writer) add(data []byte) error {
	b.hash.Write(data)
	b.buf.Write(data)
	if b.buf.Len() < piece {
		return nil
	}
	return b.flush()
}

func (b *Writer) flush() error {
	b.pieces++
	folder := "files"
	if b.open.Table {
		folder = "tables"
	}
	err := b.entry(fmt.Sprintf("%s/%s/%06d", folder, b.open.Name, b.pieces), b.buf.Bytes())
	b.buf.Reset()
	return err
}

// end closes the table or file in hand.
func (b *Writer) end() error {
	if b.open == nil {
		return nil
	}
	if b.buf.Len() > 0 || b.pieces == 0 {
		if err := b.flush(); err != nil {
			return err
		}
	}
	b.open.SHA256 = hex.EncodeToString(b.hash.Sum(nil))
	b.sums = append(b.sums, *b.open)
	b.open = nil
	return nil
}

// Close ends the backup and returns the sums it carries. The caller syncs the
// file under it.
func (b *Writer) Close() ([]Sum, error) {
	if err := b.end(); err != nil {
		return nil, err
	}
	if err := b.json("sums.json", b.sums); err != nil {
		return nil, err
	}
	if err := errors.Join(b.tar.Close(), b.zip.Close(), b.age.Close()); err != nil {
		return nil, fmt.Errorf("end backup: %w", err)
	}
	return b.sums, nil
}
