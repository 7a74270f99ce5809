package intake

import (
	"fmt"
	"io"
)

// cellKind says what a cell is besides its text.
type cellKind uint8

const (
	textCell    cellKind = iota
	numberCell           // a number of a spreadsheet: digits beyond the 15th and leading zeros are lost
	dateCell             // a number shown as a date; text is 2022-10-03
	errorCell            // text is the error, e.g. #REF!
	formulaCell          // a formula whose result is not stored
)

// cell is one cell as it came.
type cell struct {
	text   string
	kind   cellKind
	broken int64 // 1 + byte offset of the first broken byte in it; 0 = none
}

// record is one row. It is valid until the next call of next.
type record struct {
	no     int // as a spreadsheet shows it
	cells  []cell
	hidden bool
	fault  string // code of a problem of the whole record
	args   []string
}

// at returns the cell of a column; an absent cell is empty.
func (r *record) at(column int) cell {
	if column < len(r.cells) {
		return r.cells[column]
	}
	return cell{}
}

func (r *record) empty() bool {
	for i := range r.cells {
		if c := &r.cells[i]; c.kind != textCell || !blank(c.text) {
			return false
		}
	}
	return r.fault == ""
}

// width is the number of cells up to the last that is not empty.
func (r *record) width() int {
	for n := len(r.cells); n > 0; n-- {
		if c := &r.cells[n-1]; c.kind != textCell || !blank(c.text) {
			return n
		}
	}
	return 0
}

// clone returns a record that stays valid.
func (r *record) clone() record {
	c := *r
	c.cells = append([]cell(nil), r.cells...)
	return c
}

// source yields the records of one table from its first row; io.EOF ends it.
// A *fileProblem ends it too and is told to the operator; any other error is
// a failure of reading.
type source interface {
	next() (*record, error)
}

// fileProblem is a problem of the whole file as an error.
type fileProblem struct {
	code string
	args []string
}

func (p *fileProblem) Error() string { return "file has the problem " + p.code }

func fileFault(code string, args ...any) error {
	p := &fileProblem{code: code}
	for _, a := range args {
		p.args = append(p.args, fmt.Sprint(a))
	}
	return p
}

// input is the file as bytes.
type input struct {
	r    io.ReaderAt
	size int64
}

func (in input) from(offset int64) io.Reader {
	return io.NewSectionReader(in.r, offset, in.size-offset)
}
