package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"oshirase/batch"
	"oshirase/batch/intake"
	"oshirase/letters"
)

// problemJSON is a problem as others script against it.
type problemJSON struct {
	File   string `json:"file"`
	Row    int    `json:"row"`
	Column string `json:"column"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
	Advice string `json:"advice"`
}

// fileJSON says how a list was read.
type fileJSON struct {
	Name       string   `json:"name"`
	SHA256     string   `json:"sha256"`
	Rows       int      `json:"rows"`
	Format     string   `json:"format"`
	Encoding   string   `json:"encoding"`
	HeadingRow int      `json:"heading_row"`
	Ignored    []string `json:"ignored_columns"`
	TotalsRows []int    `json:"totals_rows"`
	Gaiji      int      `json:"gaiji"`
}

// importJSON is what import reports.
type importJSON struct {
	Month letters.Month `json:"month"`
	letters.Counts
	Files        []fileJSON    `json:"files"`
	Problems     []problemJSON `json:"problems"`
	ProblemBook  string        `json:"problem_book,omitempty"` // the folder of
	ProblemBooks []string      `json:"problem_books,omitempty"`
	Near         int           `json:"near_matches"`
	Made         bool          `json:"made"`
}

// done reports an import that was made. Held or rejected rows wait for a person.
func (t *taking) done(ctx context.Context, m letters.Month, res batch.ImportResult) error {
	n, err := t.h.monthCounts(ctx, m)
	if err != nil {
		return err
	}
	out := importJSON{Month: m, Counts: n, Files: t.files(), Problems: t.problems(res.Problems), Near: len(res.Plan.Near), Made: true}
	if len(res.Problems) > 0 {
		if out.ProblemBook, out.ProblemBooks, err = t.problemBooks(m); err != nil {
			return err
		}
	}
	if err := t.h.p.report("import", out); err != nil {
		return err
	}
	if n.HeldRows > 0 || n.RejectedRows > 0 || out.Near > 0 {
		return errWaits
	}
	return nil
}

// refuse reports the problems; nothing was made.
func (t *taking) refuse(m letters.Month, problems []letters.Problem) error {
	dir, books, err := t.problemBooks(m)
	if err != nil {
		return err
	}
	out := importJSON{Month: m, Files: t.files(), Problems: t.problems(problems), ProblemBook: dir, ProblemBooks: books}
	for _, f := range out.Files {
		out.Rows += f.Rows
	}
	if err := t.h.p.report("import", out); err != nil {
		return err
	}
	return fail(exitProblems, "import_problems", fmt.Errorf("%d problems", len(problems)), thousands(len(problems)))
}

func (t *taking) files() []fileJSON {
	out := []fileJSON{}
	for i, l := range t.lists {
		if r := l.report; r != nil && i > 0 { // the first is the retailer list
			out = append(out, fileJSON{Name: l.source.Name, SHA256: l.source.SHA256, Rows: r.Rows, Format: r.Format,
				Encoding: r.Encoding, HeadingRow: r.HeadingRow, Ignored: r.Unknown, TotalsRows: r.Totals, Gaiji: len(r.Foreign)})
		}
	}
	return out
}

func (t *taking) problems(in []letters.Problem) []problemJSON {
	out := make([]problemJSON, 0, len(in))
	for _, p := range in {
		reason, advice := t.sentences.Text(p)
		out = append(out, problemJSON{p.File, p.Row, p.Column, p.Code, reason, advice})
	}
	return out
}

// problemBooks writes the workbooks for the investigators, one a list with
// problems, and returns their folder and their paths.
func (t *taking) problemBooks(m letters.Month) (dir string, books []string, err error) {
	dir = t.h.p.inHome("problems")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make folder for problems: %w", err)
	}
	for _, l := range t.lists {
		if l.report == nil || l.report.Total == 0 {
			continue
		}
		path := t.h.p.inHome("problems", fmt.Sprintf("%s-%s.xlsx", m, l.source.SHA256[:12]))
		err := writeFile(path, func(w io.Writer) error {
			return intake.WriteProblemBook(w, l.file, l.source.Bytes, l.report, t.sentences, t.opt.Limits)
		})
		if err != nil {
			return "", nil, fmt.Errorf("write problems of list %s: %w", l.source.SHA256[:12], err)
		}
		books = append(books, path)
	}
	return dir, books, nil
}
