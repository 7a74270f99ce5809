package postal

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// ErrJapanPost says that a file is not the one that Japan Post gives out;
// *FileError, which wraps it, says why not.
var ErrJapanPost = errors.New("not a postal code file of Japan Post")

// FileFault names what is wrong with a file. The sentence stands elsewhere.
type FileFault string

// Faults of a file.
const (
	FaultEmpty       FileFault = "empty"       // no line at all
	FaultSyntax      FileFault = "syntax"      // no CSV
	FaultColumns     FileFault = "columns"     // neither 15 columns nor 13
	FaultEncoding    FileFault = "encoding"    // neither UTF-8 nor CP932
	FaultRow         FileFault = "row"         // no code of seven digits, no prefecture or no city
	FaultParenthesis FileFault = "parenthesis" // a town's parenthesis that nothing closes
	FaultPart        FileFault = "part"        // only a part of Japan
)

// FileError is a fault and its line; 0 when it concerns the whole file.
type FileError struct {
	Fault FileFault
	Line  int
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s in line %d: %v", e.Fault, e.Line, ErrJapanPost)
}

// Unwrap makes every such error ErrJapanPost.
func (e *FileError) Unwrap() error { return ErrJapanPost }

// Columns of utf_ken_all.csv, one town a line since June 2023, and of the
// older KEN_ALL.CSV, where a long town goes over several lines.
const (
	kenAllColumns = 15
	kenAllCode    = 2
	kenAllPref    = 6
	kenAllCity    = 7
	kenAllTown    = 8
)

// Columns of JIGYOSYO.CSV, one office a line.
const (
	officeColumns = 13
	officePref    = 3
	officeCity    = 4
	officeTown    = 5
	officeCode    = 7
	officeKind    = 10
)

// ReadJapanPost reads one of the files that Japan Post gives out:
// utf_ken_all.csv (UTF-8), KEN_ALL.CSV or JIGYOSYO.CSV (CP932). Which one it
// is shows in its columns. offices reports the last of them. Anything else is
// a *FileError.
func ReadJapanPost(file []byte) (rows []Row, offices bool, err error) {
	text, err := decode(file)
	if err != nil {
		return nil, false, err
	}
	first, err := csv.NewReader(bytes.NewReader(text)).Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, false, &FileError{Fault: FaultEmpty}
	case err != nil:
		return nil, false, &FileError{FaultSyntax, 1}
	}
	switch len(first) {
	case kenAllColumns:
		rows, err = readTowns(bytes.NewReader(text))
		return rows, false, err
	case officeColumns:
		rows, err = readOffices(bytes.NewReader(text))
		return rows, true, err
	}
	return nil, false, &FileError{FaultColumns, 1}
}

// decode returns the file in UTF-8, the dash of ranges (１〜３丁目) as the UTF-8
// file has it. What the decoder cannot read is a fault.
func decode(file []byte) ([]byte, error) {
	file = bytes.TrimPrefix(file, []byte("\uFEFF"))
	if !utf8.Valid(file) {
		decoded, err := japanese.ShiftJIS.NewDecoder().Bytes(file)
		if err != nil {
			return nil, &FileError{Fault: FaultEncoding}
		}
		file = bytes.ReplaceAll(decoded, []byte("～"), []byte("〜"))
	}
	if before, _, bad := bytes.Cut(file, []byte("\uFFFD")); bad {
		return nil, &FileError{FaultEncoding, 1 + bytes.Count(before, []byte("\n"))}
	}
	return file, nil
}

// readTowns reads KEN_ALL in either form.
func readTowns(r io.Reader) ([]Row, error) {
	var rows []Row
	var open []string // a town whose parenthesis is not closed yet: the older form
	last := 0
	err := readLines(r, kenAllColumns, func(line int, f []string) error {
		last = line
		if open != nil {
			if open[kenAllCode] != f[kenAllCode] {
				return &FileError{FaultParenthesis, line - 1}
			}
			open[kenAllTown] += f[kenAllTown]
			f = open
		}
		open = nil
		if strings.Count(f[kenAllTown], "（") > strings.Count(f[kenAllTown], "）") {
			open = f
			return nil
		}
		row := Row{Code: f[kenAllCode], Kind: Area, Prefecture: f[kenAllPref], City: f[kenAllCity]}
		rows = append(rows, townRows(row, f[kenAllTown])...)
		return checkRow(row, line)
	})
	if err == nil && open != nil {
		err = &FileError{FaultParenthesis, last}
	}
	return rows, err
}

// readOffices reads the codes of large offices and of single P.O. boxes. Of
// an office only the code and the town are kept.
func readOffices(r io.Reader) ([]Row, error) {
	var rows []Row
	err := readLines(r, officeColumns, func(line int, f []string) error {
		row := Row{Code: f[officeCode], Kind: Office, Prefecture: f[officePref], City: f[officeCity], Town: f[officeTown]}
		if f[officeKind] == "1" {
			row.Kind = Box
		}
		rows = append(rows, row)
		return checkRow(row, line)
	})
	return rows, err
}

func checkRow(r Row, line int) error {
	if _, ok := codeNumber(r.Code); !ok || r.Prefecture == "" || r.City == "" {
		return &FileError{FaultRow, line}
	}
	return nil
}

// readLines calls each for every record; the first fault ends it. The csv
// errors name places, never contents.
func readLines(r io.Reader, columns int, each func(line int, fields []string) error) error {
	cr := csv.NewReader(r)
	cr.FieldsPerRecord = columns
	for {
		fields, err := cr.Read()
		if err == io.EOF {
			return nil
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			fault := FaultSyntax
			if errors.Is(err, csv.ErrFieldCount) {
				fault = FaultColumns
			}
			return &FileError{fault, bad.Line}
		}
		if err != nil {
			return err
		}
		line, _ := cr.FieldPos(0)
		if err := each(line, fields); err != nil {
			return err
		}
	}
}
