package audit

import (
	"bytes"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// Entry is what a caller records: IDs and codes only, never what was seen.
type Entry struct {
	Actor   string // user name
	Action  string // show, pdf, lookup, download …
	Object  string // letter ID, retailer code or month
	Reason  string // why: a purpose code, with the ticket if there is one
	Outcome string // shown, refused, not_found …
	Client  string // where from: an address, or the terminal
}

// Record is an entry in the chain. Hash is the lower-case hex SHA-256 of
// Canonical; Prev is the Hash of the record before, "" on the first.
type Record struct {
	N       int64  `json:"n"`  // from 1, without gaps
	At      int64  `json:"at"` // µs since 1970 UTC
	Actor   string `json:"actor"`
	Action  string `json:"action"`
	Object  string `json:"object"`
	Reason  string `json:"reason"`
	Outcome string `json:"outcome"`
	Client  string `json:"client"`
	Prev    string `json:"prev"`
	Hash    string `json:"hash,omitempty"`
}

// Head is the last record's number and hash; zero for an empty chain.
type Head struct {
	N    int64
	Hash string
}

// ErrBadEntry says that an entry lacks actor, action or object, or that a
// member is longer than 400 bytes, is not UTF-8 or holds a control character.
var ErrBadEntry = errors.New("not an audit entry")

const maxMember = 400

func (e Entry) check() error {
	if e.Actor == "" || e.Action == "" || e.Object == "" {
		return fmt.Errorf("actor, action and object are needed: %w", ErrBadEntry)
	}
	for _, s := range []string{e.Actor, e.Action, e.Object, e.Reason, e.Outcome, e.Client} {
		if len(s) > maxMember || !utf8.ValidString(s) || bytes.ContainsFunc([]byte(s), unicode.IsControl) {
			return ErrBadEntry
		}
	}
	return nil
}

// next makes the record that follows head.
func next(head Head, at time.Time, e Entry) (Record, error) {
	r := Record{N: head.N + 1, At: at.UnixMicro(), Actor: e.Actor, Action: e.Action, Object: e.Object,
		Reason: e.Reason, Outcome: e.Outcome, Client: e.Client, Prev: head.Hash}
	var err error
	r.Hash, err = r.sum()
	return r, err
}

// follows says what is wrong with a record that should come after head, or "".
func (r Record) follows(head Head) Fault {
	switch {
	case r.N != head.N+1:
		return WrongNumber
	case r.Prev != head.Hash:
		return WrongPrev
	case !r.hashed():
		return WrongHash
	}
	return ""
}
