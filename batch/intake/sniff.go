package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"
)

// survey is what a first pass over all bytes tells.
type survey struct {
	sha256    string
	head      []byte // first bytes
	high      bool   // a byte ≥ 0x80 occurs
	badUTF8   int
	badJIS    int
	zeroEven  int64 // NUL bytes at even offsets
	zeroOdd   int64
	tail      []byte // bytes that may be the start of a character
	jisSecond bool   // the last byte was a lead byte
}

// examine reads the whole file once: its SHA-256 and how far it can be UTF-8,
// UTF-16 or CP932.
func examine(in input, table cp932) (*survey, error) {
	s := &survey{}
	sum := sha256.New()
	buf := make([]byte, chunk)
	src := in.from(0)
	for offset := int64(0); ; {
		n, err := io.ReadFull(src, buf)
		s.chunk(buf[:n], offset, sum, table)
		offset += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read list: %w", err)
		}
	}
	if len(s.tail) > 0 {
		s.badUTF8++
	}
	if s.jisSecond {
		s.badJIS++
	}
	s.sha256 = hex.EncodeToString(sum.Sum(nil))
	return s, nil
}

func (s *survey) chunk(b []byte, offset int64, sum hash.Hash, table cp932) {
	sum.Write(b)
	if offset == 0 {
		s.head = append([]byte(nil), b[:min(len(b), 16)]...)
	}
	s.zeros(b, offset)
	s.utf8(b)
	s.jis(b, table)
}

func (s *survey) zeros(b []byte, offset int64) {
	for i, c := range b {
		if c >= 0x80 {
			s.high = true
		}
		if c == 0 {
			if (offset+int64(i))%2 == 0 {
				s.zeroEven++
			} else {
				s.zeroOdd++
			}
		}
	}
}

func (s *survey) utf8(b []byte) {
	if len(s.tail) > 0 {
		b = append(s.tail, b...)
	}
	s.tail = nil
	if cut := incomplete(b); cut < len(b) {
		s.tail = append([]byte(nil), b[cut:]...)
		b = b[:cut]
	}
	if utf8.Valid(b) {
		return
	}
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			s.badUTF8++
		}
		b = b[n:]
	}
}

// incomplete returns where a character begins that the end of b cuts.
func incomplete(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-3; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}

func (s *survey) jis(b []byte, table cp932) {
	if len(b) == 0 {
		return
	}
	// A character cut by the chunk's end is counted as good; the lines are
	// decoded strictly later on.
	if s.jisSecond {
		b = b[1:]
	}
	s.jisSecond = false
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := table.character(b[i:])
		if r == utf8.RuneError {
			if i == len(b)-1 && isLead(b[i]) {
				s.jisSecond = true
				return
			}
			s.badJIS++
		}
		i += n
	}
}

// encodings returns the encodings that the bytes allow, the likelier first.
func (s *survey) encodings(size int64) []encoding {
	h := s.head
	switch {
	case len(h) >= 3 && h[0] == 0xef && h[1] == 0xbb && h[2] == 0xbf:
		return []encoding{{name: "UTF-8 BOM", unit: 1, bom: 3}}
	case len(h) >= 2 && h[0] == 0xff && h[1] == 0xfe:
		return []encoding{{name: "UTF-16LE BOM", unit: 2, bom: 2}}
	case len(h) >= 2 && h[0] == 0xfe && h[1] == 0xff:
		return []encoding{{name: "UTF-16BE BOM", unit: 2, big: true, bom: 2}}
	}
	// Commas, digits and line ends of UTF-16 leave NULs on one side only.
	few := size / 100
	switch {
	case s.zeroEven > few && s.zeroEven > 20*s.zeroOdd:
		return []encoding{{name: "UTF-16BE", unit: 2, big: true}}
	case s.zeroOdd > few && s.zeroOdd > 20*s.zeroEven:
		return []encoding{{name: "UTF-16LE", unit: 2}}
	}
	utf, jis := encoding{name: "UTF-8", unit: 1}, encoding{name: "CP932", unit: 1, jis: true}
	if !s.high {
		return []encoding{utf}
	}
	if s.badUTF8 == 0 {
		return []encoding{utf, jis}
	}
	return []encoding{jis, utf}
}

// clean reports whether an encoding explains every byte.
func (s *survey) clean(e encoding) bool {
	return e.unit == 2 || e.jis && s.badJIS == 0 || !e.jis && s.badUTF8 == 0
}

// guess is one way to read a text.
type guess struct {
	enc   encoding
	sep   byte
	score int // known headings in the best of the first records
}

// guessText tries every encoding and separator on the first records and takes
// the one under which the headings stand there. It returns the problem
// encoding_ambiguous when nothing speaks for one encoding.
func guessText(in input, s *survey, t *table, limits Limits) (guess, error) {
	var best guess
	encodings := s.encodings(in.size)
	for _, enc := range encodings {
		for _, sep := range []byte{',', '\t'} {
			g := guess{enc, sep, 0}
			src := &textSource{lines: newLines(in, enc, t.jis, limits.Line), sep: sep, columns: limits.Columns}
			_, at, err := t.head(src)
			if err == nil {
				g.score = at.score
			}
			if best.sep == 0 || g.score > best.score {
				best = g
			}
		}
	}
	if best.score == 0 && len(encodings) > 1 && !s.clean(best.enc) {
		return best, fileFault(codeEncodingAmbiguous)
	}
	return best, nil
}
