package pdf

import (
	"bytes"
	"encoding/binary"
	"hash/adler32"

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

// storedBelow is the size under which the programs and maps of a letter's own
// glyphs are wrapped as they are: a few outlines lose a tenth of their bytes,
// some hundred in a file of 150,000, for a tenth of the letter's time.
const storedBelow = 4096

// store appends data as a zlib stream of one stored block (RFC 1950, RFC 1951
// 3.2.4). data has no more than 65,535 bytes.
func store(b, data []byte) []byte {
	b = append(b, 0x78, 0x01, 0x01)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(data)))
	b = binary.LittleEndian.AppendUint16(b, ^uint16(len(data)))
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, adler32.Checksum(data))
}

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
