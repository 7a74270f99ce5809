package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"

	"oshirase/batch"
	"oshirase/batch/figures"
	"oshirase/batch/intake"
	"oshirase/letters"
	"oshirase/templates"
)

// taking is one import on its way: the lists stay open for the problem book.
type taking struct {
	h         *house
	opt       intake.Options
	sentences intake.Sentences
	lists     []openedList
}

type openedList struct {
	file   *givenFile
	source letters.SourceFile
	report *intake.Report
}

// importLists is the command import.
func (h *house) importLists(ctx context.Context, m letters.Month, paths []string, o importFlags, expect batch.Expect) (err error) {
	if err := h.p.signIn(ctx, h.store, o.by, letters.RolePrepare); err != nil {
		return err
	}
	// A list of any size is read in bounded memory: rather more collection than
	// more memory, and import runs alone in its process.
	defer debug.SetGCPercent(debug.SetGCPercent(40))
	t := &taking{h: h}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.prepare(); err != nil {
		return err
	}
	if err := t.kinds(m, o.retailers, paths); err != nil {
		return err
	}
	retailers, problems, err := t.retailers(ctx, o.retailers)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return t.refuse(m, problems)
	}
	order := batch.ImportOrder{Month: m, By: o.by, Retailers: retailers, Expect: expect, LeaveOut: o.leaveOut, Replace: o.replace}
	if order.Sources, err = t.sources(paths); err != nil {
		return err
	}
	im, err := h.importer()
	if err != nil {
		return err
	}
	res, err := im.Import(ctx, order)
	if errors.Is(err, batch.ErrExpectation) {
		return h.differs(res.Differ)
	}
	if err != nil {
		return err
	}
	if res.Unusable {
		return t.refuse(m, res.Problems)
	}
	return t.done(ctx, m, res)
}

func (h *house) importer() (*batch.Importer, error) {
	lib, err := h.faces()
	if err != nil {
		return nil, err
	}
	chain := lib.Body()
	bar := h.p.progress("import", -1)
	return &batch.Importer{
		Ledger: h.store, Now: h.p.now, Random: h.p.random, Progress: bar, Order: h.set.Incident().Catalogue,
		Printable: func(s string) bool { return len(chain.Missing(s)) == 0 },
	}, nil
}

// prepare reads headings, words and sentences.
func (t *taking) prepare() (err error) {
	files := templates.Shipped()
	headings, err := fs.Sub(files, "headings")
	if err != nil {
		return err
	}
	if t.opt.Headings, err = intake.ReadHeadings(headings); err != nil {
		return err
	}
	problems, err := fs.Sub(files, "problems")
	if err != nil {
		return err
	}
	if t.sentences, err = intake.ReadSentences(problems); err != nil {
		return err
	}
	t.opt.Incident = t.h.set.Incident()
	return nil
}

// retailers reads the retailer list and lets the lists be checked against it.
func (t *taking) retailers(ctx context.Context, path string) ([]letters.Retailer, []letters.Problem, error) {
	f, source, err := openList(path)
	if err != nil {
		return nil, nil, err
	}
	t.lists = append(t.lists, openedList{file: f, source: source})
	list, report, err := intake.ReadRetailers(ctx, source.Name, f, source.Bytes, t.opt)
	if err != nil {
		return nil, nil, fmt.Errorf("read retailer list: %w", err)
	}
	if err := f.settled(); err != nil {
		return nil, nil, err
	}
	t.lists[0].report = report
	t.opt.Retailers = make(map[string]letters.Retailer, len(list))
	for _, r := range list {
		t.opt.Retailers[r.Code] = r
	}
	return list, report.Problems, nil
}

// sources opens every list; nothing is read yet.
func (t *taking) sources(paths []string) ([]batch.Source, error) {
	var out []batch.Source
	for _, path := range paths {
		f, source, err := openList(path)
		if err != nil {
			return nil, err
		}
		i := len(t.lists)
		t.lists = append(t.lists, openedList{file: f, source: source})
		out = append(out, batch.Source{File: source, Read: func(ctx context.Context, each func(letters.Row) error) (batch.ReadResult, error) {
			return t.read(ctx, i, each)
		}})
	}
	return out, nil
}

func (t *taking) read(ctx context.Context, i int, each func(letters.Row) error) (batch.ReadResult, error) {
	l := &t.lists[i]
	r, err := intake.Read(ctx, l.source.Name, l.file, l.source.Bytes, t.opt, each)
	if err != nil {
		return batch.ReadResult{}, fmt.Errorf("read list %s: %w", l.source.SHA256[:12], err)
	}
	if err := l.file.settled(); err != nil {
		return batch.ReadResult{}, err
	}
	l.report = r
	return batch.ReadResult{Rows: r.Rows, Format: r.Format, Encoding: r.Encoding,
		ProblemRows: r.ProblemRows, Problems: r.Problems, Unusable: r.FileProblem}, nil
}

func (t *taking) close() error {
	var errs []error
	for _, l := range t.lists {
		errs = append(errs, l.file.Close())
	}
	return errors.Join(errs...)
}

// differs says which control totals disagree.
func (h *house) differs(all []batch.Difference) error {
	var lines []string
	for _, d := range all {
		lines = append(lines, h.p.words.sentence("expectation_line", h.p.words.label("count_"+d.Key), thousands(d.Want), thousands(d.Got)))
	}
	return fail(exitRefused, "expectation_counts", batch.ErrExpectation, strings.Join(lines, "\n"))
}

// monthCounts are the figures of a month's own lists.
func (h *house) monthCounts(ctx context.Context, m letters.Month) (letters.Counts, error) {
	n, err := h.store.Outcomes(ctx, m)
	if err != nil {
		return n, fmt.Errorf("count rows of %s: %w", m, err)
	}
	counter := figures.NewCounter()
	err = h.store.MonthFigureRows(ctx, m, func(r letters.FigureRow) error {
		counter.Add(r)
		return nil
	})
	counter.Into(&n)
	return n, err
}
