package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"oshirase/letters/archive"
)

// letterArchive is where letters' files are kept: a folder, or a bucket that
// workers on several machines share.
type letterArchive interface {
	Put(name string, write func(io.Writer) error) (archive.Entry, error)
	Content(name, sha string) ([]byte, error)
	Forget(folder string) error
}

// openArchive opens the folder of the home, or the bucket of the settings, to
// write into it.
func (h *house) openArchive(ctx context.Context) (letterArchive, error) {
	if h.cfg.Archive.URL != "" {
		return h.openBucket(ctx, archive.OpenBucket)
	}
	a, err := archive.Open(h.p.inHome("archive"))
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	return a, nil
}

// kept reads a kept letter whose bytes have the hash that the ledger knows.
func (h *house) kept(ctx context.Context, name, sha string) ([]byte, error) {
	if h.cfg.Archive.URL == "" {
		a, err := h.openArchive(ctx)
		if err != nil {
			return nil, err
		}
		body, err := a.Content(name, sha)
		return body, archiveFault(err)
	}
	b, err := h.openBucket(ctx, archive.ReadBucket)
	if err != nil {
		return nil, err
	}
	body, err := b.Content(name, sha)
	if err = archiveFault(err); err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, archive.ErrMismatch) {
		return body, err
	}
	return nil, storeFault(err)
}

type bucketOpener func(context.Context, archive.BucketConfig) (*archive.Bucket, error)

func (h *house) openBucket(ctx context.Context, open bucketOpener) (*archive.Bucket, error) {
	c := h.cfg.Archive
	access, err := readSecret(h.inHomeOr(c.AccessKeyFile))
	if err != nil {
		return nil, err
	}
	secret, err := readSecret(h.inHomeOr(c.SecretKeyFile))
	if err != nil {
		return nil, err
	}
	roots, err := h.archiveRoots()
	if err != nil {
		return nil, err
	}
	b, err := open(ctx, archive.BucketConfig{URL: c.URL, Region: c.Region, AccessKey: access, SecretKey: secret, Roots: roots})
	if err != nil {
		return nil, storeFault(err)
	}
	return b, nil
}

// archiveRoots reads who may vouch for the store's certificate; nil are the
// system's.
func (h *house) archiveRoots() (*x509.CertPool, error) {
	path := h.inHomeOr(h.cfg.Archive.CAFile)
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	roots := x509.NewCertPool()
	if err == nil && !roots.AppendCertsFromPEM(pem) {
		err = errors.New("no certificate in it")
	}
	if err != nil {
		return nil, fail(exitUsage, "archive_ca", fmt.Errorf("read archive.ca_file: %w", err), path)
	}
	return roots, nil
}

// archiveFault says that a kept letter is not as it was written.
func archiveFault(err error) error {
	if errors.Is(err, archive.ErrMismatch) {
		return fail(exitRefused, "archive_altered", err)
	}
	return err
}

// storeFault says in words why the store cannot be used.
func storeFault(err error) error {
	switch {
	case errors.Is(err, archive.ErrBadURL):
		return fail(exitUsage, "archive_url", err)
	case errors.Is(err, archive.ErrOverwrites):
		return fail(exitRefused, "archive_overwrites", err)
	case errors.Is(err, archive.ErrCertificate):
		return fail(exitFailed, "archive_certificate", err)
	}
	return fail(exitFailed, "archive_store", err)
}

// inHomeOr is a path of the settings, within the home or absolute.
func (h *house) inHomeOr(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return h.p.inHome(path)
}
