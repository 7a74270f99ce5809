package printing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"oshirase/letters"
)

// ReceiptState is what printer or post says of a letter.
type ReceiptState string

const (
	Posted    ReceiptState = "posted"    // 差出済, 投函済, 発送済
	Withdrawn ReceiptState = "withdrawn" // 抜取
	Remade    ReceiptState = "remade"    // 再作成: a spoiled sheet was printed again
	Returned  ReceiptState = "returned"  // 返戻
)

// ReceiptEntry is one good line of a receipt or of a list of returned mail.
type ReceiptEntry struct {
	Row      int // as a spreadsheet shows it, the heading being in row 1 or below
	LetterID letters.ID
	State    ReceiptState
	Date     letters.Date // "" when not given
	Reason   string       // key of Words.Reasons, "" when not given
	Pages    int          // 0 when the printer does not report it
	Column   string       // heading under which the letter ID stands
}

// Codes of receipt problems; their sentences are in templates.
const (
	ProblemNoHeading = "receipt_no_heading" // no line holds the headings that must be there
	ProblemTwice     = "receipt_column_twice"
	ProblemDamagedID = "receipt_id_damaged" // a spreadsheet took the ID for a number
	ProblemID        = "receipt_id"
	ProblemState     = "receipt_state"
	ProblemDate      = "receipt_date"
	ProblemReason    = "receipt_reason"
	ProblemPages     = "receipt_pages"
	ProblemCells     = "receipt_cells"  // fewer or more cells than headings
	ProblemRepeat    = "receipt_repeat" // the same letter and state a second time
)

// ReceiptProblem is a line that could not be taken, by code and place. It
// holds no cell's content: a misplaced column may be a name.
type ReceiptProblem struct {
	Row    int
	Column string // heading as the file has it, "" for the whole line
	Code   string
}

// ErrReceiptFile says that the bytes are not a CSV in UTF-8 or CP932.
var ErrReceiptFile = errors.New("not a CSV file in UTF-8 or CP932")

// ReadReceipt reads a printer's receipt or the post's list of returned mail:
// CSV, comma or tab, UTF-8 with or without BOM or CP932, columns in any order
// found by heading, title lines above them allowed. Every line ends up as an
// entry or as a problem, none is dropped.
func ReadReceipt(r io.Reader, words Words) ([]ReceiptEntry, []ReceiptProblem, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, fmt.Errorf("read receipt: %w", err)
	}
	text, err := decode(raw)
	if err != nil {
		return nil, nil, err
	}
	lines, err := split(text)
	if err != nil {
		return nil, nil, err
	}
	reader := receipt{words: words.folded(), seen: make(map[ReceiptEntry]bool)}
	reader.read(lines)
	return reader.entries, reader.problems, nil
}

// decode tells UTF-8 from CP932: text in CP932 with Japanese in it is never
// valid UTF-8.
func decode(raw []byte) (string, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	text, err := japanese.ShiftJIS.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", ErrReceiptFile
	}
	return string(text), nil
}

// line is one record with the row in which it starts.
type line struct {
	row   int
	cells []string
}

func split(text string) ([]line, error) {
	r := csv.NewReader(bytes.NewReader([]byte(text)))
	r.FieldsPerRecord = -1
	first, _, _ := bytes.Cut([]byte(text), []byte("\n"))
	if bytes.Count(first, []byte("\t")) > bytes.Count(first, []byte(",")) {
		r.Comma = '\t'
	}
	var lines []line
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, ErrReceiptFile // the parser's own text is in English and holds no place we need
		}
		row, _ := r.FieldPos(0)
		lines = append(lines, line{row, cells})
	}
}

// receipt is one file being read.
type receipt struct {
	words    Words
	columns  map[string]int // field → index
	headings []string
	seen     map[ReceiptEntry]bool // letter, state and day
	entries  []ReceiptEntry
	problems []ReceiptProblem
}

func (rc *receipt) read(lines []line) {
	for _, l := range lines {
		switch {
		case blank(l.cells):
		case rc.columns == nil:
			rc.heading(l)
		default:
			rc.line(l)
		}
	}
	if rc.columns == nil {
		rc.problem(1, "", ProblemNoHeading)
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if fold(c) != "" {
			return false
		}
	}
	return true
}

// heading takes the first line that names both letter and state.
func (rc *receipt) heading(l line) {
	found := make(map[string]int)
	var twice []string
	for i, cell := range l.cells {
		field, ok := find(rc.words.Columns, cell)
		if !ok {
			continue
		}
		if _, again := found[field]; again {
			twice = append(twice, cell)
			continue
		}
		found[field] = i
	}
	_, id := found["letter"]
	_, state := found["state"]
	if !id || !state {
		return
	}
	rc.columns, rc.headings = found, l.cells
	for _, cell := range twice {
		rc.problem(l.row, cell, ProblemTwice)
	}
}

func (rc *receipt) problem(row int, column, code string) {
	rc.problems = append(rc.problems, ReceiptProblem{row, column, code})
}
