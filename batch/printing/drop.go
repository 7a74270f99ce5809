package printing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"

	"github.com/pkg/sftp"

	"oshirase/letters/disk"
)

// ErrNotDropped says that a run has certainly not appeared on the printer's
// server: it is tried again later, under the same run ID.
var ErrNotDropped = errors.New("print run is not yet on the printer's server")

// Drop puts standing runs onto the printer's server (SFTP): every file under a
// temporary name, its size and hash read back, then one rename by which the
// folder appears whole. Before the rename a marker of our own is written,
// durably, so that a run that was ever shown is not shown a second time, even
// if the printer has taken it away meanwhile. A marker stands from before the
// first byte, so that a temporary folder on the server can be known as ours.
type Drop struct {
	Dial    func(ctx context.Context) (*sftp.Client, io.Closer, error)
	Dir     string                                                // on the server
	Marks   string                                                // folder of our markers, one a run
	Settled func(ctx context.Context, runID string) (bool, error) // whether no one will hand the run on, or look for it there, any more
	Log     *slog.Logger
}

const (
	partial  = ".part-"     // beside the final folder
	begun    = "begun\n"    // a temporary folder of this run may stand on the server
	asked    = "asked\n"    // the rename was asked for
	answered = "answered\n" // the run was shown
)

// Send returns nil when the run stands on the server, or was shown there
// before; ErrNotDropped when it certainly does not, ErrUncertain when nobody
// can tell, ErrRunDiffers when something else stands under its ID.
func (d Drop) Send(ctx context.Context, run Run) error {
	mark, err := os.ReadFile(d.mark(run))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: read marker: %w", ErrNotDropped, err)
	}
	if string(mark) == answered {
		return nil
	}
	c, closer, err := d.Dial(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotDropped, err)
	}
	defer closer.Close() // every answer that counts has been read
	stay := context.AfterFunc(ctx, func() { _ = closer.Close() })
	defer stay()
	return d.send(ctx, c, run, string(mark) == asked, stay)
}

func (d Drop) mark(run Run) string { return filepath.Join(d.Marks, run.ID) }

// send does it over an open session. stay is called before the rename is asked
// for: from then on a stop waits for the answer.
func (d Drop) send(ctx context.Context, c *sftp.Client, run Run, wasAsked bool, stay func() bool) error {
	final, temp := path.Join(d.Dir, run.ID), path.Join(d.Dir, partial+run.ID)
	stands, err := exists(c, final)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotDropped, err)
	}
	if stands {
		return d.same(c, final, run)
	}
	if wasAsked { // the rename was asked for: only the temporary folder tells that it was not done
		still, err := exists(c, temp)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotDropped, err)
		}
		if !still {
			return fmt.Errorf("%w: asked for and gone", ErrUncertain)
		}
	}
	d.sweep(ctx, c, run)
	if !wasAsked {
		if err := d.note(run, begun); err != nil {
			return fmt.Errorf("%w: write marker: %w", ErrNotDropped, err)
		}
	}
	if err := upload(ctx, c, temp, run); err != nil {
		return fmt.Errorf("%w: %w", ErrNotDropped, err)
	}
	if !stay() {
		return fmt.Errorf("%w: %w", ErrNotDropped, context.Cause(ctx))
	}
	if err := d.note(run, asked); err != nil {
		return fmt.Errorf("%w: write marker: %w", ErrNotDropped, err)
	}
	if err := rename(c, temp, final); err != nil {
		return d.unanswered(context.WithoutCancel(ctx), run, err)
	}
	return d.answer(run)
}

// unanswered looks once more, over a new connection, when the rename failed:
// a server may have done what it did not answer for.
func (d Drop) unanswered(ctx context.Context, run Run, cause error) error {
	c, closer, err := d.Dial(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUncertain, errors.Join(cause, err))
	}
	defer closer.Close() // only read from
	final, temp := path.Join(d.Dir, run.ID), path.Join(d.Dir, partial+run.ID)
	stands, err := exists(c, final)
	if err == nil && stands {
		return d.same(c, final, run)
	}
	still, errTemp := exists(c, temp)
	if err := errors.Join(err, errTemp); err != nil || !still {
		return fmt.Errorf("%w: %w", ErrUncertain, errors.Join(cause, err))
	}
	if err := d.note(run, begun); err != nil {
		return fmt.Errorf("%w: %w", ErrNotDropped, errors.Join(cause, err))
	}
	return fmt.Errorf("%w: %w", ErrNotDropped, cause)
}

// same compares what stands on the server with the run.
func (d Drop) same(c *sftp.Client, dir string, run Run) error {
	if err := verify(c, dir, run); errors.Is(err, errContent) {
		return fmt.Errorf("%w: %w", ErrRunDiffers, err)
	} else if err != nil {
		return fmt.Errorf("%w: %w", ErrNotDropped, err)
	}
	return d.answer(run)
}

// answer notes that the run was shown. Without the note the next start would
// look again, so a failure here is no doubt yet.
func (d Drop) answer(run Run) error {
	if err := d.note(run, answered); err != nil {
		return fmt.Errorf("%w: write marker: %w", ErrNotDropped, err)
	}
	return nil
}

// note replaces the run's marker, durably.
func (d Drop) note(run Run, content string) error {
	if err := disk.MakeDirs("drop markers", d.Marks); err != nil {
		return err
	}
	temp := d.mark(run) + ".new"
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, content)
	if err == nil {
		err = disk.Sync("drop marker", f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, d.mark(run)); err != nil {
		return err
	}
	return disk.SyncDir("drop markers", d.Marks)
}
