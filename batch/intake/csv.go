package intake

import (
	"errors"
	"io"
	"strings"
)

// A quoted field may span lines, as an address with a line break does. Beyond
// these bounds the quote is taken for one that was never closed: otherwise
// one missing quote would swallow the rows behind it.
const (
	quotedLines = 100
	quotedBytes = 64 << 10
)

// textSource yields the records of a CSV or TSV file.
type textSource struct {
	lines   *lines
	sep     byte
	columns int    // most cells of a record
	pending []line // lines taken back
	no      int
	rec     record
}

func (s *textSource) take() (line, error) {
	if len(s.pending) > 0 {
		l := s.pending[0]
		s.pending = s.pending[1:]
		return l, nil
	}
	return s.lines.next()
}

// next joins as many lines as the quotes of the first one ask for. When a
// quote turns out never to be closed, the record ends at the end of its first
// line with a fault and the lines behind it are read anew.
func (s *textSource) next() (*record, error) {
	first, err := s.take()
	if err != nil {
		return nil, err
	}
	s.no++
	whole, rest := first, []line(nil)
	fields, state := split(whole.text, s.sep)
	for state == quoteOpen {
		more, err := s.take()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if err != nil || len(rest) >= quotedLines || len(whole.text) > quotedBytes {
			if err == nil {
				rest = append(rest, more)
			}
			break
		}
		rest = append(rest, more)
		whole = join(whole, more)
		fields, state = split(whole.text, s.sep)
	}
	switch {
	case state == quotesGood:
		return s.record(whole, fields, "")
	case len(rest) == 0 && state == quoteStray:
		return s.record(first, splitPlain(first.text, s.sep), codeQuoteStray)
	}
	s.pending = append(rest, s.pending...)
	return s.record(first, splitPlain(first.text, s.sep), codeQuoteMissing)
}

func join(a, b line) line {
	shift := len(a.text) + len(a.ending)
	a.text += a.ending + b.text
	for _, k := range b.broken {
		a.broken = append(a.broken[:len(a.broken):len(a.broken)], breakage{k.at + shift, k.offset})
	}
	a.ending = b.ending
	a.mixed = a.mixed || b.mixed
	return a
}

func (s *textSource) record(l line, fields []field, fault string) (*record, error) {
	if len(fields) > s.columns {
		return nil, fileFault(codeLineTooLong, s.columns)
	}
	s.lines.endings[l.ending]++
	s.rec = record{no: s.no, cells: s.rec.cells[:0], fault: fault}
	for _, f := range fields {
		c := cell{text: f.text}
		for _, k := range l.broken {
			if k.at >= f.from && k.at < f.to {
				c.broken = k.offset + 1
				break
			}
		}
		s.rec.cells = append(s.rec.cells, c)
	}
	if l.mixed && fault == "" {
		s.rec.fault, s.rec.args = codeEncodingMixed, []string{decimal(l.offset)}
	}
	return &s.rec, nil
}

// field is the text of a field and where it stands in its line.
type field struct {
	text     string
	from, to int
}

type quoteState int

const (
	quotesGood quoteState = iota
	quoteOpen             // the line ends inside a quoted field
	quoteStray            // something stands behind a closing quote
)

// split cuts a line into fields (RFC 4180). A quote inside an unquoted field
// is an ordinary character, as spreadsheets take it.
func split(text string, sep byte) ([]field, quoteState) {
	var out []field
	for i := 0; ; {
		if i < len(text) && text[i] == '"' {
			body, end, closed := quoted(text, i+1)
			if !closed {
				return out, quoteOpen
			}
			out = append(out, field{body, i, end})
			if i = end; i < len(text) && text[i] != sep {
				return out, quoteStray
			}
		} else {
			end := fieldEnd(text, i, sep)
			out = append(out, field{text[i:end], i, end})
			i = end
		}
		if i >= len(text) {
			return out, quotesGood
		}
		i++
	}
}

// quoted returns the body of a quoted field and the index behind its closing
// quote.
func quoted(text string, from int) (body string, end int, closed bool) {
	for i := from; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			i++
			continue
		}
		return strings.ReplaceAll(text[from:i], `""`, `"`), i + 1, true
	}
	return "", len(text), false
}

// splitPlain cuts at every separator, for a record whose quotes are faulty.
func splitPlain(text string, sep byte) []field {
	var out []field
	for i := 0; ; i++ {
		end := fieldEnd(text, i, sep)
		out = append(out, field{text[i:end], i, end})
		if i = end; i >= len(text) {
			return out
		}
	}
}

func fieldEnd(text string, from int, sep byte) int {
	if n := strings.IndexByte(text[from:], sep); n >= 0 {
		return from + n
	}
	return len(text)
}
