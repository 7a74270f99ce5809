package printing

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"oshirase/letters"
)

// shelf is a ledger that remembers what the shop told it.
type shelf struct {
	order                     Order
	open                      []letters.PrintRun
	finished, returned, doubt []string
	items                     int
	failFinish                bool
	waiting                   bool
	begun, takenAt            int // BeginRun's calls, and the one that finds the run taken by another
}

func (s *shelf) QueuedClasses(context.Context) (out []struct {
	Month  letters.Month
	PostOn letters.Date
	Class  string
	Count  int
}, err error) {
	if s.waiting {
		out = append(out, struct {
			Month  letters.Month
			PostOn letters.Date
			Class  string
			Count  int
		}{s.order.Month, s.order.PostOn, string(s.order.Class), len(s.order.Pieces)})
	}
	return out, nil
}

func (s *shelf) ClaimPrint(_ context.Context, _ string, run letters.PrintRun, _ int, _ time.Duration) ([]letters.Dispatch, error) {
	s.waiting = false
	s.open = append(s.open, run)
	return s.RunDispatches(context.Background(), run.ID)
}

func (s *shelf) RunDispatches(context.Context, string) (out []letters.Dispatch, err error) {
	for _, p := range s.order.Pieces {
		out = append(out, letters.Dispatch{LetterID: p.LetterID, Generation: 1, Token: 7})
	}
	return out, nil
}

func (s *shelf) BeginRun(context.Context, letters.PrintRun) error {
	if s.begun++; s.begun == s.takenAt {
		return letters.ErrConflict
	}
	return nil
}

func (s *shelf) FinishRun(_ context.Context, run letters.PrintRun, items []letters.PrintItem, _ time.Time) error {
	if s.failFinish {
		return errors.New("ledger is away")
	}
	s.finished, s.items = append(s.finished, run.ID), len(items)
	s.open = nil
	return nil
}

func (s *shelf) ReturnRun(_ context.Context, id string) error {
	s.returned = append(s.returned, id)
	return nil
}
func (s *shelf) DoubtRun(_ context.Context, run letters.PrintRun, items []letters.PrintItem) error {
	s.doubt, s.items = append(s.doubt, run.ID), len(items)
	return nil
}
func (s *shelf) OpenRuns(context.Context) ([]letters.PrintRun, error) { return s.open, nil }

// newShop is a shop with n letters waiting, whose runs are named after home.
func newShop(t *testing.T, n int) (*Shop, *shelf) {
	t.Helper()
	m, o, _ := testRun(t.TempDir(), n)
	s := &shelf{order: o, waiting: true}
	return &Shop{Ledger: s, Maker: m, Worker: "w", PerRun: 100, Lease: time.Minute,
		Now:     func() time.Time { return time.Unix(1_700_000_000, 0) },
		NewID:   func(letters.Month, string) (string, error) { return o.RunID, nil },
		Mine:    func(id string) bool { return id == o.RunID },
		Load:    func(context.Context, letters.Month, []letters.Dispatch) ([]Piece, error) { return o.Pieces, nil },
		Journal: func(context.Context, string, int) error { return nil },
		Asked:   func(context.Context, string) (bool, error) { return false, nil }}, s
}

func TestShopHandsOverOnceAndRecords(t *testing.T) {
	t.Parallel()
	shop, ledger := newShop(t, 10)
	runs, err := shop.Once(t.Context())
	if err != nil || len(runs) != 1 || ledger.items != 10 || len(ledger.finished) != 1 {
		t.Fatalf("runs %v, %v; recorded %d letters of %v", runs, err, ledger.items, ledger.finished)
	}
	if runs, err = shop.Once(t.Context()); err != nil || len(runs) != 0 {
		t.Errorf("nothing waits, yet %v, %v", runs, err)
	}
}

