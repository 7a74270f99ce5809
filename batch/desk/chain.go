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
}

// ChainVerdict is what reading the whole chain found. Bad is the number of the
// first record that is not as it was written, 0 when all are.
type ChainVerdict struct {
	Records, Unanchored, Bad int64
	Anchors                  int
	Fault                    string
}

// chainPage is what chain.html gets; Verdict is nil before it was asked for.
type chainPage struct {
	ChainState
	Verdict *ChainVerdict
}

const anchorsShown = 31

func (d *Desk) chainPage(v *Visit) (chainPage, error) {
	state, err := d.o.Chain.Chain(v.Context())
	if len(state.Anchors) > anchorsShown {
		state.Anchors = state.Anchors[:anchorsShown]
	}
	return chainPage{ChainState: state}, err
}

func (d *Desk) chain(v *Visit) error {
	page, err := d.chainPage(v)
	if err != nil {
		return err
	}
	return v.Show("chain", page)
}

// verifyChain reads the chain through. It is a POST since it takes a while.
func (d *Desk) verifyChain(v *Visit) error {
	if err := v.Record("audit_verify", "log", "", "done"); err != nil {
		return err
	}
	verdict, err := d.o.Chain.Verify(v.Context())
	if err != nil {
		return err
	}
	page, err := d.chainPage(v)
	if err != nil {
		return err
	}
	page.Verdict = &verdict
	return v.Show("chain", page)
}
