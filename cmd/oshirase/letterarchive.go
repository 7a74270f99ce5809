package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"oshirase/letters/archive"
)

// letterArchive is where letters' files are kept: a folder, or a bucket that
// workers on several machines share.
type letterArchive interface {
	Put(name string, write func(io.Writer) error) (archive.Entry, error)
	Get(name string) (io.ReadCloser, error)
	Verify(name, sha string) error
	Forget(folder string) error
}

// openArchive opens the folder of the home, or the bucket of the settings.
func (h *house) openArchive(ctx context.Context) (letterArchive, error) {
	c := h.cfg.Archive
	if c.URL == "" {
		a, err := archive.Open(h.p.inHome("archive"))
		if err != nil {
			return nil, fmt.Errorf("open archive: %w", err)
		}
		return a, nil
	}
	access, err := readSecret(h.inHomeOr(c.AccessKeyFile))
	if err != nil {
		return nil, err
	}
	secret, err := readSecret(h.inHomeOr(c.SecretKeyFile))
	if err != nil {
		return nil, err
	}
	b, err := archive.OpenBucket(ctx, archive.BucketConfig{URL: c.URL, Region: c.Region, AccessKey: access, SecretKey: secret})
	switch {
	case errors.Is(err, archive.ErrBadURL):
		return nil, fail(exitUsage, "archive_url", err)
	case errors.Is(err, archive.ErrOverwrites):
		return nil, fail(exitRefused, "archive_overwrites", err)
	case err != nil:
		return nil, fail(exitFailed, "archive_store", err)
	}
	return b, nil
}

// inHomeOr is a path of the settings, within the home or absolute.
func (h *house) inHomeOr(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return h.p.inHome(path)
}
