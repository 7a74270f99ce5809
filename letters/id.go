package letters

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ID is a letter ID (通知番号, to the customer お問合せ番号): 16 decimal
// digits, the last two being the ISO/IEC 7064 MOD 97-10 check of the first
// 14. It is drawn at random, so it tells neither volume nor neighbours, and
// never starts with 0, so that no spreadsheet shortens it.
type ID string

// ErrBadID says that a string is not a letter ID: wrong length, other
// characters, or check digits that do not agree.
var ErrBadID = errors.New("not a letter ID")

const idBody = 14

// NewID draws an ID from random.
func NewID(random io.Reader) (ID, error) {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw letter ID: %w", err)
	}
	const first, span = 10_000_000_000_000, 90_000_000_000_000
	n := first + binary.BigEndian.Uint64(b[:])%span
	body := fmt.Sprintf("%014d", n)
	return ID(body + checkDigits(body)), nil
}

// ParseID reads an ID as people write and type it: spaces, hyphens of any
// form and full-width digits are forgiven. It returns ErrBadID when the check
// digits do not agree.
func ParseID(s string) (ID, error) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case strings.ContainsRune(" \t\r\n　-‐‑–—―−－ー", r):
		default:
			return "", ErrBadID
		}
	}
	id := b.String()
	if len(id) != idBody+2 || id[0] == '0' || checkDigits(id[:idBody]) != id[idBody:] {
		return "", ErrBadID
	}
	return ID(id), nil
}

// Groups returns the printed form 1234-5678-9012-3456. Lists for people carry
// this form too: a spreadsheet would round sixteen bare digits.
func (id ID) Groups() string {
	s := string(id)
	if len(s) != idBody+2 {
		return s
	}
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

// checkDigits computes MOD 97-10: (n·100 + check) mod 97 = 1.
func checkDigits(body string) string {
	rest := 0
	for _, c := range body + "00" {
		rest = (rest*10 + int(c-'0')) % 97
	}
	return fmt.Sprintf("%02d", 98-rest)
}
