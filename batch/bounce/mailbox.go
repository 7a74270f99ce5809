package bounce

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxMessage is how much of one message is kept: the notice, the report and
// the returned header stand far before it. What follows is skipped.
const maxMessage = 2 << 20

// Each calls fn for every message of a file: one message, or a mailbox in
// mbox form, however large, with any line ending. One message at a time is in
// memory, and no more than 2 MiB of it. An error of fn ends it.
func Each(in io.Reader, fn func(raw []byte) error) error {
	r := bufio.NewReaderSize(in, 64<<10)
	head, err := r.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read mailbox: %w", err)
	}
	s := splitter{mbox: bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("From ")), fn: fn, empty: true}
	if s.mbox && !bytes.Contains(head, []byte{'\n'}) && bytes.Contains(head, []byte{'\r'}) {
		r = bufio.NewReaderSize(carriageReturns{r}, 64<<10)
	}
	for {
		line, err := r.ReadSlice('\n') // a piece of a line that is longer than the buffer comes alone
		if len(line) > 0 {
			if err := s.line(line); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return s.end()
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("read mailbox: %w", err)
		}
	}
}

// carriageReturns reads lines that end with CR alone as if they ended with LF.
type carriageReturns struct{ in io.Reader }

func (c carriageReturns) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// splitter gathers the lines of one message after the other.
type splitter struct {
	mbox  bool
	fn    func([]byte) error
	buf   []byte
	empty bool // the line before was empty, or there is none
	begun bool
	part  bool // the line before had no end yet
}

// separator is mbox's: "From " with an address and a time.
var separator = regexp.MustCompile(`^From \S*.*(?:\d{1,2}:\d{2}|\d{4})`)

func (s *splitter) line(line []byte) error {
	whole := !s.part
	s.part = line[len(line)-1] != '\n'
	if s.mbox && !s.begun && len(s.buf) == 0 {
		line = bytes.TrimLeft(line, "\ufeff \t\r\n") // before the first message
		if len(line) == 0 {
			return nil
		}
	}
	if s.mbox && whole && s.empty && bytes.HasPrefix(line, []byte("From ")) && separator.Match(line) {
		if err := s.end(); err != nil {
			return err
		}
		s.begun = true
		return nil
	}
	s.empty = whole && len(bytes.TrimRight(line, "\r\n")) == 0
	s.begun = true
	if s.mbox && whole && bytes.HasPrefix(line, []byte(">From ")) {
		line = line[1:]
	}
	s.buf = append(s.buf, line[:min(len(line), max(0, maxMessage-len(s.buf)))]...)
	return nil
}

func (s *splitter) end() error {
	if !s.begun && s.mbox {
		return nil
	}
	err := s.fn(s.buf)
	s.buf, s.begun, s.empty = s.buf[:0], false, true
	return err
}

// Files lists what a path holds: itself, or every file of a folder, of a
// maildir (cur, new) too, in a fixed order. What a maildir is still receiving
// (tmp) and dot files are left.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var out []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != path && d.Name() == "tmp":
			return fs.SkipDir
		case d.Type().IsRegular() && !strings.HasPrefix(d.Name(), "."):
			out = append(out, p)
		}
		return nil
	})
	slices.Sort(out)
	return out, err
}
