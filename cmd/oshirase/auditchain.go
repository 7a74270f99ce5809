package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"oshirase/letters"
	"oshirase/letters/audit"
)

// chain opens the audit chain: a file of its own beside SQLite, a table on
// PostgreSQL. The second value closes it.
func (h *house) chain() (audit.Log, func() error, error) {
	if onPostgres(h.cfg) {
		return audit.Chain(chainInLedger{h.store}), func() error { return nil }, nil
	}
	f, err := audit.OpenFile(h.p.inHome("audit.jsonl"))
	if err != nil {
		return nil, nil, fmt.Errorf("open audit chain: %w", err)
	}
	return audit.Chain(f), f.Close, nil
}

// auditPath is a path of the settings, within the home or absolute.
func (h *house) auditPath(setting string) string {
	if filepath.IsAbs(setting) {
		return setting
	}
	return h.p.inHome(setting)
}

// verdict is what the verification of the chain found.
type verdict struct {
	audit.Report
	Unanchored int64 // records after the last anchor: a cut there would not show
}

// anchorFiles are where the signed anchors and the public key are read from:
// the house's own, or copies kept elsewhere.
type anchorFiles struct{ anchors, key string }

func (h *house) ownAnchors() anchorFiles {
	return anchorFiles{h.auditPath(h.cfg.Audit.AnchorFile), h.auditPath(h.cfg.Audit.PublicKeyFile)}
}

// through is what every record passes on its way to the verification.
type through func(iter.Seq2[audit.Record, error]) iter.Seq2[audit.Record, error]

// verifyChain reads the whole chain and says whether it is as it was written.
func (h *house) verifyChain(ctx context.Context, from anchorFiles, pass ...through) (v verdict, err error) {
	log, closeLog, err := h.chain()
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	head, _ := log.Head(ctx) // only for how far it is; verified reads it again
	pass = append(pass, func(all iter.Seq2[audit.Record, error]) iter.Seq2[audit.Record, error] { return h.told(all, head.N) })
	return h.verified(ctx, log, from, pass...)
}

// verified checks every record and every signed anchor, and on PostgreSQL the
// ledger's own note of the head, which is read first: what is appended
// meanwhile does no harm. Records are read one by one and none is kept.
func (h *house) verified(ctx context.Context, log audit.Log, from anchorFiles, pass ...through) (v verdict, err error) {
	anchors, pub, bad, err := from.read()
	if err != nil || bad != nil {
		return verdict{Report: audit.Report{Bad: bad}}, err
	}
	head, err := log.Head(ctx)
	if wrong, ok := errors.AsType[*audit.BadRow](err); ok {
		head, err = audit.Head{}, nil // reading from the start names the first one
		defer func() {
			if err == nil && v.Bad == nil {
				v.Bad = wrong
			}
		}()
	}
	if err != nil {
		return v, fmt.Errorf("verify audit chain: %w", err)
	}
	records := log.Since(ctx, 0)
	for _, p := range pass {
		records = p(records)
	}
	if v.Report, err = audit.Verify(records, anchors, pub); err != nil {
		return v, err
	}
	if v.Bad == nil && head.N > v.Head.N {
		v.Bad = &audit.BadRow{N: v.Head.N + 1, Fault: audit.Missing}
	}
	v.Unanchored = v.Records
	for _, a := range anchors {
		v.Unanchored = min(v.Unanchored, max(0, v.Records-a.N))
	}
	return v, nil
}

// told shows how far the records are read.
func (h *house) told(records iter.Seq2[audit.Record, error], n int64) iter.Seq2[audit.Record, error] {
	const step = 10_000 // records
	return func(yield func(audit.Record, error) bool) {
		bar := h.p.progress("audit", int(n))
		for r, err := range records {
			if err == nil && (r.N%step == 0 || r.N == n) {
				bar(int(min(r.N, n)))
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// read reads the anchors and the public key that signed them. A key without
// anchors, or anchors without a key, is itself a finding.
func (f anchorFiles) read() ([]audit.Anchor, ed25519.PublicKey, *audit.BadRow, error) {
	anchors, err := audit.ReadAnchors(f.anchors)
	if err != nil {
		return nil, nil, &audit.BadRow{Fault: audit.BadAnchor}, nil // spelled by nobody of ours
	}
	raw, err := os.ReadFile(f.key)
	if errors.Is(err, fs.ErrNotExist) && len(anchors) == 0 {
		return nil, nil, nil, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil, fmt.Errorf("read public key: %w", err)
	}
	pub, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(pub) != ed25519.PublicKeySize || len(anchors) == 0 {
		return nil, nil, &audit.BadRow{N: 1, Fault: audit.BadAnchor}, nil
	}
	return anchors, pub, nil, nil
}

// anchorKey reads the house's signing key, drawing it on first use and laying
// its public half beside it. Whoever holds the key can sign, so it belongs
// where the ledger's keeper cannot read it.
func (h *house) anchorKey() (ed25519.PrivateKey, error) {
	path := h.auditPath(h.cfg.Audit.KeyFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeAnchorKey(path, h.auditPath(h.cfg.Audit.PublicKeyFile), h.p.random); err != nil {
			return nil, fmt.Errorf("make signing key: %w", err)
		}
	}
	text, err := readSecret(path)
	if err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fail(exitUsage, "audit_key", errors.New("not a signing key"), path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func makeAnchorKey(private, public string, random io.Reader) error {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return err
	}
	pub := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if err := os.WriteFile(public, []byte(base64.StdEncoding.EncodeToString(pub)+"\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(private, []byte(base64.StdEncoding.EncodeToString(seed)+"\n"), 0o600)
}

// anchorDay signs the chain's head once a day, and says whether it did. A day
// that has its anchor, and a chain without records, is left as it is.
func (h *house) anchorDay(ctx context.Context) (a audit.Anchor, made bool, err error) {
	today := letters.DateOf(h.p.now())
	path := h.auditPath(h.cfg.Audit.AnchorFile)
	before, err := audit.ReadAnchors(path)
	if err != nil {
		return a, false, err
	}
	for _, old := range before {
		if old.Date == today {
			return old, false, nil
		}
	}
	log, closeLog, err := h.chain()
	if err != nil {
		return a, false, err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	head, err := log.Head(ctx)
	if err != nil || head.N == 0 {
		return a, false, err
	}
	key, err := h.anchorKey()
	if err != nil {
		return a, false, err
	}
	if a, err = audit.NewAnchor(today, head, key); err != nil {
		return a, false, err
	}
	err = audit.AddAnchor(path, a)
	if errors.Is(err, audit.ErrAnchored) {
		return a, false, nil // another process was first
	}
	return a, err == nil, err
}
