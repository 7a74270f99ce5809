// Package disk has the file operations whose order decides what a loss of
// power leaves: a new file is durable after Sync, its name after SyncDir of
// the folder it stands in, and a rename after SyncDir of the folder it went to.
// What journal, archive and print runs promise is made of these and nothing
// else, so the fault harness can stop before and after each one, and take back
// at the kill whatever was not synced.
//
// what names the operation's purpose for the harness, "print file" say.
package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"oshirase/letters/failpoint"
)

// Sync makes the content of a file durable.
func Sync(what string, f *os.File) error {
	failpoint.Reach("before fsync", what)
	if err := f.Sync(); err != nil {
		return err
	}
	record("sync", f)
	failpoint.Reach("after fsync", what)
	return nil
}

// File is an open file whose Sync is the package's.
type File struct {
	*os.File
	What string
}

// Sync makes what was written durable.
func (f File) Sync() error { return Sync(f.What, f.File) }

// SyncDir makes the names in a folder durable.
func SyncDir(what, dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	failpoint.Reach("before fsync of folder", what)
	err = errors.Join(d.Sync(), d.Close())
	if err != nil {
		return err
	}
	recordDir(dir)
	failpoint.Reach("after fsync of folder", what)
	return nil
}

// Rename gives a file or folder another name, never over another: os.ErrExist.
func Rename(what, from, to string) error {
	failpoint.Reach("before rename", what)
	failpoint.Record("rename", to, from)
	if err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE); err != nil {
		return fmt.Errorf("rename %s: %w", filepath.Base(from), err)
	}
	failpoint.Reach("after rename", what)
	return nil
}

// Link gives a file a second name, never over another: os.ErrExist.
func Link(what, from, to string) error {
	failpoint.Reach("before link", what)
	failpoint.Record("link", to, from)
	if err := os.Link(from, to); err != nil {
		return err
	}
	failpoint.Reach("after link", what)
	return nil
}
