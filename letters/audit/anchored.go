package audit

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
)

// Anchored holds every anchor against the chain, as Verify does, but reads
// only the blocks of those that it has not seen yet. A finding is a *BadRow
// and no error.
func (x *Index) Anchored(ctx context.Context, anchors []Anchor, pub ed25519.PublicKey) (*BadRow, error) {
	var fresh []Anchor
	v, err := x.view(ctx, func() {
		for _, a := range anchors {
			if !x.proven[a] {
				fresh = append(fresh, a)
			}
		}
	})
	if err != nil || v.bad != nil {
		return v.bad, err
	}
	slices.SortFunc(fresh, func(a, b Anchor) int { return cmp.Compare(a.N, b.N) })
	at, p := -1, part{}
	for _, a := range fresh {
		if !a.SignedBy(pub) {
			return &BadRow{a.N, BadAnchor}, nil
		}
		if i := v.holding(a.N); i != at {
			if at, p = i, (part{records: v.tail}); i < len(v.blocks) {
				if p, err = v.read(ctx, i, i+1); err != nil {
					return nil, fmt.Errorf("read audit chain: %w", err)
				}
			}
		}
		if bad := p.anchored(a); bad != nil {
			return bad, nil
		}
	}
	_, err = x.view(ctx, func() {
		for _, a := range fresh {
			x.proven[a] = true
		}
	})
	return nil, err
}

// holding is the block that has the record of a number; the one behind the
// last is the tail.
func (v view) holding(n int64) int {
	i, _ := slices.BinarySearchFunc(v.blocks, n, func(b block, n int64) int {
		if b.last.N < n {
			return -1
		}
		return 1
	})
	return i
}

func (p part) anchored(a Anchor) *BadRow {
	if p.bad != nil {
		return p.bad
	}
	for _, r := range p.records {
		if r.N == a.N && r.Hash != a.Hash {
			return &BadRow{a.N, WrongAnchor}
		}
		if r.N == a.N {
			return nil
		}
	}
	return &BadRow{a.N, Missing}
}
