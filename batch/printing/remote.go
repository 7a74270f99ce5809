package printing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/pkg/sftp"

	"oshirase/letters/failpoint"
)

func exists(c *sftp.Client, name string) (bool, error) {
	_, err := c.Lstat(name)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, unsaid(err)
}

// rename never replaces a folder with something in it; that the final name is
// free was looked at before.
func rename(c *sftp.Client, from, to string) error {
	if _, ok := c.HasExtension("posix-rename@openssh.com"); ok {
		return unsaid(c.PosixRename(from, to))
	}
	return unsaid(c.Rename(from, to))
}

// upload writes the run's files under a temporary name and reads each back.
// What an earlier try left there goes first.
func upload(ctx context.Context, c *sftp.Client, temp string, run Run) error {
	if err := c.RemoveAll(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("clear an earlier try: %w", unsaid(err))
	}
	failpoint.Reach("before upload", "drop")
	if err := c.Mkdir(temp); err != nil {
		return fmt.Errorf("make folder: %w", unsaid(err))
	}
	names, err := dropped(run)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := put(c, path.Join(temp, name), filepath.Join(run.Folder, name)); err != nil {
			return fmt.Errorf("file %s: %w", name, err)
		}
		failpoint.Reach("after upload", "file of drop")
	}
	return verify(c, temp, run)
}

// dropped names every file of a run's folder.
func dropped(run Run) ([]string, error) {
	entries, err := os.ReadDir(run.Folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

func put(c *sftp.Client, to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() // only read
	out, err := c.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return unsaid(err)
	}
	_, err = out.ReadFrom(in)
	if _, ok := c.HasExtension("fsync@openssh.com"); ok && err == nil {
		err = out.Sync()
	}
	return unsaid(errors.Join(err, out.Close()))
}

// errContent says that a file on the server is not the run's.
var errContent = errors.New("content differs")

// verify holds the names, sizes and hashes on the server against the folder
// here.
func verify(c *sftp.Client, dir string, run Run) error {
	names, err := dropped(run)
	if err != nil {
		return err
	}
	there, err := c.ReadDir(dir)
	if err != nil {
		return unsaid(err)
	}
	var got []string
	for _, e := range there {
		got = append(got, e.Name())
	}
	slices.Sort(got)
	slices.Sort(names)
	if !slices.Equal(got, names) {
		return fmt.Errorf("%w: %d files, not %d", errContent, len(got), len(names))
	}
	for _, name := range names {
		want, size, err := hashFile(filepath.Join(run.Folder, name))
		if err != nil {
			return err
		}
		sum, n, err := remoteHash(c, path.Join(dir, name))
		if err != nil {
			return fmt.Errorf("read back %s: %w", name, err)
		}
		if sum != want || n != size {
			return fmt.Errorf("%w: %s", errContent, name)
		}
	}
	return nil
}

func remoteHash(c *sftp.Client, name string) (string, int64, error) {
	f, err := c.Open(name)
	if err != nil {
		return "", 0, unsaid(err)
	}
	h := sha256.New()
	n, err := f.WriteTo(h)
	return hex.EncodeToString(h.Sum(nil)), n, unsaid(errors.Join(err, f.Close()))
}
