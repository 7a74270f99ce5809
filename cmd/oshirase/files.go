package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"oshirase/letters/disk"
)

// writeFile writes a file that people fetch: whole or not at all. An earlier
// one of the same name is replaced.
func writeFile(path string, write func(io.Writer) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".staged-*")
	if err != nil {
		return fmt.Errorf("stage file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeStaged(tmp.Name()))
		}
	}()
	buf := bufio.NewWriterSize(tmp, 1<<16)
	err = errors.Join(write(buf), buf.Flush(), disk.Sync("file for people", tmp), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return disk.SyncDir("file for people", filepath.Dir(path))
}
