package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"oshirase/letters"
)

// handler checks one record and returns its problems; accept hands the row
// over and is called only when there are none.
type handler func(rec *record, h *heading) (problems []letters.Problem, accept func() error)

// scan reads one list.
type scan struct {
	*table
	in     input
	limits Limits
	report *Report
	merged map[int][]area
	handle handler
}

// opened is a table found in the file: its first records and the rest.
type opened struct {
	first  []record
	at     headAt
	src    source
	jagged bool
	finish func() // fills in what is known only at the end, and closes
}

// run reads the file. Problems of the file end in the report; an error means
// that reading failed or that the callback did.
func (s *scan) run(ctx context.Context) error {
	err := s.read(ctx)
	if p, ok := errors.AsType[*fileProblem](err); ok {
		s.add(letters.Problem{Code: p.code, Args: p.args})
		return nil
	}
	return err
}

func (s *scan) read(ctx context.Context) error {
	o, err := s.open()
	if o != nil {
		defer o.finish()
	}
	if err != nil {
		return err
	}
	if o.at.index < 0 {
		return fileFault(codeHeadingNotFound, headRecords)
	}
	h := s.heading(&o.first[o.at.index], o.jagged)
	s.describe(h, o.first[:o.at.index])
	s.checkHeading(h)
	if err := s.records(ctx, o, h); err != nil {
		return err
	}
	s.nameUnnamed(h)
	if s.report.Rows == 0 && !s.report.FileProblem {
		return fileFault(codeRowsNone)
	}
	return nil
}

func (s *scan) add(p letters.Problem) { s.report.add(s.limits.Problems, p) }

// describe notes what stands above the records.
func (s *scan) describe(h *heading, above []record) {
	s.report.HeadingRow = h.row
	for i := range above {
		if !above[i].empty() {
			s.report.Titles = append(s.report.Titles, above[i].no)
		}
	}
	for i, text := range h.texts {
		switch {
		case h.fields[i] != "":
			s.report.Columns = append(s.report.Columns, Found{text, h.fields[i], columnName(i)})
		case h.keys[i] != "":
			s.report.Unknown = append(s.report.Unknown, text)
		}
	}
}

// checkHeading names missing and doubled headings, in the order of the
// format's table.
func (s *scan) checkHeading(h *heading) {
	for _, c := range s.columns {
		if at := h.twice[c.Field]; len(at) > 0 {
			s.add(letters.Problem{Column: h.text(at[0]), Code: codeHeadingDuplicate,
				Args: []string{c.Heading, joinNames(columnNames(at))}})
		} else if _, ok := h.columns[c.Field]; !ok && c.Must {
			s.add(letters.Problem{Column: c.Heading, Code: codeHeadingMissing, Args: []string{c.Heading}})
		}
	}
}

func columnNames(at []int) []string {
	var out []string
	for _, i := range slices.Compact(slices.Sorted(slices.Values(at))) {
		out = append(out, columnName(i))
	}
	return out
}

// records goes through everything below the headings.
func (s *scan) records(ctx context.Context, o *opened, h *heading) error {
	last := h.row
	for i := o.at.index + 1; ; i++ {
		if i%256 == 0 && ctx.Err() != nil {
			return fmt.Errorf("read list: %w", ctx.Err())
		}
		var rec *record
		if i < len(o.first) {
			rec = &o.first[i]
		} else {
			var err error
			if rec, err = o.src.next(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
		s.report.Empty += rec.no - last - 1
		last = rec.no
		if err := s.record(rec, h); err != nil {
			return err
		}
	}
}

// record sorts one record and checks it when it is one of data.
func (s *scan) record(rec *record, h *heading) error {
	r := s.report
	if rec.empty() {
		r.Empty++
		return nil
	}
	if rec.hidden {
		r.HiddenRows = append(r.HiddenRows, rec.no)
	}
	if rec.fault == "" && !h.plain(rec) {
		switch {
		case h.isTotal(s.table, rec):
			r.Totals = append(r.Totals, rec.no)
			return nil
		case h.again(s.table, rec):
			r.Repeated = append(r.Repeated, rec.no)
			return nil
		case h.moved(s.table, rec):
			rec.fault = codeHeadingMoved
		}
	}
	h.markUnnamed(rec)
	r.Rows++
	problems, accept := s.check(rec, h)
	return s.settle(rec, problems, accept)
}

// check names the problems of the whole record, else those of its cells.
func (s *scan) check(rec *record, h *heading) ([]letters.Problem, func() error) {
	problems := s.broken(rec, h)
	if rec.fault != "" {
		return append([]letters.Problem{{Code: rec.fault, Args: rec.args}}, problems...), nil
	}
	if code, cells := h.misfit(rec); code != "" {
		args := []string{strconv.Itoa(cells), strconv.Itoa(h.named)}
		return append([]letters.Problem{{Code: code, Args: args}}, problems...), nil
	}
	problems = append(problems, s.mergedCells(rec, h)...)
	more, accept := s.handle(rec, h)
	return append(problems, more...), accept
}

// broken names cells with bytes that are no characters, in any column.
func (s *scan) broken(rec *record, h *heading) []letters.Problem {
	var out []letters.Problem
	for i := range rec.cells {
		c := &rec.cells[i]
		if c.broken > 0 {
			out = append(out, letters.Problem{Column: h.text(i), Code: codeBytesBroken,
				Args: []string{decimal(c.broken - 1)}})
		} else if h.keyAt(i) != "" && strings.ContainsRune(c.text, '\ufffd') {
			out = append(out, letters.Problem{Column: h.text(i), Code: codeCharacterLost})
		}
		s.noteForeign(c.text, rec.no)
	}
	return out
}

func (h *heading) keyAt(i int) string {
	if i < len(h.keys) {
		return h.keys[i]
	}
	return ""
}

// mergedCells names merged ranges over columns that are read: which of the
// rows the one value belongs to would be a guess.
func (s *scan) mergedCells(rec *record, h *heading) []letters.Problem {
	var out []letters.Problem
	for _, a := range s.merged[rec.no] {
		for i := a.left; i <= a.right && i < len(h.fields); i++ {
			if i >= 0 && h.fields[i] != "" {
				out = append(out, letters.Problem{Column: h.text(i), Code: codeMergedCells, Args: []string{a.ref}})
				break
			}
		}
	}
	return out
}

// noteForeign counts 外字, so that the operator sees them before the proof.
func (s *scan) noteForeign(text string, row int) {
	for _, c := range text {
		if c < 0xe000 || c > 0xf8ff && c < 0xf0000 {
			continue
		}
		code := codePoint(c)
		i := slices.IndexFunc(s.report.Foreign, func(f Foreign) bool { return f.Code == code })
		if i < 0 {
			i = len(s.report.Foreign)
			s.report.Foreign = append(s.report.Foreign, Foreign{Code: code, FirstRow: row})
		}
		s.report.Foreign[i].Count++
	}
}

// settle books the record: handed over, or with its problems.
func (s *scan) settle(rec *record, problems []letters.Problem, accept func() error) error {
	if len(problems) > 0 {
		s.report.ProblemRows = append(s.report.ProblemRows, rec.no)
		for _, p := range problems {
			p.Row = rec.no
			s.add(p)
		}
		return nil
	}
	if s.report.FileProblem {
		return nil
	}
	s.report.Good++
	return accept()
}

func (s *scan) nameUnnamed(h *heading) {
	for i := range h.texts {
		if h.unnamed[i] {
			s.report.Unnamed = append(s.report.Unnamed, columnName(i))
		}
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
