package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// stageFile makes an empty, locked file in the staging directory.
func (a *Archive) stageFile() (*os.File, error) {
	for {
		f, err := os.CreateTemp(filepath.Join(a.dir, staging), "file-") // 0600
		if err != nil {
			return nil, err
		}
		mine, err := claim(f)
		if mine {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
	}
}

// stageFolder makes an empty directory in the staging directory and returns
// it open and locked.
func (a *Archive) stageFolder() (*os.File, error) {
	for {
		dir, err := os.MkdirTemp(filepath.Join(a.dir, staging), "folder-") // 0700
		if err != nil {
			return nil, err
		}
		f, err := os.Open(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue // swept before it was locked
		}
		if err != nil {
			return nil, err
		}
		mine, err := claim(f)
		if mine {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
	}
}

// claim locks what was just made. Between making and locking a sweep may have
// taken it for a leftover; then it is gone from its path, and claim is false.
func claim(f *os.File) (bool, error) {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return false, fmt.Errorf("lock: %w", err)
	}
	open, err := f.Stat()
	if err != nil {
		return false, err
	}
	now, err := os.Lstat(f.Name())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return os.SameFile(open, now), nil
}

// sweep removes what nobody is staging any more.
func (a *Archive) sweep() error {
	dir := filepath.Join(a.dir, staging)
	left, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for _, e := range left {
		if err := sweepOne(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}

// sweepOne holds the leftover's lock while removing it, so that its maker, if
// there is one after all, notices in claim.
func sweepOne(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // finished meanwhile
	}
	if err != nil {
		return err
	}
	defer f.Close()
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil // in hand
	case err != nil:
		return err
	}
	return os.RemoveAll(path)
}
