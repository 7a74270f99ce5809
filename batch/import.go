package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"oshirase/batch/figures"
	"oshirase/letters"
)

// Refusals of import and withdraw: nothing was changed.
var (
	ErrMonthFuture   = errors.New("month lies in the future")
	ErrMonthPast     = errors.New("month lies before the last approved one")
	ErrMonthApproved = errors.New("month is approved already")
	ErrMonthPurged   = errors.New("personal data of the month were deleted")
	ErrUnknownFile   = errors.New("no such file in this month")
	ErrExpectation   = errors.New("counts differ from what was expected")
	ErrTwice         = errors.New("the same list is named twice")
)

// ImportLedger is what import and withdraw need of the ledger.
type ImportLedger interface {
	PlanLedger
	Months(ctx context.Context) ([]letters.MonthInfo, error)
	EnsureMonth(ctx context.Context, m letters.Month) error
	AddPreparer(ctx context.Context, m letters.Month, user string) error
	StageFile(ctx context.Context, f letters.SourceFile) (int64, error)
	StageRows(ctx context.Context, fileID int64, rows []letters.KeyedRow) error
	FinishStaging(ctx context.Context, fileID int64, rows int) error
	AbandonFile(ctx context.Context, fileID int64) error
	PutRetailers(ctx context.Context, m letters.Month, list []letters.Retailer) error
}

// Source is one list to take in. Read streams every good row in file order
// and may be called once.
type Source struct {
	File letters.SourceFile // Name, SHA256, Bytes; Month and people are set here
	Read func(ctx context.Context, each func(letters.Row) error) (ReadResult, error)
}

// ReadResult is what reading a list found besides its good rows.
type ReadResult struct {
	Rows        int // data records, with and without problems
	Format      string
	Encoding    string
	ProblemRows []int
	Problems    []letters.Problem
	Unusable    bool // a problem of the file itself: leaving rows out does not help
}

// Expect are the control totals that the operator typed in; nil means not given.
type Expect struct {
	Rows, Contracts, LastResort, Disaster, RetailersCC, RetailersNW *int
}

// ImportOrder is one call of import.
type ImportOrder struct {
	Month     letters.Month
	By        string
	Sources   []Source
	Retailers []letters.Retailer
	Expect    Expect
	LeaveOut  bool   // problem rows become rejected
	Replace   string // SHA-256 of the file that these take the place of, "" = none
}

// ImportResult says what was read and what the month holds now.
type ImportResult struct {
	Problems []letters.Problem
	Unusable bool           // nothing was made: problems were found and not left out
	Lists    letters.Counts // of the lists of this call alone
	Plan     letters.Plan   // of the whole month
	Differ   []Difference   // control totals that disagree
}

// Difference is one control total that disagrees.
type Difference struct {
	Key       string // JSON count key
	Got, Want int
}

// Importer takes lists into a month.
type Importer struct {
	Ledger    ImportLedger
	Printable func(text string) bool // every character of it can be drawn
	Now       func() time.Time
	Random    io.Reader
	Progress  func(rows int)                                              // may be nil
	Order     func(letters.SystemCode, letters.Supply) []letters.ItemCode // the catalogue; see PlanInput
}

// chunk is how many rows are staged in one transaction.
const chunk = 1000

// Import reads all lists, names every problem at once, compares the control
// totals, and only then makes the lists visible together with the new plan in
// one transaction. With problems, and without LeaveOut, nothing is made.
func (im *Importer) Import(ctx context.Context, o ImportOrder) (res ImportResult, err error) {
	if err := im.ready(ctx, o); err != nil {
		return res, err
	}
	staged := make([]int64, 0, len(o.Sources))
	defer func() {
		if err != nil || res.Unusable {
			err = errors.Join(err, im.abandon(staged))
		}
	}()
	counter := figures.NewCounter()
	for _, s := range o.Sources {
		id, err := im.stage(ctx, o, s, counter, &res)
		if id != 0 {
			staged = append(staged, id)
		}
		if err != nil {
			return res, err
		}
	}
	counter.Into(&res.Lists)
	if res.Unusable {
		return res, nil
	}
	if res.Differ = o.Expect.compare(res.Lists); len(res.Differ) > 0 {
		return res, ErrExpectation
	}
	return im.commit(ctx, o, staged, res)
}

// open checks that the month may still take lists.
func (im *Importer) open(ctx context.Context, m letters.Month) error {
	if m > letters.MonthOf(im.Now()) {
		return ErrMonthFuture
	}
	months, err := im.Ledger.Months(ctx)
	if err != nil {
		return fmt.Errorf("list months: %w", err)
	}
	for _, other := range months {
		if other.PurgedAt > 0 && other.Month == m {
			return ErrMonthPurged
		}
		if other.State == letters.MonthApproved && other.Month == m {
			return ErrMonthApproved
		}
		if other.State == letters.MonthApproved && other.Month > m {
			return ErrMonthPast
		}
	}
	return nil
}

