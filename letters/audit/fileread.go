package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"syscall"
)

// Since is Log's. It shows the rows that are whole when the loop starts, and
// does not keep others from appending.
func (f *File) Since(ctx context.Context, n int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for l, err := range f.Lines(ctx, Place{}, 0) {
			var r Record
			if err == nil {
				r, err = ParseLine(l.Text, l.N)
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("read audit file: %w", err))
				return
			}
			if r.N > n && !yield(r, nil) {
				return
			}
		}
	}
}

// Lines is Log's. What a place's number is, the file cannot tell: lines are
// counted on from it.
func (f *File) Lines(ctx context.Context, after Place, most int) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		in, size, err := f.snapshot()
		if err != nil {
			yield(Line{}, fmt.Errorf("read audit file: %w", err))
			return
		}
		defer in.Close()
		n := 0
		for l, err := range lines(io.NewSectionReader(in, after.Offset, max(0, size-after.Offset)), after) {
			if err == nil {
				err = ctx.Err()
			}
			if !yield(l, err) || err != nil {
				return
			}
			if n++; n == most {
				return
			}
		}
	}
}

// snapshot returns a reader of its own and the size at a moment when nobody
// writes.
func (f *File) snapshot() (*os.File, int64, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, 0, err
	}
	if err := syscall.Flock(int(in.Fd()), syscall.LOCK_SH); err != nil {
		in.Close()
		return nil, 0, err
	}
	defer syscall.Flock(int(in.Fd()), syscall.LOCK_UN)
	info, err := in.Stat()
	if err != nil {
		in.Close()
		return nil, 0, err
	}
	return in, info.Size(), nil
}

// lines reads the lines after a place, where the reader stands. Of a line that
// no record can fill the text is left out.
func lines(r io.Reader, at Place) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		in := bufio.NewReaderSize(r, 4*maxRow)
		for {
			raw, err := in.ReadSlice('\n')
			if err == io.EOF && len(raw) == 0 {
				return
			}
			size := len(raw)
			for errors.Is(err, bufio.ErrBufferFull) {
				raw, err = in.ReadSlice('\n')
				size, raw = size+len(raw), nil
			}
			at = Place{at.N + 1, at.Offset + int64(size)}
			if err == io.EOF {
				err = &BadRow{at.N, Torn}
			}
			if !yield(Line{at, bytes.TrimSuffix(raw, []byte{'\n'})}, err) || err != nil {
				return
			}
		}
	}
}

// rows reads records; the first is expected to have the number after n. A row
// that is not a record in its one spelling is *BadRow.
func rows(r io.Reader, n int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for l, err := range lines(r, Place{N: n}) {
			var rec Record
			if err == nil {
				rec, err = ParseLine(l.Text, l.N)
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}
