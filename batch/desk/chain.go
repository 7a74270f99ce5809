package desk

import (
	"errors"

	"oshirase/letters"
)

// ErrBrokenChain says that the audit chain is not whole: an analysis of it
// would prove nothing.
var ErrBrokenChain = errors.New("audit chain is broken")

// Anchor is a day's signed head of the chain.
type Anchor struct {
	Date letters.Date
	N    int64
	Hash string
}

// ChainState is the chain as it stands, not read through.
type ChainState struct {
	Records int64
	Hash    string
	Anchors []Anchor // the newest first
	Check   ChainCheck
}

// ChainCheck is the last verification since serve began: how far it is, or
// what it found.
type ChainCheck struct {
	Running bool
	Read    int64 // records so far
	At      int64 // when it ended, 0 before the first
	Failed  bool  // the chain could not be read to its end
	Verdict ChainVerdict
}

// ChainVerdict is what reading the whole chain found. Bad is the number of the
// first record that is not as it was written, 0 when all are.
type ChainVerdict struct {
	Records, Unanchored, Bad int64
	Anchors                  int
	Fault                    string
}

const (
	anchorsShown = 31
	refreshEvery = "3" // seconds, while a verification runs
)

// chain shows the chain as it stands; while it is verified the page comes
// again by itself.
func (d *Desk) chain(v *Visit) error {
	state, err := d.o.Chain.Chain(v.Context())
	if err != nil {
		return err
	}
	if len(state.Anchors) > anchorsShown {
		state.Anchors = state.Anchors[:anchorsShown]
	}
	if state.Check.Running {
		v.w.Header().Set("Refresh", refreshEvery+"; url=/chain")
	}
	return v.Show("chain", state)
}

// verifyChain has the chain read through, which takes a while when it is long.
func (d *Desk) verifyChain(v *Visit) error {
	if err := v.Record("audit_verify", "log", "", "done"); err != nil {
		return err
	}
	if err := d.o.Chain.Verify(v.Context()); err != nil {
		return err
	}
	return v.Go("/chain", "")
}
