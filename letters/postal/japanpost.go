package postal

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

// ErrJapanPost says that a file is not the one that Japan Post gives out.
var ErrJapanPost = errors.New("not a postal code file of Japan Post")

// Columns of utf_ken_all.csv, one town a line since June 2023.
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
	officeName    = 2
	officePref    = 3
	officeCity    = 4
	officeTown    = 5
	officeStreet  = 6
	officeCode    = 7
	officeKind    = 10
)

// ReadKenAll reads Japan Post's utf_ken_all.csv (UTF-8). It returns
// ErrJapanPost with the line number for anything else.
func ReadKenAll(r io.Reader) ([]Row, error) {
	var rows []Row
	var open []string // a town whose parenthesis is not closed yet: the older form
	err := readLines(r, kenAllColumns, func(f []string) error {
		if open != nil {
			if open[kenAllCode] != f[kenAllCode] {
				return fmt.Errorf("the line before ends inside a parenthesis: %w", ErrJapanPost)
			}
			open[kenAllTown] += f[kenAllTown]
			f = open
		}
		open = nil
		if strings.Contains(f[kenAllTown], "（") && !strings.Contains(f[kenAllTown], "）") {
			open = f
			return nil
		}
		row := Row{Code: f[kenAllCode], Kind: Area, Prefecture: f[kenAllPref], City: f[kenAllCity]}
		rows = append(rows, townRows(row, f[kenAllTown])...)
		return checkRow(row)
	})
	if err == nil && open != nil {
		err = fmt.Errorf("last line ends inside a parenthesis: %w", ErrJapanPost)
	}
	return rows, err
}

// ReadOffices reads Japan Post's JIGYOSYO.CSV (CP932): the codes of large
// offices and of single P.O. boxes. It returns ErrJapanPost with the line
// number for anything else.
func ReadOffices(r io.Reader) ([]Row, error) {
	var rows []Row
	decoded := transform.NewReader(r, japanese.ShiftJIS.NewDecoder())
	err := readLines(decoded, officeColumns, func(f []string) error {
		row := Row{Code: f[officeCode], Kind: Office, Prefecture: f[officePref], City: f[officeCity], Town: f[officeTown]}
		if f[officeKind] == "1" {
			row.Kind = Box
		}
		row.Detail = strings.TrimSpace(f[officeStreet] + " " + f[officeName])
		rows = append(rows, row)
		return checkRow(row)
	})
	return rows, err
}

func checkRow(r Row) error {
	if _, ok := codeNumber(r.Code); !ok || r.Prefecture == "" || r.City == "" {
		return ErrJapanPost
	}
	return nil
}

// readLines calls each for every record; the first fault ends it.
func readLines(r io.Reader, columns int, each func([]string) error) error {
	cr := csv.NewReader(r)
	cr.FieldsPerRecord = columns
	for {
		fields, err := cr.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			// The csv error names line and column, never contents.
			return fmt.Errorf("%w: %w", ErrJapanPost, err)
		}
		line, _ := cr.FieldPos(0)
		for _, f := range fields {
			if !utf8.ValidString(f) || strings.ContainsRune(f, utf8.RuneError) {
				return fmt.Errorf("line %d has characters of another encoding: %w", line, ErrJapanPost)
			}
		}
		if err := each(fields); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}
