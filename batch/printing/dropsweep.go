package printing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/sftp"

	"oshirase/letters/failpoint"
)

// errNotOurs says that a temporary folder on the server is not certainly one
// of ours, whole or in part: it is left as it is.
var errNotOurs = errors.New("not certainly ours")

// sweep removes the temporary folders of earlier runs that nobody will hand on
// any more: those whose doubt people have settled. What another home, or
// somebody else, has laid there is not touched; what cannot be removed is
// named in the log and stops nothing.
func (d Drop) sweep(ctx context.Context, c *sftp.Client, now Run) {
	entries, err := c.ReadDirContext(ctx, d.Dir)
	if err != nil {
		d.Log.LogAttrs(ctx, slog.LevelWarn, "printer's server not looked through", slog.String("error", err.Error()))
		return
	}
	for _, e := range entries {
		id, ok := strings.CutPrefix(e.Name(), partial)
		if !ok || id == now.ID || id != path.Base(id) || !d.begun(id) {
			continue
		}
		settled, err := d.Settled(ctx, id)
		if err == nil && !settled {
			continue // it may be handed on yet, or tell that it was not
		}
		if err == nil {
			failpoint.Reach("before removal", "drop")
			err = removeOurs(c, path.Join(d.Dir, e.Name()), filepath.Join(filepath.Dir(now.Folder), id))
		}
		if err != nil {
			d.Log.LogAttrs(ctx, slog.LevelWarn, "left on the printer's server", slog.String("run_id", id), slog.String("error", err.Error()))
			continue
		}
		d.Log.LogAttrs(ctx, slog.LevelInfo, "removed from the printer's server", slog.String("run_id", id))
	}
}

// begun reports whether this home's marker says that it laid a temporary
// folder of the run, and did not see it appear.
func (d Drop) begun(id string) bool {
	mark, err := os.ReadFile(d.mark(Run{ID: id}))
	return err == nil && (string(mark) == begun || string(mark) == asked)
}

// removeOurs removes a folder on the server that holds nothing but files of
// the run whose folder stands here. A link, a folder within, or another file
// is errNotOurs, and nothing is removed.
func removeOurs(c *sftp.Client, dir, folder string) error {
	info, err := c.Lstat(dir)
	if err != nil {
		return err
	}
	names, err := dropped(Run{Folder: folder})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: its run is not in the print folder", errNotOurs)
	}
	if err != nil {
		return err
	}
	there, err := c.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range there {
		if !info.IsDir() || !e.Mode().IsRegular() || !slices.Contains(names, e.Name()) {
			return errNotOurs
		}
	}
	for _, e := range there {
		if err := c.Remove(path.Join(dir, e.Name())); err != nil {
			return err
		}
		failpoint.Reach("after removal", "file of drop")
	}
	return c.RemoveDirectory(dir)
}
