package printing

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"oshirase/letters/disk"
)

const (
	dirMode  = 0o700
	fileMode = 0o600
	making   = ".making-" // beside the final folder, so on the same filesystem
)

// stage is the folder in which a run is made. Its directory is locked while
// it is made: the system frees the lock when the process dies, and what is
// unlocked is a leftover.
type stage struct {
	dir  string
	lock *os.File
}

// openStage sweeps what crashes left of our runs, and makes the run's staged
// folder, empty and locked; its name is safe before its run can be asked for,
// since it tells later that the run was not shown. It returns ErrInHand while another process makes that run. The
// root is locked meanwhile, so that nobody sweeps a folder between its making
// and its locking.
func openStage(root, id string, mine func(string) bool) (*stage, error) {
	rootLock, err := os.Open(root)
	if err != nil {
		return nil, err
	}
	defer rootLock.Close()
	if err := syscall.Flock(int(rootLock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := sweep(root, mine); err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	s := &stage{dir: filepath.Join(root, making+id)}
	if err := os.Mkdir(s.dir, dirMode); errors.Is(err, os.ErrExist) {
		return nil, ErrInHand
	} else if err != nil {
		return nil, err
	}
	if s.lock, err = lockDir(s.dir); err != nil {
		return nil, err
	}
	if err := disk.SyncDir("print folder", root); err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}

// staged reports whether a run still stands in its staged folder: then it was
// not shown.
func staged(root, id string) (bool, error) {
	_, err := os.Lstat(filepath.Join(root, making+id))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// lockDir locks a directory. The name may have come to mean another directory
// meanwhile, or none; that is os.ErrNotExist.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrInHand
	}
	if err == nil {
		err = sameDir(f, dir)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func sameDir(f *os.File, dir string) error {
	open, err := f.Stat()
	if err != nil {
		return err
	}
	now, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !os.SameFile(open, now) {
		return os.ErrNotExist
	}
	return nil
}

// sweep removes the staged folders of our runs that no process is making any
// more. Another home's tells that home what became of its run.
func sweep(root string, mine func(string) bool) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		id, ok := strings.CutPrefix(e.Name(), making)
		if !ok || mine != nil && !mine(id) {
			continue
		}
		dir := filepath.Join(root, e.Name())
		lock, err := lockDir(dir)
		if errors.Is(err, ErrInHand) || errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		err = os.RemoveAll(dir)
		_ = lock.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// discard removes what was not published.
func (s *stage) discard() {
	if sameDir(s.lock, s.dir) == nil {
		_ = os.RemoveAll(s.dir)
	}
	_ = s.lock.Close()
}

// create writes a file, durably.
func (s *stage) create(name string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(s.path(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	err = fill(f)
	if err == nil {
		err = disk.Sync("file of print run", f)
	}
	return errors.Join(err, f.Close())
}

func (s *stage) write(name string, content []byte) (File, error) {
	err := s.create(name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err != nil {
		return File{}, fmt.Errorf("file %s: %w", name, err)
	}
	sum := sha256.Sum256(content)
	return File{Name: name, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content))}, nil
}

// publish gives the folder its name, once asked has noted that it will. It never overwrites: a folder that is
// there, even an empty one, is os.ErrExist.
func (s *stage) publish(final string, reach func(string) error, asked func() error) error {
	if err := disk.SyncDir("print run", s.dir); err != nil {
		return err
	}
	if err := reach("before rename"); err != nil {
		return err
	}
	if err := asked(); err != nil {
		return err
	}
	if err := disk.Rename("print run", s.dir, final); err != nil {
		if sameDir(s.lock, final) == nil { // done all the same
			return fmt.Errorf("%w: %w", ErrNotDurable, err)
		}
		return err
	}
	if err := errors.Join(reach("after rename"), disk.SyncDir("print folder", filepath.Dir(final))); err != nil {
		return fmt.Errorf("%w: %w", ErrNotDurable, err)
	}
	return nil
}

func hashFile(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
