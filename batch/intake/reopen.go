package intake

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// reopen opens the table that a report describes a second time, from its
// first record.
func reopen(in input, report *Report, limits Limits) (src source, done func(), err error) {
	if report.Format != "xlsx" {
		sep := byte(',')
		if report.Separator == "\t" {
			sep = '\t'
		}
		return &textSource{lines: newLines(in, namedEncoding(report.Encoding), newCP932(), limits.Line),
			sep: sep, columns: limits.Columns}, func() {}, nil
	}
	w, err := openWorkbook(in, limits)
	if err != nil {
		return nil, nil, err
	}
	for _, ref := range w.sheets {
		if ref.name == report.Sheet {
			sheet, err := w.openSheet(ref)
			if err != nil {
				return nil, nil, err
			}
			return sheet, sheet.close, nil
		}
	}
	return nil, nil, fmt.Errorf("sheet of the report: %w", errGone)
}

// errGone says that the file is not the one that the report describes.
var errGone = errors.New("not in the file any more")

func namedEncoding(name string) encoding {
	e := encoding{name: name, unit: 1, jis: name == "CP932"}
	if strings.HasPrefix(name, "UTF-16") {
		e.unit, e.big = 2, strings.HasPrefix(name, "UTF-16BE")
	}
	if strings.HasSuffix(name, "BOM") {
		e.bom = 2
		if e.unit == 1 {
			e.bom = 3
		}
	}
	return e
}

// eachFaulty calls fn with the heading record and then with every record that
// is in wanted, in file order.
func eachFaulty(src source, headingRow int, wanted map[int]bool, fn func(*record) error) error {
	left := len(wanted)
	for {
		rec, err := src.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if _, told := errors.AsType[*fileProblem](err); told {
			return nil // the report names it already
		}
		if err != nil {
			return err
		}
		if rec.no != headingRow && !wanted[rec.no] {
			continue
		}
		if err := fn(rec); err != nil {
			return err
		}
		if wanted[rec.no] {
			if left--; left == 0 {
				return nil
			}
		}
	}
}
