package printing

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oshirase/batch/printing/sftptest"
)

// leftover is a shop whose first run's temporary folder stands on the server:
// the line was cut at the rename. It returns the folder.
func leftover(t *testing.T) (*Shop, *shelf, *sftptest.Server, *Drop, string) {
	t.Helper()
	shop, ledger, server, d := dropShop(t, 10)
	server.Set(sftptest.Faults{CutBefore: true})
	if _, err := shop.Once(t.Context()); !errors.Is(err, ErrUncertain) {
		t.Fatalf("%v, want ErrUncertain", err)
	}
	server.Set(sftptest.Faults{})
	dir := filepath.Join(server.Dir, partial+ledger.order.RunID)
	if !stands(dir) {
		t.Fatal("no temporary folder stands on the server")
	}
	return shop, ledger, server, d, dir
}

func stands(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// settled says of these runs that they are settled.
func settled(ids ...string) func(context.Context, string) (bool, error) {
	return func(_ context.Context, id string) (bool, error) { return slices.Contains(ids, id), nil }
}

// next hands another run on.
func next(t *testing.T, shop *Shop, ledger *shelf, server *sftptest.Server) {
	t.Helper()
	ledger.order.RunID += "b"
	run, err := shop.Maker.Make(t.Context(), ledger.order)
	if err == nil {
		err = errors.Join(shop.Drop.Begin(run.ID), shop.Drop.Send(t.Context(), run))
	}
	if err != nil || !arrived(t, shop, server, run.ID) {
		t.Fatalf("the next run: %v", err)
	}
}

// The temporary folder of a doubtful run stays as long as the doubt, and goes
// at the next hand-over after it.
func TestNextDropRemovesWhatIsSettled(t *testing.T) {
	t.Parallel()
	shop, ledger, server, d, dir := leftover(t)
	id := ledger.order.RunID
	next(t, shop, ledger, server)
	if !stands(dir) {
		t.Error("removed while nobody has decided")
	}
	d.Settled = settled(id)
	next(t, shop, ledger, server)
	if stands(dir) {
		t.Error("it stands after the decision and another hand-over")
	}
}

// An upload that was cut off is ours too, though no rename was ever asked for.
func TestNextDropRemovesHalfAnUpload(t *testing.T) {
	t.Parallel()
	shop, ledger, server, d := dropShop(t, 10)
	server.Set(sftptest.Faults{CutAfter: 6000})
	if _, err := shop.Once(t.Context()); !errors.Is(err, ErrNotDropped) {
		t.Fatalf("%v, want ErrNotDropped", err)
	}
	server.Set(sftptest.Faults{})
	dir := filepath.Join(server.Dir, partial+ledger.order.RunID)
	if !stands(dir) {
		t.Fatal("no temporary folder stands on the server")
	}
	d.Settled = settled(ledger.order.RunID)
	next(t, shop, ledger, server)
	if stands(dir) {
		t.Error("the half upload stands")
	}
}

// What is not certainly ours is never touched, whatever its name and whatever
// the ledger says of a run of that name.
func TestNextDropLeavesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *Drop, dir, id, runs string) error{
		"no marker of ours": func(d *Drop, _, id, _ string) error { return os.Remove(d.mark(Run{ID: id})) },
		"another's marker":  func(d *Drop, _, id, _ string) error { return os.WriteFile(d.mark(Run{ID: id}), []byte("x"), 0o600) },
		"a file of others":  func(_ *Drop, dir, _, _ string) error { return os.WriteFile(filepath.Join(dir, "memo.txt"), nil, 0o600) },
		"a folder within":   func(_ *Drop, dir, _, _ string) error { return os.Mkdir(filepath.Join(dir, "done"), 0o700) },
		"no run here":       func(_ *Drop, _, id, runs string) error { return os.RemoveAll(filepath.Join(runs, id)) },
		"a link": func(_ *Drop, dir, _, _ string) error {
			return errors.Join(os.Rename(dir, dir+".away"), os.Symlink(dir+".away", dir))
		},
		"the ledger is away": func(d *Drop, _, _, _ string) error {
			d.Settled = func(context.Context, string) (bool, error) { return false, errors.New("away") }
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, ledger, server, d, dir := leftover(t)
			d.Settled = settled(ledger.order.RunID)
			if err := change(d, dir, ledger.order.RunID, shop.Maker.Root); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			next(t, shop, ledger, server)
			if after, err := os.ReadDir(dir); err != nil || len(after) != len(before) {
				t.Errorf("of %d files %d are left, %v", len(before), len(after), err)
			}
		})
	}
}