// ready refuses what can be refused before anything is written, and only then
// makes the month.
func (im *Importer) ready(ctx context.Context, o ImportOrder) error {
	if err := im.open(ctx, o.Month); err != nil {
		return err
	}
	named := make(map[string]bool, len(o.Sources))
	for _, s := range o.Sources {
		if named[s.File.SHA256] {
			return ErrTwice
		}
		named[s.File.SHA256] = true
	}
	if o.Replace != "" {
		files, err := im.Ledger.Files(ctx, o.Month)
		if err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		if _, err := activeFile(files, o.Replace); err != nil {
			return err
		}
	}
	if err := im.Ledger.EnsureMonth(ctx, o.Month); err != nil {
		return fmt.Errorf("open %s: %w", o.Month, err)
	}
	return nil
}

// abandon removes what was staged, even when the call itself was cancelled.
func (im *Importer) abandon(staged []int64) error {
	var errs []error
	for _, id := range staged {
		errs = append(errs, im.Ledger.AbandonFile(context.Background(), id))
	}
	return errors.Join(errs...)
}

// stage reads one list into the ledger, still invisible. It returns the file's
// number as soon as there is one, also with an error.
func (im *Importer) stage(ctx context.Context, o ImportOrder, s Source, counter *figures.Counter, res *ImportResult) (int64, error) {
	f := s.File
	f.Month, f.ImportedBy, f.StagedAt = o.Month, o.By, im.Now().UnixMicro()
	id, err := im.Ledger.StageFile(ctx, f)
	if err != nil {
		return 0, err
	}
	st := &stager{im: im, id: id, counter: counter}
	read, err := s.Read(ctx, func(r letters.Row) error { return st.add(ctx, r) })
	if err != nil {
		return id, err
	}
	res.Problems = append(res.Problems, read.Problems...)
	res.Lists.Rows += read.Rows
	if read.Unusable || len(read.Problems) > 0 && !o.LeaveOut {
		res.Unusable = true
		return id, nil
	}
	if err := st.reject(ctx, read.ProblemRows); err != nil {
		return id, err
	}
	res.Lists.RejectedRows += len(read.ProblemRows)
	if st.rows != read.Rows {
		return id, fmt.Errorf("stage list: %d rows staged of %d read", st.rows, read.Rows)
	}
	return id, im.Ledger.FinishStaging(ctx, id, st.rows)
}

// commit plans the month with the staged lists and makes both visible.
func (im *Importer) commit(ctx context.Context, o ImportOrder, staged []int64, res ImportResult) (ImportResult, error) {
	files, err := im.Ledger.Files(ctx, o.Month)
	if err != nil {
		return res, fmt.Errorf("list files: %w", err)
	}
	var withdraw []int64
	if o.Replace != "" {
		id, err := activeFile(files, o.Replace)
		if err != nil {
			return res, err
		}
		withdraw = []int64{id}
	}
	res.Plan, err = plan(ctx, im.Ledger, keep(files, withdraw, staged), im.input(o.Month))
	if err != nil {
		return res, err
	}
	res.Plan.Activate, res.Plan.Withdraw = staged, withdraw
	if err := im.Ledger.AddPreparer(ctx, o.Month, o.By); err != nil {
		return res, fmt.Errorf("record preparer: %w", err)
	}
	if err := im.Ledger.PutRetailers(ctx, o.Month, o.Retailers); err != nil {
		return res, fmt.Errorf("store retailer list: %w", err)
	}
	return res, im.Ledger.ApplyPlan(ctx, res.Plan, o.By, im.Now())
}

// input is what a planning of this importer starts from.
func (im *Importer) input(m letters.Month) PlanInput {
	return PlanInput{Month: m, Order: im.Order, Random: im.Random}
}

func activeFile(files []letters.SourceFile, sha string) (int64, error) {
	for _, f := range files {
		if f.SHA256 == sha && f.State == letters.FileActive {
			return f.ID, nil
		}
	}
	return 0, ErrUnknownFile
}

// keep returns the files that count: active ones less those withdrawn, and
// those staged by this call.
func keep(files []letters.SourceFile, withdraw, staged []int64) []int64 {
	var ids []int64
	for _, f := range files {
		if f.State == letters.FileActive && !slices.Contains(withdraw, f.ID) {
			ids = append(ids, f.ID)
		}
	}
	for _, id := range staged {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// compare returns every control total that disagrees.
func (e Expect) compare(n letters.Counts) []Difference {
	var out []Difference
	for _, c := range []struct {
		key  string
		want *int
		got  int
	}{
		{"rows", e.Rows, n.Rows},
		{"viewed_contracts", e.Contracts, n.ViewedContracts},
		{"last_resort_contracts", e.LastResort, n.LastResortContracts},
		{"disaster_contracts", e.Disaster, n.DisasterContracts},
		{"retailers_cc", e.RetailersCC, n.RetailersCC},
		{"retailers_nw", e.RetailersNW, n.RetailersNW},
	} {
		if c.want != nil && *c.want != c.got {
			out = append(out, Difference{Key: c.key, Got: c.got, Want: *c.want})
		}
	}
	return out
}
