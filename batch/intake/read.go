package intake

import (
	"context"
	"fmt"
	"io"
	"slices"

	"oshirase/letters"
)

// Options say what a list is read against.
type Options struct {
	Incident  *letters.Incident
	Headings  Headings
	Retailers map[string]letters.Retailer // by code; nil = retailers are not checked
	Limits    Limits
}

// Read reads a viewed-contract list and calls each for every good row, in
// file order. name is the file's name as reports and problems show it; it is
// never opened. size is the number of bytes of r.
//
// Everything wrong with the data is in the report, all at once; a row with a
// problem is not handed over. When FileProblem is set the rows handed over
// before it was found must not be used. The error is that of ctx, of reading
// r, of each, or ErrHeadings.
func Read(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options, each func(letters.Row) error) (*Report, error) {
	s, err := newScan(name, r, size, opt.Headings.List, opt)
	if err != nil {
		return nil, err
	}
	c := newChecker(opt, s.words)
	s.handle = func(rec *record, h *heading) ([]letters.Problem, func() error) {
		row, problems := c.row(rec, h)
		return problems, func() error { return each(row) }
	}
	return s.report, s.run(ctx)
}

func newScan(name string, r io.ReaderAt, size int64, columns []Column, opt Options) (*scan, error) {
	t, err := newTable(columns, opt.Headings.Words)
	if err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	return &scan{table: t, in: input{r, size}, limits: opt.Limits.orDefault(),
		report: &Report{File: name, Size: size}}, nil
}

// checker holds what rows of one list are checked against.
type checker struct {
	*words
	incident  *letters.Incident
	retailers map[string]letters.Retailer
	systems   map[string]letters.SystemCode
	items     map[string][]letters.ItemCode // one name may mean two items of different catalogues
}

func newChecker(opt Options, w *words) *checker {
	c := &checker{words: w, incident: opt.Incident, retailers: opt.Retailers,
		systems: map[string]letters.SystemCode{}, items: map[string][]letters.ItemCode{}}
	for _, s := range opt.Incident.Systems {
		code := string(s.Code)
		for _, name := range append([]string{s.Name, code, s.Name + "(" + code + ")"}, s.Aliases...) {
			c.systems[key(name)] = s.Code
		}
	}
	for _, item := range opt.Incident.Items {
		for _, name := range append([]string{item.Name, string(item.Code)}, item.Aliases...) {
			if k := key(name); !slices.Contains(c.items[k], item.Code) {
				c.items[k] = append(c.items[k], item.Code)
			}
		}
	}
	return c
}

// rowCheck is the check of one record.
type rowCheck struct {
	*checker
	h        *heading
	rec      *record
	row      letters.Row
	problems []letters.Problem
	places   []int // columns of the problems, for their order
	unsure   map[string]bool
}

// row checks every column of the format's table and returns the row and all
// its problems, left to right.
func (c *checker) row(rec *record, h *heading) (letters.Row, []letters.Problem) {
	r := &rowCheck{checker: c, h: h, rec: rec}
	r.row.No = rec.no
	r.cells()
	r.supplyPoint()
	r.person()
	r.delivery()
	r.contact()
	r.exposure()
	r.retailer()
	r.impossible()
	return r.row, r.sorted()
}

// problem books a problem of a field; what depends on it is not judged.
func (r *rowCheck) problem(field, code string, args ...string) {
	column := r.h.columns[field]
	r.problems = append(r.problems, letters.Problem{Column: r.h.text(column), Code: code, Args: args})
	r.places = append(r.places, column)
	r.doubt(field)
}

func (r *rowCheck) doubt(field string) {
	if r.unsure == nil {
		r.unsure = map[string]bool{}
	}
	r.unsure[field] = true
}

func (r *rowCheck) hold(reason letters.Reason) {
	if !slices.Contains(r.row.Held, reason) {
		r.row.Held = append(r.row.Held, reason)
	}
}

func (r *rowCheck) note(reason letters.Reason) {
	if !slices.Contains(r.row.Notes, reason) {
		r.row.Notes = append(r.row.Notes, reason)
	}
}

// get returns the cell of a field; ok is false when the column is missing or
// the cell already has a problem.
func (r *rowCheck) get(field string) (c cell, ok bool) {
	column, ok := r.h.columns[field]
	if !ok || r.unsure[field] {
		return cell{}, false
	}
	return r.rec.at(column), true
}

// sorted returns the problems left to right; those of one cell in the order
// in which they were found.
func (r *rowCheck) sorted() []letters.Problem {
	order := make([]int, len(r.problems))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return r.places[a] - r.places[b] })
	out := make([]letters.Problem, len(order))
	for i, k := range order {
		out[i] = r.problems[k]
	}
	return out
}
