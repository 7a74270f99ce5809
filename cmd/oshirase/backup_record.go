package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"

	"oshirase/letters"
	"oshirase/letters/audit"
)

// backupBy is who takes a backup: the person of --as, or the machine's account,
// since a timer has no password.
func (h *house) backupBy(ctx context.Context, by string) (string, error) {
	if by == "" {
		return h.p.accountName(), nil
	}
	return by, h.p.signIn(ctx, h.store, by, letters.RolePrepare, letters.RoleApprove, letters.RoleAudit, letters.RoleAdmin)
}

// accountName is the machine's account as the audit chain has it; a person's
// name has no colon.
func (p *program) accountName() string { return "account:" + p.account }

// keeping is the record of a backup or restoration: who, when, and the hash of
// the file; never what is in it.
func keeping(actor, action, sum string) audit.Entry {
	return audit.Entry{Actor: actor, Action: action, Object: sum, Outcome: "done", Client: "terminal"}
}

// summed sums up what is read through it.
type summed struct {
	from io.Reader
	h    hash.Hash
	n    int64
}

func hashed(from io.Reader) *summed { return &summed{from: from, h: sha256.New()} }

func (r *summed) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.h.Write(b[:n])
	r.n += int64(n)
	return n, err
}

// sum reads what is left and returns size and hex SHA-256 of all.
func (r *summed) sum() (int64, string, error) {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return 0, "", err
	}
	return r.n, hex.EncodeToString(r.h.Sum(nil)), nil
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// record puts the restoration into the audit chain that will stand: the
// home's own where it has one, else the backup's, before that is put in its
// place.
func (r *restoring) record(ctx context.Context, postgres bool) (err error) {
	path := filepath.Join(r.stage, auditFile)
	if !postgres && there(r.p.inHome(auditFile)) {
		path = r.p.inHome(auditFile)
	}
	f, err := audit.OpenFile(path)
	if err != nil {
		return fail(exitFailed, "audit", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	entry := keeping(r.p.accountName(), "restore", r.sum)
	if _, err := audit.Chain(f).Append(ctx, []audit.Dated{{At: r.p.now(), Entry: entry}}); err != nil {
		return fail(exitFailed, "audit", err)
	}
	return nil
}
