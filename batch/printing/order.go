package printing

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	"oshirase/letters"
)

// ErrOrder says that an order cannot be made: a bad run ID, no letters, a
// letter twice, of another class, or without its page hashes and marks.
var ErrOrder = errors.New("order of a print run")

// A run ID becomes a folder's name on whatever system the printer has.
var runID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$`)

func (o Order) check() error {
	if !runID.MatchString(o.RunID) {
		return fmt.Errorf("%w: run ID must be letters, digits, - and _", ErrOrder)
	}
	if len(o.Pieces) == 0 {
		return fmt.Errorf("%w %s: no letters", ErrOrder, o.RunID)
	}
	seen := make(map[letters.ID]bool, len(o.Pieces))
	for _, p := range o.Pieces {
		if err := o.checkPiece(p); err != nil {
			return fmt.Errorf("%w %s: letter %s: %w", ErrOrder, o.RunID, p.LetterID, err)
		}
		if seen[p.LetterID] {
			return fmt.Errorf("%w %s: letter %s stands twice", ErrOrder, o.RunID, p.LetterID)
		}
		seen[p.LetterID] = true
	}
	return nil
}

func (o Order) checkPiece(p Piece) error {
	if id, err := letters.ParseID(string(p.LetterID)); err != nil || id != p.LetterID {
		return letters.ErrBadID
	}
	switch {
	case p.Generation < 1:
		return errors.New("generation is not counted from 1")
	case p.Class() != o.Class:
		return fmt.Errorf("class is %s, not %s", p.Class(), o.Class)
	case len(p.PageHashes) == 0 || len(p.Marks) != len(p.PageHashes):
		return errors.New("pages and marks do not agree")
	}
	for _, h := range append([]string{p.ContentHash}, p.PageHashes...) {
		if b, err := hex.DecodeString(h); err != nil || len(b) != 32 {
			return errors.New("hash is not a hex SHA-256")
		}
	}
	return nil
}
