package intake

import (
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding names how text is stored.
type encoding struct {
	name string // as in Report.Encoding
	unit int    // bytes of a code unit: 1 or 2
	big  bool   // UTF-16BE
	jis  bool   // CP932
	bom  int64  // bytes of the byte order mark
}

// breakage is a place where the bytes are no character: at is the index of
// the U+FFFD in the text, offset the byte's offset from the file's start.
type breakage struct {
	at     int
	offset int64
}

// line is one line of text without its ending.
type line struct {
	text   string
	broken []breakage
	ending string // "\r\n", "\n", "\r" or "" at the end of the file
	offset int64  // of its first byte
	mixed  bool   // CP932 file, but this line reads as UTF-8
}

// lines cuts bytes into lines before it decodes them, so that a broken byte
// stays in its line.
type lines struct {
	src     io.Reader
	enc     encoding
	table   cp932
	max     int
	buf     []byte
	start   int   // of the unread bytes in buf
	offset  int64 // of buf[start] in the file
	ended   bool
	endings map[string]int // of records, counted by who joins lines to records
	twins   int
}

const chunk = 256 << 10

func newLines(in input, enc encoding, table cp932, max int) *lines {
	return &lines{src: in.from(enc.bom), enc: enc, table: table, max: max,
		offset: enc.bom, endings: map[string]int{}}
}

// next returns the next line or io.EOF. A line beyond the limit is a problem
// of the file.
func (l *lines) next() (line, error) {
	from := 0
	for {
		end, ending, found := l.find(from)
		if found {
			return l.cut(end, ending), nil
		}
		if len(l.buf)-l.start > l.max {
			return line{}, fileFault(codeLineTooLong, l.max)
		}
		if l.ended {
			if l.start == len(l.buf) {
				return line{}, io.EOF
			}
			return l.cut(len(l.buf)-l.start, ""), nil
		}
		from = end
		if err := l.fill(); err != nil {
			return line{}, err
		}
	}
}

// find looks for a line ending from a byte of the unread part. When none is
// found, end is where to look on after more bytes came.
func (l *lines) find(from int) (end int, ending string, found bool) {
	b, unit := l.buf[l.start:], l.enc.unit
	for i := from; i+unit <= len(b); i += unit {
		switch l.unitAt(b, i) {
		case '\n':
			return i, "\n", true
		case '\r':
			if i+2*unit > len(b) {
				return i, "\r", l.ended
			}
			if l.unitAt(b, i+unit) == '\n' {
				return i, "\r\n", true
			}
			return i, "\r", true
		}
	}
	return len(b) / unit * unit, "", false
}

func (l *lines) unitAt(b []byte, i int) uint16 {
	switch {
	case l.enc.unit == 1:
		return uint16(b[i])
	case l.enc.big:
		return uint16(b[i])<<8 | uint16(b[i+1])
	}
	return uint16(b[i+1])<<8 | uint16(b[i])
}

func (l *lines) fill() error {
	if l.start > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.start:])]
		l.start = 0
	}
	n := len(l.buf)
	if cap(l.buf)-n < chunk {
		l.buf = append(make([]byte, 0, cap(l.buf)+2*chunk), l.buf...)
	}
	got, err := io.ReadFull(l.src, l.buf[n:n+chunk])
	l.buf = l.buf[:n+got]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		l.ended, err = true, nil
	}
	return err
}

func (l *lines) cut(end int, ending string) line {
	raw := l.buf[l.start : l.start+end]
	out := line{ending: ending, offset: l.offset}
	out.text, out.broken = l.decode(raw)
	out.mixed = l.enc.jis && !ascii(raw) && utf8.Valid(raw)
	l.start += end + len(ending)*l.enc.unit
	l.offset += int64(end + len(ending)*l.enc.unit)
	return out
}

func (l *lines) decode(raw []byte) (string, []breakage) {
	switch {
	case l.enc.unit == 2:
		return l.decodeUnits(raw)
	case l.enc.jis && !ascii(raw):
		l.countTwins(raw)
		return l.table.decode(raw, l.offset)
	case utf8.Valid(raw):
		return string(raw), nil
	}
	return decodeUTF8(raw, l.offset)
}

func (l *lines) countTwins(raw []byte) {
	for i := 0; i < len(raw); {
		_, n := l.table.character(raw[i:])
		if n == 2 && l.table.twin(raw[i]) {
			l.twins++
		}
		i += n
	}
}

func (l *lines) decodeUnits(raw []byte) (string, []breakage) {
	text := make([]byte, 0, len(raw)*3/2)
	var broken []breakage
	for i := 0; i < len(raw); {
		r, n := rune(utf8.RuneError), 2
		if i+2 > len(raw) {
			n = 1
		} else if r = rune(l.unitAt(raw, i)); utf16.IsSurrogate(r) {
			second := rune(0)
			if i+4 <= len(raw) {
				second = rune(l.unitAt(raw, i+2))
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				n = 4
			}
		}
		if r == utf8.RuneError && !(n == 2 && l.unitAt(raw, i) == 0xfffd) {
			broken = append(broken, breakage{len(text), l.offset + int64(i)})
		}
		text = utf8.AppendRune(text, r)
		i += n
	}
	return string(text), broken
}

func decodeUTF8(raw []byte, offset int64) (string, []breakage) {
	text := make([]byte, 0, len(raw)+16)
	var broken []breakage
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 {
			broken = append(broken, breakage{len(text), offset + int64(i)})
		}
		text = utf8.AppendRune(text, r)
		i += n
	}
	return string(text), broken
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
