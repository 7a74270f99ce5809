package batch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"oshirase/letters"
)

var errCall = errors.New("ledger call failed")

// book is a ledger by hand. Its failAt-th call fails, once.
type book struct {
	calls, failAt int
	months        []letters.MonthInfo
	files         map[int64]*letters.SourceFile
	rows          map[int64][]letters.KeyedRow
	retailers     []letters.Retailer
	letters       map[letters.ID]letters.StoredLetter
	plan          letters.Plan
}

func newBook() *book {
	return &book{files: make(map[int64]*letters.SourceFile), rows: make(map[int64][]letters.KeyedRow),
		letters: make(map[letters.ID]letters.StoredLetter)}
}

func (b *book) call() error {
	if b.calls++; b.calls == b.failAt {
		return errCall
	}
	return nil
}
func (b *book) Months(context.Context) ([]letters.MonthInfo, error) { return b.months, b.call() }
func (b *book) EnsureMonth(_ context.Context, m letters.Month) error {
	if err := b.call(); err != nil {
		return err
	}
	if !slices.ContainsFunc(b.months, func(i letters.MonthInfo) bool { return i.Month == m }) {
		b.months = append(b.months, letters.MonthInfo{Month: m, State: letters.MonthOpen})
	}
	return nil
}
func (b *book) AddPreparer(context.Context, letters.Month, string) error { return b.call() }
func (b *book) StageFile(_ context.Context, f letters.SourceFile) (int64, error) {
	if err := b.call(); err != nil {
		return 0, err
	}
	f.ID, f.State = int64(len(b.rows)+1), letters.FileStaging
	b.files[f.ID], b.rows[f.ID] = &f, nil
	return f.ID, nil
}
func (b *book) StageRows(_ context.Context, id int64, rows []letters.KeyedRow) error {
	if err := b.call(); err != nil {
		return err
	}
	b.rows[id] = append(b.rows[id], rows...)
	return nil
}
func (b *book) FinishStaging(context.Context, int64, int) error { return b.call() }
func (b *book) AbandonFile(_ context.Context, id int64) error {
	delete(b.files, id)
	return b.call()
}
func (b *book) PutRetailers(_ context.Context, _ letters.Month, list []letters.Retailer) error {
	if err := b.call(); err != nil {
		return err
	}
	b.retailers = list
	return nil
}
func (b *book) Files(context.Context, letters.Month) ([]letters.SourceFile, error) {
	var out []letters.SourceFile
	for _, id := range slices.Sorted(maps.Keys(b.files)) {
		out = append(out, *b.files[id])
	}
	return out, b.call()
}
func (b *book) PlanRows(_ context.Context, _ letters.Month, files []int64, each func(letters.PlanRow) error) error {
	for _, id := range files {
		for _, r := range b.rows[id] {
			err := each(letters.PlanRow{FileID: id, No: r.No, CaseKey: r.CaseKey, FoldKey: r.FoldKey, PersonKey: r.PersonKey,
				Supply: r.Supply, System: r.System, Items: r.Items, First: r.First, Last: r.Last, Channel: r.Channel,
				Kana: r.Kana, Phone: r.Phone, Kind: r.Kind, KindGiven: true, PointKey: r.SupplyPoint,
				Disaster: r.Disaster, LastResort: r.LastResort, Rejected: r.Rejected, Held: r.Held})
			if err != nil {
				return err
			}
		}
	}
	return b.call()
}
func (b *book) Told(context.Context, letters.Month, func(letters.ToldCase) error) error {
	return b.call()
}
func (b *book) StoredLetters(context.Context, letters.Month) ([]letters.StoredLetter, error) {
	return slices.Collect(maps.Values(b.letters)), b.call()
}
func (b *book) ApplyPlan(_ context.Context, p letters.Plan, _ string, _ time.Time) error {
	if err := b.call(); err != nil {
		return err
	}
	for _, id := range p.Activate {
		b.files[id].State = letters.FileActive
	}
	for _, id := range p.Withdraw {
		b.files[id].State = letters.FileWithdrawn
	}
	for _, id := range p.Cancel {
		delete(b.letters, id)
	}
	for _, l := range p.Letters {
		b.letters[l.ID] = letters.StoredLetter{ID: l.ID, PersonKey: l.PersonKey, Facts: l.Facts, State: letters.Planned}
	}
	b.plan = p
	return nil
}

