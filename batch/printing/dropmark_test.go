package printing

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"oshirase/batch/printing/sftptest"
	"oshirase/letters"
)

// dies lets the shop hand its run on and die before the ledger knows.
func dies(t *testing.T, shop *Shop, ledger *shelf) {
	t.Helper()
	ledger.failFinish = true
	if _, err := shop.Once(t.Context()); err == nil {
		t.Fatal("the ledger should have been away")
	}
	ledger.failFinish = false
	ledger.open = []letters.PrintRun{{ID: ledger.order.RunID}}
}

// A lost marker tells nothing: what stands on the server is found, and what
// does not may have been shown and taken away. It is never shown again.
func TestDropWithoutItsMarker(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		taken           bool
		finished, doubt int
	}{"stands": {false, 1, 0}, "taken away": {true, 0, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, ledger, server, d := dropShop(t, 10)
			dies(t, shop, ledger)
			if err := os.RemoveAll(d.Marks); err != nil {
				t.Fatal(err)
			}
			if c.taken {
				if err := os.RemoveAll(filepath.Join(server.Dir, ledger.order.RunID)); err != nil {
					t.Fatal(err)
				}
			}
			if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != c.finished || len(ledger.doubt) != c.doubt {
				t.Errorf("%v: finished %v, doubtful %v", err, ledger.finished, ledger.doubt)
			}
			if c.taken && stands(filepath.Join(server.Dir, ledger.order.RunID)) {
				t.Error("shown a second time")
			}
		})
	}
}

// A run whose folder is gone here gives its letters back only when it was
// certainly not shown.
func TestDropWhoseFolderIsGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults          sftptest.Faults
		returned, doubt int
	}{
		"shown":        {sftptest.Faults{}, 0, 1},
		"never asked":  {sftptest.Faults{Full: true}, 1, 0},
		"asked, maybe": {sftptest.Faults{Refused: true}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, ledger, server, _ := dropShop(t, 10)
			server.Set(c.faults)
			dies(t, shop, ledger)
			if err := os.RemoveAll(filepath.Join(shop.Maker.Root, ledger.order.RunID)); err != nil {
				t.Fatal(err)
			}
			if err := shop.Recover(t.Context()); err != nil || len(ledger.returned) != c.returned || len(ledger.doubt) != c.doubt {
				t.Errorf("%v: given back %v, doubtful %v", err, ledger.returned, ledger.doubt)
			}
		})
	}
}

// What a slow server may rename yet is left whole: once the rename was asked
// for, nothing of the temporary folder is written again.
func TestDropAsksAgainWithoutWriting(t *testing.T) {
	t.Parallel()
	shop, ledger, server, _ := dropShop(t, 10)
	server.Set(sftptest.Faults{Refused: true})
	if _, err := shop.Once(t.Context()); !errors.Is(err, ErrNotDropped) {
		t.Fatal(err)
	}
	server.Set(sftptest.Faults{Full: true}) // whatever is written ends with an error
	if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != 1 || !arrived(t, shop, server, ledger.order.RunID) {
		t.Errorf("%v: finished %v", err, ledger.finished)
	}
}

// A temporary folder that somebody changed is made anew, whole.
func TestDropMakesAChangedFolderAnew(t *testing.T) {
	t.Parallel()
	shop, ledger, server, _ := dropShop(t, 10)
	server.Set(sftptest.Faults{Refused: true})
	if _, err := shop.Once(t.Context()); !errors.Is(err, ErrNotDropped) {
		t.Fatal(err)
	}
	server.Set(sftptest.Faults{})
	if err := os.Remove(filepath.Join(server.Dir, partial+ledger.order.RunID, csvName)); err != nil {
		t.Fatal(err)
	}
	if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != 1 || !arrived(t, shop, server, ledger.order.RunID) {
		t.Errorf("%v: finished %v", err, ledger.finished)
	}
}
