package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"oshirase/letters"
)

// Anchor is the chain's head at the end of a day, signed. Kept where the
// chain's keeper cannot write, it proves what the chain was.
type Anchor struct {
	Date letters.Date `json:"date"`
	N    int64        `json:"n"`
	Hash string       `json:"hash"`
	Sig  string       `json:"sig,omitempty"` // base64 Ed25519 over the line without sig
}

// NewAnchor signs a day's head.
func NewAnchor(date letters.Date, head Head, key ed25519.PrivateKey) (Anchor, error) {
	a := Anchor{Date: date, N: head.N, Hash: head.Hash}
	msg, err := a.message()
	if err != nil {
		return Anchor{}, err
	}
	a.Sig = base64.StdEncoding.EncodeToString(ed25519.Sign(key, msg))
	return a, nil
}

// SignedBy reports whether the key made the anchor's signature.
func (a Anchor) SignedBy(pub ed25519.PublicKey) bool {
	sig, err := base64.StdEncoding.DecodeString(a.Sig)
	if err != nil || len(pub) != ed25519.PublicKeySize {
		return false
	}
	msg, err := a.message()
	return err == nil && ed25519.Verify(pub, msg, sig)
}

func (a Anchor) message() ([]byte, error) {
	a.Sig = ""
	b, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode anchor: %w", err)
	}
	return b, nil
}

// ErrAnchored says that the day has an anchor already, of another head.
var ErrAnchored = errors.New("this day has another anchor")

// AddAnchor puts the anchor at the end of the file, which appears anew as a
// whole. The same anchor again is fine; another one of the same day is
// ErrAnchored. Processes of one machine take turns by a lock beside the file.
func AddAnchor(path string, a Anchor) error {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("add anchor: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("add anchor: %w", err)
	}
	all, err := ReadAnchors(path)
	if err != nil {
		return err
	}
	for _, old := range all {
		if old == a {
			return nil
		}
		if old.Date == a.Date {
			return fmt.Errorf("add anchor of %s: %w", a.Date, ErrAnchored)
		}
	}
	if err := replace(path, append(all, a)); err != nil {
		return fmt.Errorf("add anchor: %w", err)
	}
	return nil
}

func replace(path string, all []Anchor) error {
	tmp, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer tmp.Close()
	enc := json.NewEncoder(tmp)
	for _, a := range all {
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// ReadAnchors reads a file of anchors; none is there before the first day.
// Signatures are Verify's business.
func ReadAnchors(path string) ([]Anchor, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read anchors: %w", err)
	}
	var all []Anchor
	n := 0
	for line := range strings.Lines(string(raw)) {
		n++
		var a Anchor
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			return nil, fmt.Errorf("read anchors: line %d: %w", n, err)
		}
		all = append(all, a)
	}
	return all, nil
}
