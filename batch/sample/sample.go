package sample

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"oshirase/letters"
)

// The encodings of a list.
const (
	CP932 = "cp932" // as Excel on a Japanese Windows saves CSV
	UTF8  = "utf8"  // with BOM, as Excel saves "CSV UTF-8"
	UTF16 = "utf16" // little-endian with BOM, tabs, as Excel saves "Unicode text"
	XLSX  = "xlsx"
)

// Options say what to make. The zero Encoding is CP932.
type Options struct {
	Contracts int // 新電力 contracts, 1 to 1,000,000; 44,855 is the real month
	Seed      uint64
	Encoding  string
}

// Truth is what an honest import of the list must reach, under the keys that
// import, status and report use.
type Truth struct {
	Seed      uint64 `json:"seed"`
	Contracts int    `json:"contracts"`
	Encoding  string `json:"encoding"`
	letters.Counts
}

// ErrBadOptions says that a number is out of range or an encoding unknown.
var ErrBadOptions = errors.New("cannot make such a sample")

const maxContracts = 1_000_000

func (o Options) check() (Options, error) {
	if o.Contracts < 1 || o.Contracts > maxContracts {
		return o, fmt.Errorf("%d contracts: %w", o.Contracts, ErrBadOptions)
	}
	switch o.Encoding {
	case "":
		o.Encoding = CP932
	case CP932, UTF8, UTF16, XLSX:
	default:
		return o, fmt.Errorf("encoding %q: %w", o.Encoding, ErrBadOptions)
	}
	return o, nil
}

// Write makes list.csv or list.xlsx, retailers.csv and truth.json in the
// directory, each whole or not at all, truth.json last. Beside an XLSX list
// the retailers are CSV in CP932. Files of these names are replaced.
func Write(ctx context.Context, dir string, o Options) (Truth, error) {
	o, err := o.check()
	if err != nil {
		return Truth{}, err
	}
	w, err := readWords(o.Encoding == CP932)
	if err != nil {
		return Truth{}, fmt.Errorf("sample: %w", err)
	}
	list, err := draw(ctx, w, o)
	if err != nil {
		return Truth{}, fmt.Errorf("sample: %w", err)
	}
	truth := Truth{Seed: o.Seed, Contracts: o.Contracts, Encoding: o.Encoding, Counts: list.tally.Counts}
	if err := writeFiles(ctx, dir, w, list, truth); err != nil {
		return Truth{}, fmt.Errorf("sample: %w", err)
	}
	return truth, nil
}

func writeFiles(ctx context.Context, dir string, w *words, list *list, truth Truth) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name, write := "list.csv", func(out io.Writer) error {
		return writeText(ctx, out, truth.Encoding, w.all("list"), list.rows)
	}
	side := truth.Encoding
	if truth.Encoding == XLSX {
		name, write = "list.xlsx", func(out io.Writer) error { return writeXLSX(ctx, out, w, list.rows) }
		side = CP932
	}
	retailers := func(out io.Writer) error {
		return writeText(ctx, out, side, w.all("retailers list"), list.retailers)
	}
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{name, write}, {"retailers.csv", retailers}, {"truth.json", truth.write}} {
		if err := writeFile(filepath.Join(dir, f.name), f.write); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

func (t Truth) write(out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(t)
}

// writeFile stages the file beside its place and renames it when it is whole.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".sample-")
	if err != nil {
		return err
	}
	defer func() {
		f.Close()
		os.Remove(f.Name()) // renamed already when all went well
	}()
	buf := bufio.NewWriterSize(f, 1<<20)
	if err := write(buf); err != nil {
		return err
	}
	if err := errors.Join(buf.Flush(), f.Sync()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
