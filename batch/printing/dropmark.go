package printing

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"oshirase/letters/disk"
)

// What a run's marker says of it.
const (
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

func (d Drop) mark(run Run) string { return filepath.Join(d.Marks, run.ID) }

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