func importer(b *book) *Importer {
	return &Importer{Ledger: b, Printable: func(s string) bool { return s != "\ue000" }, Now: morning, Random: dice(), Order: catalogue}
}

// list is a source of these rows.
func list(name string, rows ...letters.Row) Source {
	return Source{File: letters.SourceFile{Name: name, SHA256: name},
		Read: func(_ context.Context, each func(letters.Row) error) (ReadResult, error) {
			for i, r := range rows {
				r.No = i + 2
				if err := each(r); err != nil {
					return ReadResult{}, err
				}
			}
			return ReadResult{Rows: len(rows)}, nil
		}}
}

// customer is a row of contract n.
func customer(n int) letters.Row {
	r := someone()
	r.SupplyPoint, r.Name = fmt.Sprintf("09%020d", n), fmt.Sprintf("電力 %d郎", n)
	r.Supply, r.Channel, r.First, r.Last = letters.Low, letters.Print, "2022-10-03", "2022-10-03"
	r.Items = []letters.ItemCode{"contract_name"}
	return r
}

func order(sources ...Source) ImportOrder {
	return ImportOrder{Month: "2023-02", By: "koho", Sources: sources, Retailers: []letters.Retailer{{Code: "0042"}}}
}

func TestImportMakesListsAndPlanVisible(t *testing.T) {
	t.Parallel()
	b := newBook()
	glyph := customer(3)
	glyph.Building = "\ue000"
	res, err := importer(b).Import(t.Context(), order(list("a", customer(1), customer(2)), list("b", customer(2), glyph)))
	if err != nil {
		t.Fatal(err)
	}
	if got := outcomes(res.Plan.Counts); got != "2 1 0 1 0 / 2" {
		t.Errorf("got %s, want 2 letters, one row merged, one held", got)
	}
	if res.Lists.Rows != 4 || res.Lists.ViewedContracts != 3 || len(b.retailers) != 1 || b.files[1].State != letters.FileActive {
		t.Errorf("lists %+v, files %v: want four rows of three contracts, active", res.Lists, b.files)
	}
}

// Whatever call of the ledger fails, nothing is staged and nothing counts.
func TestImportLeavesNothingWhenTheLedgerFails(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		b := newBook()
		if _, err := importer(b).Import(t.Context(), order(list("old", customer(9)))); err != nil {
			t.Fatal(err)
		}
		before, calls := len(b.letters), b.calls
		b.retailers, b.failAt = nil, calls+at
		o := order(list("a", customer(1)), list("b", customer(2)))
		o.Replace = "old"
		_, err := importer(b).Import(t.Context(), o)
		if b.calls < b.failAt {
			if err != nil || at < 10 {
				t.Errorf("only %d calls, %v", at, err)
			}
			return
		}
		if !errors.Is(err, errCall) {
			t.Fatalf("call %d: got %v, want its error", at, err)
		}
		if len(b.files) != 1 || b.files[1].State != letters.FileActive || len(b.letters) != before || b.plan.Counts.Rows != 1 {
			t.Errorf("call %d: files %v and %d letters, want the old list alone", at, b.files, len(b.letters))
		}
	}
}

