// Package disk has the file operations whose order decides what a loss of
// power leaves: a new file is durable after Sync, its name after SyncDir of
// the folder it stands in, and a rename after SyncDir of the folder it went to.
// What journal, archive and print runs promise is made of these and nothing
// else, so the fault harness can stop before and after each one, and take back
// at the kill whatever was not synced.
//
// After a failed fsync nobody knows what of the file is on the disk, and the
// next fsync may well succeed without it: the system has given the pages up
// and takes them for clean. So what failed is never simply synced again: the
// file is made anew, or its bytes are written again (Rewrite).
//
// what names the operation's purpose for the harness, "print file" say.
package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"oshirase/letters/failpoint"
)

// Sync makes the content of a file durable.
func Sync(what string, f *os.File) error {
	failpoint.Reach("before fsync", what)
	err := failpoint.Fail("fsync", f.Name())
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		record("unsynced", f)
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

// Rewrite writes the bytes from an offset to the end once more in their place,
// so that the next Sync has them to write whatever became of them before.
func Rewrite(what, path string, from int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // not for appending: that writes at the end alone
	if err != nil {
		return err
	}
	defer f.Close() // Sync tells of what was written
	tail, err := io.ReadAll(io.NewSectionReader(f, from, 1<<62))
	if err != nil {
		return err
	}
	failpoint.Reach("before rewrite", what)
	if _, err := f.WriteAt(tail, from); err != nil {
		return err
	}
	failpoint.Record("rewrite", path, strconv.FormatInt(from, 10))
	return nil
}

// SyncDir makes the names in a folder durable.
func SyncDir(what, dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	failpoint.Reach("before fsync of folder", what)
	err = failpoint.Fail("fsync", dir)
	if err == nil {
		err = d.Sync()
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	recordDir(dir)
	failpoint.Reach("after fsync of folder", what)
	return nil
}

// Rename gives a file or folder another name, never over another: os.ErrExist.
// After any other error it may have been done all the same, as over a network.
func Rename(what, from, to string) error {
	failpoint.Reach("before rename", what)
	if err := failpoint.Fail("rename", to); err != nil {
		return err
	}
	failpoint.Record("rename", to, from)
	if err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE); err != nil {
		return &fs.PathError{Op: "rename", Path: to, Err: err}
	}
	failpoint.Reach("after rename", what)
	return failpoint.Fail("answer to rename", to)
}

// Replace gives a file another name, in the place of what has that name.
func Replace(what, from, to string) error {
	failpoint.Reach("before replacing", what)
	if err := failpoint.Fail("rename", to); err != nil {
		return err
	}
	failpoint.Record("replace", to, from)
	if err := os.Rename(from, to); err != nil {
		return err
	}
	failpoint.Reach("after replacing", what)
	return nil
}

// Link gives a file a second name, never over another: os.ErrExist.
func Link(what, from, to string) error {
	failpoint.Reach("before link", what)
	if err := failpoint.Fail("rename", to); err != nil {
		return err
	}
	failpoint.Record("link", to, from)
	if err := os.Link(from, to); err != nil {
		return err
	}
	failpoint.Reach("after link", what)
	return nil
}
