package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Kind says what a line records.
type Kind string

const (
	HandingOver Kind = "handing_over" // written before the mail's final dot
	Accepted    Kind = "accepted"     // the server took it
	Refused     Kind = "refused"      // the server refused it for good
	Deferred    Kind = "deferred"     // the server wants it later
	Uncertain   Kind = "uncertain"    // nobody can know without evidence
	NotSent     Kind = "not_sent"     // the dot was certainly not sent; says who held the connection
	PrintRun    Kind = "print_run"    // a print run's folder was handed over
	Note        Kind = "note"         // anything else worth a number, IDs only
)

// Entry is what a caller records. Letter, Dispatch, Run and Epoch are IDs of
// at most 80 characters of [A-Za-z0-9._:-], "" where they do not apply; a
// print_run has its Run, the mail kinds have their Letter, and in Dispatch the
// number of the ledger's event that they go with.
type Entry struct {
	At         int64 // µs since 1970 UTC
	Kind       Kind
	Letter     string
	Generation int
	Dispatch   string
	Run        string
	Epoch      string // of the ledger
}

// Line is one line of the file. Hash is the lower-case hex SHA-256 of the
// line as it stands without its hash member and newline; Prev is the Hash of
// the line before, "" on the first.
type Line struct {
	N    int64  `json:"n"` // from 1, without gaps
	At   int64  `json:"at"`
	Home string `json:"home"`

	Kind       Kind   `json:"kind"`
	Letter     string `json:"letter"`
	Generation int    `json:"generation"`
	Dispatch   string `json:"dispatch"`
	Run        string `json:"run"`
	Epoch      string `json:"epoch"`

	Prev string `json:"prev"`
	Hash string `json:"hash,omitempty"`
}

// Head is the last line's number and hash; zero for an empty journal.
type Head struct {
	N    int64
	Hash string
}

// ErrBadEntry says that an entry is incomplete or carries something that is
// not an ID.
var ErrBadEntry = errors.New("not a journal entry")

func (e Entry) check() error {
	for name, id := range map[string]string{"letter": e.Letter, "dispatch": e.Dispatch, "run": e.Run, "epoch": e.Epoch} {
		if !isID(id) {
			return fmt.Errorf("%s: %w", name, ErrBadEntry)
		}
	}
	switch e.Kind {
	case HandingOver, Accepted, Refused, Deferred, Uncertain, NotSent:
		if e.Letter == "" {
			return fmt.Errorf("%s without letter: %w", e.Kind, ErrBadEntry)
		}
	case PrintRun:
		if e.Run == "" {
			return fmt.Errorf("%s without run: %w", e.Kind, ErrBadEntry)
		}
	case Note:
	default:
		return fmt.Errorf("kind: %w", ErrBadEntry)
	}
	if e.Generation < 0 {
		return fmt.Errorf("generation: %w", ErrBadEntry)
	}
	return nil
}

func isID(s string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-"
	return len(s) <= 80 && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune(allowed, r)
	})
}

// chain makes the line that follows head.
func chain(head Head, home string, e Entry) (Line, []byte, error) {
	l := Line{N: head.N + 1, At: e.At, Home: home, Kind: e.Kind, Letter: e.Letter, Generation: e.Generation,
		Dispatch: e.Dispatch, Run: e.Run, Epoch: e.Epoch, Prev: head.Hash}
	hash, err := l.sum()
	if err != nil {
		return Line{}, nil, err
	}
	l.Hash = hash
	b, err := json.Marshal(l)
	return l, append(b, '\n'), err
}

func (l Line) sum() (string, error) {
	l.Hash = ""
	b, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// follow checks one line of the file, without its newline, against the head
// before it. errNotJSON is its own: at the very end it means a torn write.
func follow(head Head, home string, raw []byte) (Line, error) {
	var l Line
	if !json.Valid(raw) {
		return l, errNotJSON
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		return l, errors.New("not a journal line")
	}
	if l.Home != home {
		return l, ErrHome
	}
	if l.N != head.N+1 || l.Prev != head.Hash {
		return l, errors.New("does not follow the line before")
	}
	// Written anew it must be the same bytes: no second spelling, no member
	// of its own, may hide behind a good hash.
	_, want, err := chain(head, home, Entry{l.At, l.Kind, l.Letter, l.Generation, l.Dispatch, l.Run, l.Epoch})
	if err != nil {
		return l, err
	}
	if !bytes.Equal(bytes.TrimSuffix(want, []byte{'\n'}), raw) {
		return l, errors.New("does not have its own hash")
	}
	return l, nil
}

var errNotJSON = errors.New("not JSON")
