package printing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"oshirase/batch/printing/sftptest"
	"oshirase/letters"
)

// client is how our side knows a server.
func client(t *testing.T, s *sftptest.Server) Server {
	t.Helper()
	return Server{Host: "127.0.0.1", Port: s.Port(), User: "oshirase", KeyFile: s.KeyFile(t), HostKey: s.HostKey()}
}

// dropShop is a shop of n letters that drops its runs on a server.
func dropShop(t *testing.T, n int) (*Shop, *shelf, *sftptest.Server, *Drop) {
	t.Helper()
	shop, ledger := newShop(t, n)
	server := sftptest.Start(t)
	d := &Drop{Dial: client(t, server).Dial, Dir: "/", Marks: filepath.Join(t.TempDir(), "marks"),
		Settled: func(context.Context, string) (bool, error) { return false, nil }, Log: slog.New(slog.DiscardHandler)}
	shop.Drop = d
	return shop, ledger, server, d
}

// arrived reports whether the folder on the server is the shop's, whole.
func arrived(t *testing.T, shop *Shop, server *sftptest.Server, id string) bool {
	t.Helper()
	report, err := Inspect(filepath.Join(server.Dir, id), shop.Maker.Readback)
	return err == nil && report.Intact()
}

func TestDropArrivesWholeAndOnce(t *testing.T) {
	t.Parallel()
	shop, ledger, server, _ := dropShop(t, 10)
	runs, err := shop.Once(t.Context())
	if err != nil || len(runs) != 1 || len(ledger.finished) != 1 {
		t.Fatalf("runs %v, %v; finished %v", runs, err, ledger.finished)
	}
	if !arrived(t, shop, server, ledger.order.RunID) {
		t.Error("the folder on the server is not the run")
	}
	if left, _ := filepath.Glob(filepath.Join(server.Dir, ".part-*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
	// The printer takes it away; the ledger lost its answer: it is not shown again.
	if err := os.RemoveAll(filepath.Join(server.Dir, ledger.order.RunID)); err != nil {
		t.Fatal(err)
	}
	ledger.open = []letters.PrintRun{{ID: ledger.order.RunID}}
	if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != 2 {
		t.Errorf("%v: finished %v", err, ledger.finished)
	}
	if entries, _ := os.ReadDir(server.Dir); len(entries) != 0 {
		t.Errorf("shown a second time: %v", entries)
	}
}

// Faults after which the run has certainly not appeared: it stays open, and
// arrives when the fault is gone, under the same ID.
func TestDropComesAgain(t *testing.T) {
	t.Parallel()
	away := Server{Host: "127.0.0.1", Port: 1, KeyFile: "/none"}
	for name, fault := range map[string]func(*sftptest.Server, *Drop){
		"line cut in mid-file": func(s *sftptest.Server, _ *Drop) { s.Set(sftptest.Faults{CutAfter: 6000}) },
		"disk full":            func(s *sftptest.Server, _ *Drop) { s.Set(sftptest.Faults{Full: true}) },
		"rename refused":       func(s *sftptest.Server, _ *Drop) { s.Set(sftptest.Faults{Refused: true}) },
		"server away":          func(_ *sftptest.Server, d *Drop) { d.Dial = away.Dial },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, ledger, server, d := dropShop(t, 10)
			good := d.Dial
			fault(server, d)
			if _, err := shop.Once(t.Context()); !errors.Is(err, ErrNotDropped) {
				t.Fatalf("%v, want ErrNotDropped", err)
			}
			if len(ledger.finished)+len(ledger.returned)+len(ledger.doubt) != 0 || arrived(t, shop, server, ledger.order.RunID) {
				t.Errorf("finished %v, returned %v, doubtful %v", ledger.finished, ledger.returned, ledger.doubt)
			}
			d.Dial = good
			server.Set(sftptest.Faults{})
			if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != 1 || !arrived(t, shop, server, ledger.order.RunID) {
				t.Errorf("after mending: %v, finished %v", err, ledger.finished)
			}
		})
	}
}

