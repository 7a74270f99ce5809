package batch

import (
	"context"
	"fmt"
	"time"

	"oshirase/batch/figures"
	"oshirase/letters"
)

// PlanLedger is what planning a month needs of the ledger.
type PlanLedger interface {
	Files(ctx context.Context, m letters.Month) ([]letters.SourceFile, error)
	PlanRows(ctx context.Context, m letters.Month, files []int64, each func(letters.PlanRow) error) error
	Told(ctx context.Context, m letters.Month, each func(letters.ToldCase) error) error
	StoredLetters(ctx context.Context, m letters.Month) ([]letters.StoredLetter, error)
	ApplyPlan(ctx context.Context, p letters.Plan, actor string, at time.Time) error
}

// stager writes the rows of one list into the ledger in chunks.
type stager struct {
	im      *Importer
	id      int64
	counter *figures.Counter
	buf     []letters.KeyedRow
	rows    int
}

// add holds a row that cannot be drawn and stages it.
func (s *stager) add(ctx context.Context, r letters.Row) error {
	if !s.printable(r) {
		r.Held = append(r.Held, letters.ReasonGlyph)
	}
	s.counter.Add(letters.FigureRow{SupplyPoint: r.SupplyPoint, System: r.System,
		RetailerCode: r.RetailerCode, Disaster: r.Disaster, LastResort: r.LastResort})
	return s.put(ctx, KeyOf(r))
}

func (s *stager) printable(r letters.Row) bool {
	for _, text := range []string{r.Name, r.Address, r.Building, r.DemandPlace, r.RetailerName} {
		if !s.im.Printable(text) {
			return false
		}
	}
	return true
}

// reject stages the rows that the operator leaves out, by number alone, and
// flushes.
func (s *stager) reject(ctx context.Context, rows []int) error {
	for _, no := range rows {
		if err := s.put(ctx, letters.KeyedRow{Row: letters.Row{No: no}, Rejected: true}); err != nil {
			return err
		}
	}
	return s.flush(ctx)
}

func (s *stager) put(ctx context.Context, r letters.KeyedRow) error {
	s.buf = append(s.buf, r)
	s.rows++
	if len(s.buf) < chunk {
		return nil
	}
	return s.flush(ctx)
}

func (s *stager) flush(ctx context.Context) error {
	if len(s.buf) == 0 {
		return nil
	}
	if err := s.im.Ledger.StageRows(ctx, s.id, s.buf); err != nil {
		return fmt.Errorf("stage rows %d to %d: %w", s.buf[0].No, s.buf[len(s.buf)-1].No, err)
	}
	s.buf = s.buf[:0]
	if s.im.Progress != nil {
		s.im.Progress(s.rows)
	}
	return nil
}

// plan reads a month from the ledger into in, and plans it anew.
func plan(ctx context.Context, l PlanLedger, files []int64, in PlanInput) (letters.Plan, error) {
	m := in.Month
	slim := newSlimmer()
	err := l.PlanRows(ctx, m, files, func(r letters.PlanRow) error {
		in.Rows = append(in.Rows, slim.row(r))
		return nil
	})
	if err != nil {
		return letters.Plan{}, fmt.Errorf("read rows of %s: %w", m, err)
	}
	err = l.Told(ctx, m, func(c letters.ToldCase) error {
		in.Told = append(in.Told, c)
		return nil
	})
	if err != nil {
		return letters.Plan{}, fmt.Errorf("read earlier cases: %w", err)
	}
	if in.Stored, err = l.StoredLetters(ctx, m); err != nil {
		return letters.Plan{}, fmt.Errorf("read letters of %s: %w", m, err)
	}
	return MakePlan(in)
}

// Withdraw takes exactly one file's rows back and plans the month without it.
func (im *Importer) Withdraw(ctx context.Context, m letters.Month, sha, by string) (letters.Plan, error) {
	if err := im.open(ctx, m); err != nil {
		return letters.Plan{}, err
	}
	files, err := im.Ledger.Files(ctx, m)
	if err != nil {
		return letters.Plan{}, fmt.Errorf("list files: %w", err)
	}
	id, err := activeFile(files, sha)
	if err != nil {
		return letters.Plan{}, err
	}
	p, err := plan(ctx, im.Ledger, keep(files, []int64{id}, nil), im.input(m))
	if err != nil {
		return letters.Plan{}, err
	}
	p.Withdraw = []int64{id}
	if err := im.Ledger.AddPreparer(ctx, m, by); err != nil {
		return letters.Plan{}, fmt.Errorf("record preparer: %w", err)
	}
	return p, im.Ledger.ApplyPlan(ctx, p, by, im.Now())
}