func TestImportRefusals(t *testing.T) {
	t.Parallel()
	two := 2
	bad := list("bad", customer(1))
	bad.Read = func(context.Context, func(letters.Row) error) (ReadResult, error) {
		return ReadResult{Rows: 1, ProblemRows: []int{2}, Problems: []letters.Problem{{Row: 2, Code: "x"}}}, nil
	}
	for _, c := range []struct {
		what   string
		change func(*ImportOrder, *book)
		want   error
		month  bool // a refusal after reading may leave the empty month
	}{
		{"next month", func(o *ImportOrder, _ *book) { o.Month = "2023-03" }, ErrMonthFuture, false},
		{"approved", func(_ *ImportOrder, b *book) {
			b.months = []letters.MonthInfo{{Month: "2023-02", State: letters.MonthApproved}}
		}, ErrMonthApproved, true},
		{"before an approved one", func(o *ImportOrder, b *book) {
			o.Month, b.months = "2023-01", []letters.MonthInfo{{Month: "2023-02", State: letters.MonthApproved}}
		}, ErrMonthPast, true},
		{"the same list twice", func(o *ImportOrder, _ *book) { o.Sources = append(o.Sources, o.Sources[0]) }, ErrTwice, false},
		{"an unknown list to replace", func(o *ImportOrder, _ *book) { o.Replace = "none" }, ErrUnknownFile, false},
		{"a control total", func(o *ImportOrder, _ *book) { o.Expect.Rows = &two }, ErrExpectation, true},
		{"problems", func(o *ImportOrder, _ *book) { o.Sources = []Source{bad} }, nil, true},
	} {
		b := newBook()
		o := order(list("a", customer(1)))
		c.change(&o, b)
		res, err := importer(b).Import(t.Context(), o)
		if !errors.Is(err, c.want) || c.want == nil && !res.Unusable {
			t.Errorf("%s: got %v, unusable %v, want %v", c.what, err, res.Unusable, c.want)
		}
		if len(b.files) != 0 || b.retailers != nil || len(b.months) > 0 != c.month {
			t.Errorf("%s: files %v, months %v are left", c.what, b.files, b.months)
		}
	}
}

func TestImportLeavesProblemRowsOut(t *testing.T) {
	t.Parallel()
	b := newBook()
	s := list("a", customer(1))
	good := s.Read
	s.Read = func(ctx context.Context, each func(letters.Row) error) (ReadResult, error) {
		_, err := good(ctx, each)
		return ReadResult{Rows: 3, ProblemRows: []int{3, 4}, Problems: []letters.Problem{{Row: 3}, {Row: 4}}}, err
	}
	o := order(s)
	o.LeaveOut = true
	res, err := importer(b).Import(t.Context(), o)
	if err != nil || outcomes(res.Plan.Counts) != "1 0 0 0 2 / 1" || res.Lists.RejectedRows != 2 {
		t.Errorf("got %s, %v: want one letter and two rejected rows", outcomes(res.Plan.Counts), err)
	}
}

// Withdraw undoes exactly one file: the month is as it was before it.
func TestWithdrawUndoesOneFile(t *testing.T) {
	t.Parallel()
	b := newBook()
	im := importer(b)
	more := customer(1)
	more.Items = []letters.ItemCode{"capacity"}
	if _, err := im.Import(t.Context(), order(list("a", customer(1), customer(2)))); err != nil {
		t.Fatal(err)
	}
	before, was := maps.Clone(b.letters), describe(b.plan)
	if _, err := im.Import(t.Context(), order(list("b", more, customer(3)))); err != nil {
		t.Fatal(err)
	}
	if maps.Equal(before, b.letters) {
		t.Fatal("the second list changed nothing")
	}
	if _, err := im.Withdraw(t.Context(), "2023-02", "none", "koho"); !errors.Is(err, ErrUnknownFile) {
		t.Errorf("an unknown list: got %v, want ErrUnknownFile", err)
	}
	if _, err := im.Withdraw(t.Context(), "2023-02", "b", "koho"); err != nil {
		t.Fatal(err)
	}
	if describe(b.plan) != was || !maps.Equal(before, b.letters) {
		t.Errorf("after the withdrawal:\n%s\nbefore the list:\n%s", describe(b.plan), was)
	}
	if b.files[1].State != letters.FileActive || b.files[2].State != letters.FileWithdrawn {
		t.Errorf("files are %s and %s", b.files[1].State, b.files[2].State)
	}
}

func TestWithdrawOfUnknownFileLeavesNoMonth(t *testing.T) {
	t.Parallel()
	b := newBook()
	if _, err := importer(b).Withdraw(t.Context(), "2023-02", "none", "koho"); !errors.Is(err, ErrUnknownFile) || len(b.months) != 0 {
		t.Errorf("got %v and months %v, want ErrUnknownFile and none", err, b.months)
	}
}