func TestShopRecoversByTheFolder(t *testing.T) {
	t.Parallel()
	t.Run("whole folder, ledger lost its answer: recorded, not made again", func(t *testing.T) {
		t.Parallel()
		shop, ledger := newShop(t, 10)
		ledger.failFinish = true
		if _, err := shop.Once(t.Context()); err == nil {
			t.Fatal("a ledger that is away went unnoticed")
		}
		ledger.failFinish = false
		if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != 1 || ledger.items != 10 || len(ledger.returned) != 0 {
			t.Errorf("%v: finished %v with %d letters, returned %v", err, ledger.finished, ledger.items, ledger.returned)
		}
	})
	t.Run("no folder: the letters go back", func(t *testing.T) {
		t.Parallel()
		shop, ledger := newShop(t, 3)
		ledger.open = []letters.PrintRun{{ID: ledger.order.RunID}}
		if err := shop.Recover(t.Context()); err != nil || len(ledger.returned) != 1 || len(ledger.finished) != 0 {
			t.Errorf("%v: returned %v, finished %v", err, ledger.returned, ledger.finished)
		}
	})
	t.Run("the folder was asked for and is neither here nor staged: people decide", func(t *testing.T) {
		t.Parallel()
		shop, ledger := newShop(t, 10)
		asked := 0
		shop.Maker.Asked = func(context.Context, string) error { asked++; return nil }
		shop.Asked = func(context.Context, string) (bool, error) { return asked > 0, nil }
		ledger.failFinish = true
		if _, err := shop.Once(t.Context()); err == nil || asked != 1 {
			t.Fatalf("%v; asked %d times", err, asked)
		}
		folder := filepath.Join(shop.Maker.Root, ledger.order.RunID)
		if err := os.RemoveAll(folder); err != nil { // the printer took it away
			t.Fatal(err)
		}
		if err := shop.Recover(t.Context()); err != nil || len(ledger.doubt) != 1 || len(ledger.returned) != 0 {
			t.Errorf("taken away: %v: doubtful %v, returned %v", err, ledger.doubt, ledger.returned)
		}
		if err := os.Mkdir(filepath.Join(shop.Maker.Root, making+ledger.order.RunID), 0o700); err != nil { // or it never came to its name
			t.Fatal(err)
		}
		if err := shop.Recover(t.Context()); err != nil || len(ledger.doubt) != 1 || len(ledger.returned) != 1 {
			t.Errorf("still staged: %v: doubtful %v, returned %v", err, ledger.doubt, ledger.returned)
		}
	})
	t.Run("damaged folder: people decide", func(t *testing.T) {
		t.Parallel()
		shop, ledger := newShop(t, 3)
		ledger.failFinish = true
		_, _ = shop.Once(t.Context()) // fails after the folder stands
		if err := os.WriteFile(filepath.Join(shop.Maker.Root, ledger.order.RunID, "manifest.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := shop.Recover(t.Context()); err != nil || len(ledger.doubt) != 1 || len(ledger.returned) != 0 {
			t.Errorf("%v: doubtful %v, returned %v", err, ledger.doubt, ledger.returned)
		}
	})
	t.Run("another worker's run is left alone", func(t *testing.T) {
		t.Parallel()
		shop, ledger := newShop(t, 3)
		ledger.open = []letters.PrintRun{{ID: "2023-02-naga3-b1-s2-other"}}
		if err := shop.Recover(t.Context()); err != nil || len(ledger.returned)+len(ledger.finished)+len(ledger.doubt) != 0 {
			t.Errorf("%v: returned %v, finished %v, doubtful %v", err, ledger.returned, ledger.finished, ledger.doubt)
		}
	})
}

// TestShopShowsNothingThatIsNoLongerItsOwn: a second process of a copied home
// has given the run back meanwhile; its folder does not appear.
func TestShopShowsNothingThatIsNoLongerItsOwn(t *testing.T) {
	t.Parallel()
	shop, ledger := newShop(t, 3)
	ledger.takenAt = 2
	if _, err := shop.Once(t.Context()); !errors.Is(err, letters.ErrConflict) || len(ledger.finished) != 0 {
		t.Errorf("%v: finished %v", err, ledger.finished)
	}
	if _, err := os.Stat(filepath.Join(shop.Maker.Root, ledger.order.RunID)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder stands: %v", err)
	}
}

func TestShopGivesBackWhatItCannotMake(t *testing.T) {
	t.Parallel()
	shop, ledger := newShop(t, 3)
	shop.Journal = func(context.Context, string, int) error { return errors.New("disk full") }
	if _, err := shop.Once(t.Context()); err == nil || len(ledger.returned) != 1 || len(ledger.finished) != 0 {
		t.Errorf("%v: returned %v, finished %v", err, ledger.returned, ledger.finished)
	}
	if _, err := os.Stat(filepath.Join(shop.Maker.Root, ledger.order.RunID)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder stands that no journal knows: %v", err)
	}
}
