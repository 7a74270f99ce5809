package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"oshirase/letters/disk"
)

// ErrBadFolder says that a folder was filled with nothing, or with something
// that is neither a file nor a directory.
var ErrBadFolder = errors.New("not a folder of files")

// PutFolder makes a whole folder once: fill writes into an empty staged
// directory, and the folder appears under the name with everything in it or
// not at all. The names inside follow CheckName, so that Get finds them under
// "folder/name". It returns the folder's files by name. A folder that is
// there already with exactly these files is fine, with others ErrExists.
func (a *Archive) PutFolder(name string, fill func(dir string) error) ([]Entry, error) {
	final, err := a.Path(name)
	if err != nil {
		return nil, err
	}
	if err := a.sweep(); err != nil {
		return nil, fmt.Errorf("put folder %s: %w", name, err)
	}
	entries, err := a.putFolder(name, final, fill)
	if err != nil {
		return nil, fmt.Errorf("put folder %s: %w", name, err)
	}
	return entries, nil
}

func (a *Archive) putFolder(name, final string, fill func(dir string) error) ([]Entry, error) {
	lock, err := a.stageFolder()
	if err != nil {
		return nil, err
	}
	defer func() {
		os.RemoveAll(lock.Name()) // gone already when it was published
		lock.Close()
	}()
	if err := fill(lock.Name()); err != nil {
		return nil, err
	}
	if err := seal(lock.Name()); err != nil {
		return nil, err
	}
	entries, err := list(lock.Name(), name)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("nothing in it: %w", ErrBadFolder)
	}
	return entries, publishFolder(lock.Name(), final, name, entries)
}

func publishFolder(staged, final, name string, want []Entry) error {
	parent := filepath.Dir(final)
	if err := disk.MakeDirs("archive", parent); err != nil {
		return err
	}
	err := disk.Rename("archive folder", staged, final)
	if errors.Is(err, os.ErrExist) {
		got, listErr := list(final, name)
		switch {
		case listErr != nil:
			err = listErr
		case slices.Equal(got, want):
			err = nil
		default:
			err = ErrExists
		}
	}
	if err != nil {
		return err
	}
	return disk.SyncDir("archive", parent)
}

// seal sets the modes and makes files and directories durable. A directory is
// synced after what is in it: WalkDir visits it before, hence the second pass.
func seal(root string) error {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			dirs = append(dirs, path)
			return os.Chmod(path, dirMode)
		case !d.Type().IsRegular():
			return ErrBadFolder
		}
		return sealFile(path)
	})
	if err != nil {
		return err
	}
	for _, dir := range slices.Backward(dirs) {
		if err := disk.SyncDir("archive folder", dir); err != nil {
			return err
		}
	}
	return nil
}

func sealFile(path string) error {
	if err := os.Chmod(path, fileMode); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return disk.Sync("file of archive folder", f)
}

// List returns the files of a folder, by name, as they are now. A missing
// folder is os.ErrNotExist.
func (a *Archive) List(name string) ([]Entry, error) {
	path, err := a.Path(name)
	if err != nil {
		return nil, err
	}
	entries, err := list(path, name)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", name, err)
	}
	return entries, nil
}

func list(root, name string) ([]Entry, error) {
	var entries []Entry
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		inside := name + "/" + filepath.ToSlash(rel)
		if err := CheckName(inside); err != nil {
			return err
		}
		e, err := describe(path, inside)
		entries = append(entries, e)
		return err
	})
	return entries, err
}
