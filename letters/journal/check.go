package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrDamaged says that a line is not as it was written, or not where it was
// written. The message names the line.
var ErrDamaged = errors.New("journal is damaged")

// ErrHome says that the journal belongs to another home.
var ErrHome = errors.New("journal of another home")

// Check reads a journal through without changing it, also while a worker
// appends. It returns the last whole line and how many bytes of a torn
// write follow it. A missing file is os.ErrNotExist.
func Check(path, home string) (Head, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return Head{}, 0, fmt.Errorf("check journal: %w", err)
	}
	defer f.Close()
	head, good, size, err := scan(f, home, nil)
	if err != nil {
		return Head{}, 0, fmt.Errorf("check journal: %w", err)
	}
	return head, size - good, nil
}

// scan verifies line by line and shows each good one to see, until that says
// false. It returns the last good line, the bytes up to its end and the bytes
// read.
func scan(r io.Reader, home string, see func(Line) bool) (head Head, good, size int64, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		raw, readErr := in.ReadBytes('\n')
		size += int64(len(raw))
		if readErr != nil && readErr != io.EOF {
			return head, good, size, readErr
		}
		if readErr == io.EOF {
			return head, good, size, nil // what came without a newline is torn
		}
		line, err := follow(head, home, bytes.TrimSuffix(raw, []byte{'\n'}))
		if errors.Is(err, errNotJSON) && atEnd(in) {
			return head, good, size, nil
		}
		if err != nil {
			return head, good, size, fmt.Errorf("line %d: %w: %w", head.N+1, ErrDamaged, err)
		}
		head, good = Head{line.N, line.Hash}, size
		if see != nil && !see(line) {
			return head, good, size, nil
		}
	}
}

func atEnd(in *bufio.Reader) bool {
	_, err := in.Peek(1)
	return err == io.EOF
}
