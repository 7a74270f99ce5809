package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"oshirase/letters/disk"
)

// ErrExists says that other bytes already stand under the name. What was
// written once is never replaced.
var ErrExists = errors.New("other content stands under this name")

// ErrMismatch says that a file does not have the expected SHA-256.
var ErrMismatch = errors.New("content does not have the expected hash")

const (
	dirMode  = 0o700
	fileMode = 0o600
	staging  = ".staging"
)

// Entry describes one file: its name, the lower-case hex SHA-256 of its
// content, and its size in bytes.
type Entry struct {
	Name   string
	SHA256 string
	Size   int64
}

// Archive is a directory of write-once files. Its methods may be called from
// several goroutines and from several processes at once.
type Archive struct{ dir string }

// Open uses the directory, making it when it is missing, and sweeps what a
// crash left unfinished.
func Open(dir string) (*Archive, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	a := &Archive{dir: abs}
	if err := disk.MakeDirs("archive", filepath.Join(abs, staging)); err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	return a, a.sweep()
}

// Path returns where the name lies on this machine, for people who fetch a
// finished folder by hand. It says nothing about whether it exists.
func (a *Archive) Path(name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	return filepath.Join(a.dir, filepath.FromSlash(name)), nil
}

// Put writes a file once. write gets the file to fill; when it or anything
// else fails, nothing is visible under the name. The same bytes again under
// the same name are fine, other bytes are ErrExists. When Put returns without
// an error the file and its name survive a loss of power.
func (a *Archive) Put(name string, write func(io.Writer) error) (Entry, error) {
	final, err := a.Path(name)
	if err != nil {
		return Entry{}, err
	}
	if err := a.sweep(); err != nil {
		return Entry{}, fmt.Errorf("put %s: %w", name, err)
	}
	entry, err := a.put(name, final, write)
	if err != nil {
		return Entry{}, fmt.Errorf("put %s: %w", name, err)
	}
	return entry, nil
}

func (a *Archive) put(name, final string, write func(io.Writer) error) (Entry, error) {
	f, err := a.stageFile()
	if err != nil {
		return Entry{}, err
	}
	defer func() {
		os.Remove(f.Name())
		f.Close()
	}()
	sum := sha256.New()
	count := &counter{w: io.MultiWriter(f, sum)}
	if err := write(count); err != nil {
		return Entry{}, err
	}
	// A writer whose error the caller swallowed must not become a file.
	if count.err != nil {
		return Entry{}, count.err
	}
	if err := disk.Sync("archive file", f); err != nil {
		return Entry{}, err
	}
	entry := Entry{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: count.n}
	return entry, a.publish(f.Name(), final, entry)
}

// publish gives the staged file its name. The directory is synced also when
// the same bytes were there before: their first writer may not have come that
// far.
func (a *Archive) publish(staged, final string, want Entry) error {
	parent := filepath.Dir(final)
	if err := disk.MakeDirs("archive", parent); err != nil {
		return err
	}
	err := disk.Link("archive file", staged, final)
	if errors.Is(err, os.ErrExist) {
		err = sameFile(final, want)
	}
	if err != nil {
		return err
	}
	return disk.SyncDir("archive", parent)
}

func sameFile(path string, want Entry) error {
	got, err := describe(path, want.Name)
	if err != nil {
		return err
	}
	if got != want {
		return ErrExists
	}
	return nil
}

// Forget removes a folder with all that stands under it: the end of its
// retention. A missing one is fine.
func (a *Archive) Forget(folder string) error {
	path, err := a.Path(folder)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("forget %s: %w", folder, err)
	}
	return disk.SyncDir("archive", filepath.Dir(path))
}

// Get opens a file for reading. A missing one is os.ErrNotExist.
func (a *Archive) Get(name string) (io.ReadCloser, error) {
	path, err := a.Path(name)
	if err != nil {
		return nil, err
	}
	f, err := openRegular(path)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", name, err)
	}
	return f, nil
}

// Stat reads the file through and returns its size and hash as they are now.
// A missing one is os.ErrNotExist.
func (a *Archive) Stat(name string) (Entry, error) {
	path, err := a.Path(name)
	if err != nil {
		return Entry{}, err
	}
	e, err := describe(path, name)
	if err != nil {
		return Entry{}, fmt.Errorf("stat %s: %w", name, err)
	}
	return e, nil
}

// Content returns a file whose content has the lower-case hex SHA-256, else
// ErrMismatch. What is returned is what was hashed. A missing one is
// os.ErrNotExist.
func (a *Archive) Content(name, sha string) ([]byte, error) {
	r, err := a.Get(name)
	if err != nil {
		return nil, err
	}
	return content(r, name, sha)
}

// content reads a file through and proves it.
func content(r io.ReadCloser, name, sha string) ([]byte, error) {
	body, err := io.ReadAll(r)
	if err := errors.Join(plain(err), r.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != sha {
		return nil, fmt.Errorf("read %s: %w", name, ErrMismatch)
	}
	return body, nil
}

// Verify returns ErrMismatch unless the file's content has the lower-case hex
// SHA-256.
func (a *Archive) Verify(name, sha string) error {
	e, err := a.Stat(name)
	if err != nil {
		return err
	}
	if e.SHA256 != sha {
		return fmt.Errorf("verify %s: %w", name, ErrMismatch)
	}
	return nil
}

// describe reads a file through.
func describe(path, name string) (Entry, error) {
	f, err := openRegular(path)
	if err != nil {
		return Entry{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: n}, nil
}

func openRegular(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("not a file: %w", os.ErrInvalid)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// counter counts bytes and remembers the first error.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}
