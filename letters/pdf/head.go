package pdf

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
)

// head is the beginning of a file: the static fonts and the colour profile,
// which are the same in every file of a month. It is written, and hashed, once.
type head struct {
	file  file
	fonts []*fontFile
	icc   int // object number of the colour profile
	sum   hash.Cloner
}

// head returns the head with the static fonts of some faces (bit = face.order).
func (s *Shared) head(static uint64) *head {
	s.headsMu.Lock()
	defer s.headsMu.Unlock()
	h := s.heads[static]
	if h == nil {
		h = s.newHead(static)
		s.heads[static] = h
	}
	return h
}

func (s *Shared) newHead(static uint64) *head {
	h := &head{}
	h.file.reset(headObject - 1)
	for order, font := range s.static {
		if static>>order&1 != 0 {
			h.fonts = append(h.fonts, font)
			h.file.font(h.file.numbers(fontObjects), font)
		}
	}
	h.icc = h.file.number()
	h.file.stream(h.icc, deflated+"/N 3/Alternate/DeviceRGB", s.icc)
	sum := sha256.New()
	sum.Write(h.file.out)
	h.sum = sum.(hash.Cloner) // every hash of the standard library is one
	return h
}

// finished is a whole file in two pieces.
type finished struct {
	head *head
	rest []byte
}

// sum is the hex SHA-256 of the whole file.
func (o finished) sum() (string, error) {
	h, err := o.head.sum.Clone()
	if err != nil {
		return "", fmt.Errorf("hash file: %w", err)
	}
	h.Write(o.rest)
	return hex.EncodeToString(h.Sum(nil)), nil
}
