package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// MakeDirs makes a folder, mode 0700, and what it lies in, and syncs every
// folder that got a new entry. The last one's name is synced also when it is
// there: whoever made it may not have come that far.
func MakeDirs(what, dir string) error {
	info, err := os.Stat(dir)
	if err == nil && info.IsDir() {
		return SyncDir(what, filepath.Dir(dir))
	}
	if err == nil {
		return fmt.Errorf("a file stands where a directory is needed: %w", os.ErrInvalid)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if err := MakeDirs(what, parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return SyncDir(what, parent)
}
