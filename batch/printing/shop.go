package printing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"oshirase/letters"
	"oshirase/letters/disk"
)

// Ledger is what the print shop needs of the ledger.
type Ledger interface {
	QueuedClasses(ctx context.Context) ([]struct {
		Month  letters.Month
		PostOn letters.Date
		Class  string
		Count  int
	}, error)
	ClaimPrint(ctx context.Context, worker string, run letters.PrintRun, n int, lease time.Duration) ([]letters.Dispatch, error)
	BeginRun(ctx context.Context, run letters.PrintRun) error
	FinishRun(ctx context.Context, run letters.PrintRun, items []letters.PrintItem, at time.Time) error
	ReturnRun(ctx context.Context, runID string) error
	DoubtRun(ctx context.Context, run letters.PrintRun, items []letters.PrintItem) error
	OpenRuns(ctx context.Context) ([]letters.PrintRun, error)
	RunDispatches(ctx context.Context, runID string) ([]letters.Dispatch, error)
}

// Shop carries out what is queued for print: claim, make, record. What a crash
// left half done is settled first, by what stands in the folder.
type Shop struct {
	Ledger  Ledger
	Maker   Maker
	Worker  string
	PerRun  int // most letters in one run
	Lease   time.Duration
	Now     func() time.Time
	NewID   func(m letters.Month, class string) (string, error)
	Mine    func(runID string) bool // begun by this worker, whose earlier process is dead
	Load    func(ctx context.Context, m letters.Month, claimed []letters.Dispatch) ([]Piece, error)
	Journal func(ctx context.Context, runID string, letters int) error // fsynced before the folder appears
	Asked   func(ctx context.Context, runID string) (bool, error)      // whether Maker.Asked was told of the run
	Drop    HandOn                                                     // hands the standing folder on; nil = the folder is the hand-over
}

// HandOn hands standing folders on to the printer (Drop).
type HandOn interface {
	Begin(runID string) error                   // before the folder appears
	Send(ctx context.Context, run Run) error    // as Drop.Send
	Shown(runID string) (perhaps bool, _ error) // by what this worker noted
}

// Recover settles the runs that this worker left open when it died. A run of
// another worker is its own to settle: it may be in hand at this moment, and
// its folder lies where only that worker can see it. Of ours, a folder that stands
// whole is recorded as handed over, once it has been handed on where there is
// a Drop; a missing one gives its letters back unless it was perhaps handed on
// or fetched, and anything else is uncertain and waits for people.
func (s *Shop) Recover(ctx context.Context) error {
	open, err := s.Ledger.OpenRuns(ctx)
	if err != nil {
		return err
	}
	for _, run := range open {
		if !s.Mine(run.ID) {
			continue
		}
		if err := s.recover(ctx, run); err != nil {
			return fmt.Errorf("recover print run %s: %w", run.ID, err)
		}
	}
	return nil
}

func (s *Shop) recover(ctx context.Context, run letters.PrintRun) error {
	report, err := Inspect(filepath.Join(s.Maker.Root, run.ID), s.Maker.Readback)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.missing(ctx, run)
	case errors.Is(err, ErrManifest) || err == nil && !report.Intact():
		return s.Ledger.DoubtRun(ctx, run, nil)
	case err != nil:
		return err
	}
	// Who made it stand may have died before its name was safe.
	if err := disk.SyncDir("print folder", s.Maker.Root); err != nil {
		return err
	}
	claimed, err := s.Ledger.RunDispatches(ctx, run.ID)
	if err != nil {
		return err
	}
	if err := s.drop(ctx, report.Run); doubtful(err) {
		return s.doubt(ctx, run, report.Run, claimed)
	} else if err != nil {
		return err
	}
	return s.finish(ctx, run, report.Run, claimed)
}

// missing settles a run without a folder.
func (s *Shop) missing(ctx context.Context, run letters.PrintRun) error {
	perhaps, err := s.fetched(ctx, run.ID)
	if err == nil && !perhaps && s.Drop != nil {
		perhaps, err = s.Drop.Shown(run.ID)
	}
	if err != nil {
		return err
	}
	if perhaps {
		return s.Ledger.DoubtRun(ctx, run, nil)
	}
	return s.Ledger.ReturnRun(ctx, run.ID)
}

// fetched reports whether the folder may have stood and been taken away: its
// name was asked for, and it does not stand where it was staged.
func (s *Shop) fetched(ctx context.Context, runID string) (bool, error) {
	asked, err := s.Asked(ctx, runID)
	if err != nil || !asked {
		return false, err
	}
	still, err := staged(s.Maker.Root, runID)
	return !still, err
}

// drop hands a standing folder on. ErrNotDropped leaves the run open: the next
// round tries again.
func (s *Shop) drop(ctx context.Context, run Run) error {
	if s.Drop == nil {
		return nil
	}
	return s.Drop.Send(ctx, run)
}

func doubtful(err error) bool {
	return errors.Is(err, ErrUncertain) || errors.Is(err, ErrNotDurable) || errors.Is(err, ErrRunDiffers)
}

