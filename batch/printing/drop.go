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
	"strings"

	"github.com/pkg/sftp"

	"oshirase/letters/disk"
	"oshirase/letters/failpoint"
)

// ErrNotDropped says that a run has certainly not appeared on the printer's
// server: it is tried again later, under the same run ID.
var ErrNotDropped = errors.New("print run is not yet on the printer's server")

// Drop puts standing runs onto the printer's server (SFTP): every file under a
// temporary name, its size and hash read back, then one rename by which the
// folder appears whole. A marker of our own, durable, goes before each step
// that may show the run or leave something of it there, so that a run that was
// ever shown is not shown a second time, even if the printer has taken it away
// meanwhile. The first stands before the folder does that is to be dropped: a
// standing folder without a marker has lost it, and what is not to be found on
// the server may have been shown.
type Drop struct {
	Dial    func(ctx context.Context) (*sftp.Client, io.Closer, error)
	Dir     string                                                // on the server
	Marks   string                                                // folder of our markers, one a run
	Settled func(ctx context.Context, runID string) (bool, error) // whether no one will hand the run on, or look for it there, any more
	Log     *slog.Logger
}

const (
	partial  = ".part-"     // beside the final folder
	begun    = "begun\n"    // the rename was never asked for; a temporary folder of this run may stand on the server
	asked    = "asked\n"    // the rename was asked for
	answered = "answered\n" // the run was shown
)

// Begin notes that the run is to be dropped, before its folder appears here.
func (d Drop) Begin(runID string) error {
	if err := d.note(Run{ID: runID}, begun); err != nil {
		return fmt.Errorf("write marker: %w", err)
	}
	return nil
}

// Shown reports whether the run's marker says that the printer was shown it,
// perhaps.
func (d Drop) Shown(runID string) (bool, error) {
	mark, err := os.ReadFile(d.mark(Run{ID: runID}))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && string(mark) != begun, err
}

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
	return d.send(ctx, c, run, string(mark) != begun, stay)
}

func (d Drop) mark(run Run) string { return filepath.Join(d.Marks, run.ID) }

// send does it over an open session. stay is called before the rename is asked
// for: from then on a stop waits for the answer.
func (d Drop) send(ctx context.Context, c *sftp.Client, run Run, perhaps bool, stay func() bool) error {
	final, temp := path.Join(d.Dir, run.ID), path.Join(d.Dir, partial+run.ID)
	stands, err := exists(c, final)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotDropped, err)
	}
	if stands {
		return d.same(c, final, run)
	}
	d.sweep(ctx, c, run)
	if perhaps {
		err = d.again(ctx, c, temp, run)
	} else {
		err = upload(ctx, c, temp, run)
	}
	if errors.Is(err, ErrUncertain) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotDropped, err)
	}
	if !stay() {
		return fmt.Errorf("%w: %w", ErrNotDropped, context.Cause(ctx))
	}
	if err := d.note(run, asked); err != nil {
		return fmt.Errorf("%w: write marker: %w", ErrNotDropped, err)
	}
	failpoint.Reach("before rename", "drop")
	if err := rename(c, temp, final); err != nil {
		return d.unanswered(context.WithoutCancel(ctx), run, err)
	}
	failpoint.Reach("after rename", "drop")
	return d.answer(run)
}

// again readies a run whose rename was perhaps asked for before. Only its
// temporary folder tells that it was not done. A slow server may do it yet, so
// a folder that is whole is left as it is: whenever it appears, it is whole.
func (d Drop) again(ctx context.Context, c *sftp.Client, temp string, run Run) error {
	still, err := exists(c, temp)
	if err != nil {
		return err
	}
	if !still {
		return fmt.Errorf("%w: asked for and gone", ErrUncertain)
	}
	if err := verify(c, temp, run); !errors.Is(err, errContent) {
		return err
	}
	if err := d.note(run, begun); err != nil {
		return fmt.Errorf("write marker: %w", err)
	}
	return upload(ctx, c, temp, run)
}

// unanswered looks once more, over a new connection, when the rename failed:
// a server may have done what it did not answer for, and may do it yet. So the
// marker stays as it is.
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
	if err := disk.MakeDirs("folder of drop markers", d.Marks); err != nil {
		return err
	}
	temp := d.mark(run) + ".new"
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, content)
	if err == nil {
		err = disk.Sync("drop marker "+strings.TrimSpace(content), f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := disk.Replace("drop marker", temp, d.mark(run)); err != nil {
		return err
	}
	return disk.SyncDir("drop markers", d.Marks)
}
