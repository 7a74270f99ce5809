package intake

import (
	"fmt"

	"oshirase/letters"
)

// Report is what Read saw. Every data record is either handed over or in
// ProblemRows: Rows = Good + len(ProblemRows), unless FileProblem is set, in
// which case nothing was handed over.
type Report struct {
	File   string
	SHA256 string // hex, over the bytes as they came
	Size   int64

	Format    string // "csv", "tsv" or "xlsx"
	Encoding  string // "CP932", "UTF-8", "UTF-8 BOM", "UTF-16LE", "UTF-16BE", "UTF-16LE BOM", "UTF-16BE BOM"; "" for xlsx
	Separator string // "," or a tab; "" for xlsx
	Newline   string // "CRLF", "LF", "CR", "mixed" or "none"; "" for xlsx
	Sheet     string // name of the sheet that was read

	HeadingRow int
	Columns    []Found  // recognised columns, left to right
	Unknown    []string // headings that are ignored
	Unnamed    []string // letters of columns with data and without heading, ignored

	Rows        int // data records, with and without problems
	Good        int // records handed over
	ProblemRows []int
	FileProblem bool // a problem without a row: no row was handed over after it was known

	Problems []letters.Problem // the first Limits.Problems of them, file order
	Total    int               // all of them

	Titles        []int // records above the headings
	Totals        []int // totals rows, not counted as records
	Repeated      []int // the headings again, further down
	Empty         int   // entirely empty records
	HiddenRows    []int // read all the same
	HiddenColumns []string
	HiddenSheets  []string
	OtherSheets   []string // visible sheets without the headings, ignored
	Formulas      int      // cells whose stored result of a formula was read

	Foreign    []Foreign // 外字 by code point
	Duplicates int       // CP932 codes with a twin (NEC row 13, NEC-selected and IBM extensions); no loss
}

// Found is a recognised column.
type Found struct {
	Heading string // as it stands in the file
	Field   string // field of templates/headings
	Column  string // A, B, … AA
}

// Foreign is a character of the private use area: the house's own 外字.
type Foreign struct {
	Code     string // U+E000
	Count    int
	FirstRow int
}

// add records one problem, keeping at most limit of them.
func (r *Report) add(limit int, p letters.Problem) {
	p.File = r.File
	r.Total++
	if p.Row == 0 {
		r.FileProblem = true
	}
	if len(r.Problems) < limit {
		r.Problems = append(r.Problems, p)
	}
}

// columnName returns the letters of a column counted from 0.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// codePoint writes a character as U+0000.
func codePoint(r rune) string { return fmt.Sprintf("U+%04X", r) }