// Once makes a print run of every class that waits, and returns them.
func (s *Shop) Once(ctx context.Context) ([]letters.PrintRun, error) {
	if err := s.Recover(ctx); err != nil {
		return nil, err
	}
	var made []letters.PrintRun
	for {
		waiting, err := s.Ledger.QueuedClasses(ctx)
		if err != nil || len(waiting) == 0 {
			return made, err
		}
		if err := ctx.Err(); err != nil {
			return made, err
		}
		run, err := s.one(ctx, waiting[0].Month, waiting[0].PostOn, waiting[0].Class)
		if err != nil {
			return made, err
		}
		if run.ID != "" {
			made = append(made, run)
		}
	}
}

// one claims the letters of a class and makes their run. When nothing of it
// was shown to the printer the letters go back to the queue.
func (s *Shop) one(ctx context.Context, m letters.Month, postOn letters.Date, class string) (letters.PrintRun, error) {
	id, err := s.NewID(m, class)
	if err != nil {
		return letters.PrintRun{}, err
	}
	run := letters.PrintRun{ID: id, Month: m, Class: class, PostOn: postOn}
	claimed, err := s.Ledger.ClaimPrint(ctx, s.Worker, run, s.PerRun, s.Lease)
	if err != nil || len(claimed) == 0 {
		return letters.PrintRun{}, err
	}
	made, err := s.make(ctx, run, claimed)
	if errors.Is(err, ErrNotDurable) && s.Drop != nil {
		return run, err // nobody was shown it yet: its recovery hands it on
	}
	if err == nil || errors.Is(err, ErrAlreadyHandedOver) {
		err = s.drop(ctx, made)
	}
	switch {
	case doubtful(err):
		return run, errors.Join(err, s.doubt(context.WithoutCancel(ctx), run, made, claimed))
	case errors.Is(err, ErrNotDropped):
		return run, err
	case err != nil:
		return run, errors.Join(err, s.Ledger.ReturnRun(context.WithoutCancel(ctx), id))
	}
	run.Letters, run.Sheets, run.Manifest = made.Letters, made.Sheets, made.Manifest
	// What stands before the printer is recorded even while stopping.
	return run, s.finish(context.WithoutCancel(ctx), run, made, claimed)
}

func (s *Shop) make(ctx context.Context, run letters.PrintRun, claimed []letters.Dispatch) (Run, error) {
	pieces, err := s.Load(ctx, run.Month, claimed)
	if err != nil {
		return Run{}, err
	}
	maker := s.Maker
	maker.Sheet = func(ctx context.Context, r Run) ([]byte, error) {
		run.Letters, run.Sheets = r.Letters, r.Sheets
		if err := s.Ledger.BeginRun(ctx, run); err != nil {
			return nil, err
		}
		if err := s.Journal(ctx, run.ID, r.Letters); err != nil {
			return nil, err
		}
		if s.Drop != nil {
			if err := s.Drop.Begin(run.ID); err != nil {
				return nil, err
			}
		}
		return s.Maker.Sheet(ctx, r)
	}
	maker.Asked = func(ctx context.Context, id string) error {
		if err := s.Ledger.BeginRun(ctx, run); err != nil { // it may have been taken from us meanwhile
			return err
		}
		return s.Maker.asked(ctx, id)
	}
	return maker.Make(ctx, Order{RunID: run.ID, Month: run.Month, Class: Class(run.Class), PostOn: run.PostOn, Pieces: pieces})
}

// finish records a standing folder: every letter of the claim is handed over.
func (s *Shop) finish(ctx context.Context, run letters.PrintRun, made Run, claimed []letters.Dispatch) error {
	items, err := printItems(made, claimed)
	if err != nil {
		return err
	}
	run.Letters, run.Sheets, run.Manifest, run.State = made.Letters, made.Sheets, made.Manifest, "handed_over"
	return s.Ledger.FinishRun(ctx, run, items, s.Now())
}

// doubt records that nobody can tell whether the run was shown, and what stands
// in its folder where that is known.
func (s *Shop) doubt(ctx context.Context, run letters.PrintRun, made Run, claimed []letters.Dispatch) error {
	items, err := printItems(made, claimed)
	if err != nil || made.Manifest == "" { // a folder that is not the claim's tells nothing of it
		return s.Ledger.DoubtRun(ctx, run, nil)
	}
	run.Letters, run.Sheets, run.Manifest = made.Letters, made.Sheets, made.Manifest
	return s.Ledger.DoubtRun(ctx, run, items)
}

// printItems says where each claimed letter stands in the folder.
func printItems(made Run, claimed []letters.Dispatch) ([]letters.PrintItem, error) {
	tokens := make(map[letters.ID]letters.Dispatch, len(claimed))
	for _, d := range claimed {
		tokens[d.LetterID] = d
	}
	hashes := make(map[string]string, len(made.Files))
	for _, f := range made.Files {
		hashes[f.Name] = f.SHA256
	}
	items := make([]letters.PrintItem, 0, len(made.Items))
	for _, it := range made.Items {
		d, ok := tokens[it.LetterID]
		if !ok || d.Generation != it.Generation {
			return nil, fmt.Errorf("print run %s: letter %s was not claimed for it: %w", made.ID, it.LetterID, ErrRunDiffers)
		}
		items = append(items, letters.PrintItem{LetterID: it.LetterID, Generation: it.Generation, Token: d.Token,
			File: it.File, FirstPage: it.FirstPage, Pages: it.Pages, FileHash: hashes[it.File]})
	}
	return items, nil
}
