package printing

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pkg/sftp"

	"oshirase/letters"
)

// session is a session with OpenSSH's own SFTP server.
type session struct {
	io.Closer
	c *exec.Cmd
}

func (s session) Close() error {
	_ = s.c.Process.Kill()
	return errors.Join(s.Closer.Close(), s.c.Wait())
}

// openSSH opens sessions with OpenSSH's server over a folder. It is the server
// that printing companies mostly have, and a second opinion on requests and
// answers: sftptest is made of our client's own library.
func openSSH(dir string) func(context.Context) (*sftp.Client, io.Closer, error) {
	return func(context.Context) (*sftp.Client, io.Closer, error) {
		c := exec.Command("/usr/lib/openssh/sftp-server", "-d", dir)
		in, err := c.StdinPipe()
		if err != nil {
			return nil, nil, err
		}
		out, err := c.StdoutPipe()
		if err != nil {
			return nil, nil, err
		}
		if err := c.Start(); err != nil {
			return nil, nil, err
		}
		client, err := sftp.NewClientPipe(out, in)
		return client, session{in, c}, err
	}
}

// TestDropOntoOpenSSH: a run arrives whole at OpenSSH, half an upload is made
// anew, an asked rename is asked again, what is settled goes, and what was
// fetched does not come again.
func TestDropOntoOpenSSH(t *testing.T) {
	t.Parallel()
	shop, ledger, server, d := dropShop(t, 10)
	d.Dial, d.Dir = openSSH(server.Dir), "."
	id := ledger.order.RunID
	part, final := filepath.Join(server.Dir, partial+id), filepath.Join(server.Dir, id)
	if err := errors.Join(os.Mkdir(part, 0o700), os.WriteFile(filepath.Join(part, csvName), []byte("half"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Once(t.Context()); err != nil || !arrived(t, shop, server, id) || stands(part) {
		t.Fatalf("%v: whole %t, temporary folder %t", err, arrived(t, shop, server, id), stands(part))
	}
	again := func(what string, finished int) {
		t.Helper()
		ledger.open = []letters.PrintRun{{ID: id}}
		if err := shop.Recover(t.Context()); err != nil || len(ledger.finished) != finished {
			t.Fatalf("%s: %v, finished %v", what, err, ledger.finished)
		}
	}
	if err := errors.Join(os.Rename(final, part), d.note(Run{ID: id}, asked)); err != nil {
		t.Fatal(err)
	}
	again("the rename was asked for and not done", 2)
	if !arrived(t, shop, server, id) {
		t.Error("it did not arrive at the second try")
	}
	if err := os.Rename(final, part); err != nil { // as a settled run's leftover
		t.Fatal(err)
	}
	if err := d.note(Run{ID: id}, asked); err != nil {
		t.Fatal(err)
	}
	d.Settled = settled(id)
	next(t, shop, ledger, server)
	if stands(part) {
		t.Error("the settled run's temporary folder stands")
	}
	again("fetched", 2)
	if len(ledger.doubt) != 1 || stands(final) {
		t.Errorf("fetched: doubtful %v, shown again %t", ledger.doubt, stands(final))
	}
}