// Nobody may trust a server whose key is not the known one, however the key
// is known.
func TestDropWantsTheKnownHostKey(t *testing.T) {
	t.Parallel()
	shop, ledger, server, d := dropShop(t, 4)
	known := client(t, server)
	other := sftptest.NewKey(t).PublicKey()
	write := func(name string, key ssh.PublicKey) string {
		path := filepath.Join(t.TempDir(), name)
		line := knownhosts.Line([]string{fmt.Sprintf("[127.0.0.1]:%d", known.Port)}, key) + "\n"
		if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	wrong, wrongFile, empty := known, known, known
	wrong.HostKey = string(ssh.MarshalAuthorizedKey(other))
	wrongFile.HostKey, wrongFile.KnownHosts = "", write("wrong", other)
	empty.HostKey, empty.KnownHosts = "", filepath.Join(t.TempDir(), "none")
	for name, s := range map[string]Server{"key": wrong, "file": wrongFile, "no file": empty} {
		d.Dial = s.Dial
		err := d.Send(t.Context(), Run{ID: "x"})
		if !errors.Is(err, ErrNotDropped) || name != "no file" && !errors.Is(err, ErrHostKey) {
			t.Errorf("%s: %v, want ErrHostKey", name, err)
		}
	}
	right := known
	right.HostKey, right.KnownHosts = "", write("right", server.Key)
	d.Dial = right.Dial
	if _, err := shop.Once(t.Context()); err != nil || len(ledger.finished) != 1 {
		t.Errorf("known by file: %v", err)
	}
}

// The answer to the rename is lost. What stands is found; what is gone may
// have been taken, and people decide.
func TestDropWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	t.Run("the folder stands", func(t *testing.T) {
		t.Parallel()
		shop, ledger, server, _ := dropShop(t, 10)
		server.Set(sftptest.Faults{CutRename: true})
		if _, err := shop.Once(t.Context()); err != nil || len(ledger.finished) != 1 || !arrived(t, shop, server, ledger.order.RunID) {
			t.Errorf("%v: finished %v", err, ledger.finished)
		}
	})
	t.Run("taken away at once", func(t *testing.T) {
		t.Parallel()
		shop, ledger, server, _ := dropShop(t, 10)
		server.Set(sftptest.Faults{CutRename: true, AfterRename: func(dir string) { _ = os.RemoveAll(dir) }})
		if _, err := shop.Once(t.Context()); !errors.Is(err, ErrUncertain) || len(ledger.doubt) != 1 || len(ledger.finished) != 0 || ledger.items != 10 {
			t.Errorf("%v: doubtful %v of %d letters, finished %v", err, ledger.doubt, ledger.items, ledger.finished)
		}
		ledger.open = []letters.PrintRun{{ID: ledger.order.RunID}} // the process died before the ledger knew
		if err := shop.Recover(t.Context()); err != nil || len(ledger.doubt) != 2 || len(ledger.finished) != 0 {
			t.Errorf("recovered: %v, doubtful %v, finished %v", err, ledger.doubt, ledger.finished)
		}
		if entries, _ := os.ReadDir(server.Dir); len(entries) != 0 {
			t.Errorf("shown a second time: %v", entries)
		}
	})
	t.Run("died between asking and renaming", func(t *testing.T) {
		t.Parallel()
		shop, ledger, server, d := dropShop(t, 10)
		server.Set(sftptest.Faults{Refused: true})
		if _, err := shop.Once(t.Context()); !errors.Is(err, ErrNotDropped) {
			t.Fatal(err)
		}
		server.Set(sftptest.Faults{})
		if err := d.note(Run{ID: ledger.order.RunID}, asked); err != nil {
			t.Fatal(err)
		}
		if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != 1 || !arrived(t, shop, server, ledger.order.RunID) {
			t.Errorf("%v: finished %v", err, ledger.finished)
		}
	})
	t.Run("something else stands under the ID", func(t *testing.T) {
		t.Parallel()
		shop, ledger, server, _ := dropShop(t, 10)
		if err := os.MkdirAll(filepath.Join(server.Dir, ledger.order.RunID), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := shop.Once(t.Context()); !errors.Is(err, ErrRunDiffers) || len(ledger.doubt) != 1 {
			t.Errorf("%v: doubtful %v", err, ledger.doubt)
		}
	})
}

// A run whose folder here is perhaps not durable was shown to nobody: it stays
// open and is handed on at the next try.
func TestDropOfWhatIsNotDurable(t *testing.T) {
	t.Parallel()
	shop, ledger, server, _ := dropShop(t, 10)
	shop.Maker.at = func(stage string) error {
		if stage == "after rename" {
			return errors.New("input/output error")
		}
		return nil
	}
	if _, err := shop.Once(t.Context()); !errors.Is(err, ErrNotDurable) || len(ledger.finished)+len(ledger.returned)+len(ledger.doubt) != 0 {
		t.Errorf("%v: finished %v, returned %v, doubtful %v", err, ledger.finished, ledger.returned, ledger.doubt)
	}
	if entries, _ := os.ReadDir(server.Dir); len(entries) != 0 {
		t.Errorf("shown: %v", entries)
	}
	shop.Maker.at = nil
	ledger.open = []letters.PrintRun{{ID: ledger.order.RunID}}
	if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != 1 || !arrived(t, shop, server, ledger.order.RunID) {
		t.Errorf("after mending: %v, finished %v", err, ledger.finished)
	}
}

// A file that arrives changed is seen before the folder appears.
func TestDropReadsBack(t *testing.T) {
	t.Parallel()
	shop, ledger, server, d := dropShop(t, 4)
	shop.Drop = nil
	if _, err := shop.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	report, err := Inspect(filepath.Join(shop.Maker.Root, ledger.order.RunID), shop.Maker.Readback)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Begin(report.Run.ID), d.Send(t.Context(), report.Run)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(server.Dir, ledger.order.RunID, "hassou-irai.pdf")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, changed := range map[string]string{"one byte": "X" + string(content[1:]), "cut": string(content[1:]), "longer": string(content) + "\n"} {
		if err := os.WriteFile(name, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		c, closer, err := d.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := verify(c, "/"+ledger.order.RunID, report.Run); !errors.Is(err, errContent) || !strings.Contains(err.Error(), "hassou-irai.pdf") {
			t.Errorf("%s: %v", what, err)
		}
		closer.Close()
	}
}

// A stop in mid-file leaves the run open, and nothing half-shown.
func TestDropStops(t *testing.T) {
	t.Parallel()
	shop, ledger, server, d := dropShop(t, 10)
	ctx, stop := context.WithCancel(t.Context())
	good := d.Dial
	d.Dial = func(ctx context.Context) (*sftp.Client, io.Closer, error) {
		c, closer, err := good(ctx)
		stop() // as soon as the line stands
		return c, closer, err
	}
	if _, err := shop.Once(ctx); !errors.Is(err, ErrNotDropped) || len(ledger.finished)+len(ledger.returned)+len(ledger.doubt) != 0 {
		t.Errorf("%v: finished %v, returned %v, doubtful %v", err, ledger.finished, ledger.returned, ledger.doubt)
	}
	d.Dial = good
	if err := shop.Recover(t.Context()); err != nil || !arrived(t, shop, server, ledger.order.RunID) {
		t.Errorf("after the stop: %v", err)
	}
}
