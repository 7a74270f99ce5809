package pdf

import (
	"bytes"

	"github.com/klauspost/compress/zlib"
)

// Levels of the pinned compressor (klauspost/compress at go.mod's version;
// its output differs between releases, and the golden test says so).
// A single letter's pages are a small part of its file, so speed counts; a
// print file is nothing but pages. What is compressed once a process gets the
// best level.
const (
	fastLevel = 1
	fileLevel = 1
	bestLevel = 9
)

// deflater compresses with one writer that is used again and again.
type deflater struct {
	level int
	w     *zlib.Writer
	buf   bytes.Buffer
}

// pack returns data as a zlib stream, valid until the next call.
func (d *deflater) pack(data []byte) ([]byte, error) {
	d.buf.Reset()
	if d.w == nil {
		w, err := zlib.NewWriterLevel(&d.buf, d.level)
		if err != nil {
			return nil, err
		}
		d.w = w
	} else {
		d.w.Reset(&d.buf)
	}
	if _, err := d.w.Write(data); err != nil {
		return nil, err
	}
	if err := d.w.Close(); err != nil {
		return nil, err
	}
	return d.buf.Bytes(), nil
}
