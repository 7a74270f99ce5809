package printing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"

	"github.com/pkg/sftp"

	"oshirase/letters/failpoint"
)

// ErrNotDropped says that a run has not appeared on the printer's server, as
// far as that can be seen: it is tried again later, under the same run ID, and
// is not shown twice by that.
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

// partial begins a temporary folder's name, beside the final one.
const partial = ".part-"

// Send returns nil when the run stands on the server, or was shown there
// before; ErrNotDropped when it does not and may be tried again, ErrUncertain
// when nobody can tell, ErrRunDiffers when something else stands under its ID.
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

// send does it over an open session. stay is called before the rename is asked
// for: from then on a stop waits for the answer.
func (d Drop) send(ctx context.Context, c *sftp.Client, run Run, perhaps bool, stay func() bool) error {
	final, temp := path.Join(d.Dir, run.ID), path.Join(d.Dir, partial+run.ID)
	still, stands, err := where(c, temp, final)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNotDropped, err)
	case stands:
		return d.same(c, final, run)
	case perhaps && !still: // only the temporary folder tells that the rename was not done
		return fmt.Errorf("%w: asked for and gone", ErrUncertain)
	}
	d.sweep(ctx, c, run)
	if perhaps {
		err = d.again(ctx, c, temp, run)
	} else {
		err = upload(ctx, c, temp, run)
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

// where looks for the temporary folder, and only then for the final one: a
// slow server may rename the one into the other at any moment.
func where(c *sftp.Client, temp, final string) (still, stands bool, err error) {
	if still, err = exists(c, temp); err != nil {
		return false, false, err
	}
	stands, err = exists(c, final)
	return still, stands, err
}

// again readies a run whose rename was perhaps asked for before. A slow server
// may do it yet, so a folder that is whole is left as it is: whenever it
// appears, it is whole.
func (d Drop) again(ctx context.Context, c *sftp.Client, temp string, run Run) error {
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
	still, stands, err := where(c, temp, final)
	if err == nil && stands {
		return d.same(c, final, run)
	}
	if err != nil || !still {
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
