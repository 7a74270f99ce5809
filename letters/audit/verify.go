package audit

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"iter"
)

// Fault says what is wrong with a row of the chain.
type Fault string

const (
	WrongNumber Fault = "number"     // deleted, swapped or inserted here
	WrongPrev   Fault = "prev"       // does not follow the record before
	WrongHash   Fault = "hash"       // edited
	Unreadable  Fault = "unreadable" // no record, or not in its one spelling
	Torn        Fault = "torn"       // the end of the last row is missing
	WrongAnchor Fault = "anchor"     // not what the day's signed anchor says
	Missing     Fault = "missing"    // an anchor proves that it was there
	BadAnchor   Fault = "signature"  // the anchor itself is not signed by the key
	WrongIndex  Fault = "index"      // the chain is whole; the index of this process was not
)

// BadRow names the first row that is not as it was written. N is the number
// the row should have, counted from the start.
type BadRow struct {
	N     int64
	Fault Fault
}

// Error names row and fault.
func (b *BadRow) Error() string { return fmt.Sprintf("audit row %d: %s", b.N, b.Fault) }

// Report is the finding of Verify.
type Report struct {
	Records int64   // rows found good, from the first on
	Head    Head    // the last good row
	Anchors int     // anchors that agreed
	Bad     *BadRow // nil when the chain is whole
}

// Verify checks the whole chain, which records must yield from its first row
// on, and every anchor against it. The signature of an anchor is checked with
// pub; without anchors a cut at the very end cannot be seen. Only a failure
// to read is an error: a broken chain is a report.
func Verify(records iter.Seq2[Record, error], anchors []Anchor, pub ed25519.PublicKey) (Report, error) {
	var rep Report
	due := map[int64]string{}
	for _, a := range anchors {
		if !a.SignedBy(pub) {
			rep.Bad = &BadRow{a.N, BadAnchor}
			return rep, nil
		}
		if hash, twice := due[a.N]; twice && hash != a.Hash {
			rep.Bad = &BadRow{a.N, WrongAnchor}
			return rep, nil
		}
		due[a.N] = a.Hash
	}
	for r, err := range records {
		if bad, ok := errors.AsType[*BadRow](err); ok {
			rep.Bad = bad
			return rep, nil
		}
		if err != nil {
			return rep, fmt.Errorf("verify audit chain: %w", err)
		}
		if rep.take(r, due); rep.Bad != nil {
			return rep, nil
		}
	}
	for n := range due {
		if n > rep.Head.N {
			rep.Bad = &BadRow{rep.Head.N + 1, Missing}
		}
	}
	return rep, nil
}

// take checks one row against the rows before it and against the anchors.
func (rep *Report) take(r Record, due map[int64]string) {
	if fault := r.follows(rep.Head); fault != "" {
		rep.Bad = &BadRow{rep.Head.N + 1, fault}
		return
	}
	if want, ok := due[r.N]; ok {
		if want != r.Hash {
			rep.Bad = &BadRow{r.N, WrongAnchor}
			return
		}
		rep.Anchors++
	}
	rep.Records++
	rep.Head = Head{r.N, r.Hash}
}
