package batch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"oshirase/letters"
)

// Chosen is a letter of the proof set with the reasons why it was chosen;
// their sentences stand in templates/problems.
type Chosen struct {
	Letter letters.Letter
	Why    []letters.Reason
}

// Reasons for being in the proof set (校正見本).
const (
	ProofManyCases letters.Reason = "proof_many_cases"
	ProofLongName  letters.Reason = "proof_long_name"
	ProofLongPlace letters.Reason = "proof_long_address"
	ProofRareGlyph letters.Reason = "proof_rare_glyph"
	ProofVariant   letters.Reason = "proof_variant"
	ProofPartly    letters.Reason = "proof_partly_recorded"
)

// perReason is how many letters each ranking brings into the set.
const perReason = 3

// ProofSet picks the letters most likely to be wrong: the fullest, the longest
// names and addresses, the rarest glyphs, and one of each variant. rare counts
// the glyphs of a text that the body face lacks. The set is small, in letter-ID
// order, and the same for the same month.
func ProofSet(ctx context.Context, l CheckLedger, m letters.Month, rare func(string) int) ([]Chosen, error) {
	s := newSelection()
	states := []letters.State{letters.Planned, letters.Rendered, letters.Approved}
	err := l.Letters(ctx, m, states, func(l letters.Letter, _ letters.Dispatch) error {
		s.see(l, rare)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("choose proofs of %s: %w", m, err)
	}
	return s.chosen(), nil
}

// selection keeps the best few of each ranking while letters stream by.
type selection struct {
	rankings map[letters.Reason][]ranked
	variants map[string]letters.Letter
}

type ranked struct {
	score  int
	letter letters.Letter
}

func newSelection() *selection {
	return &selection{rankings: make(map[letters.Reason][]ranked), variants: make(map[string]letters.Letter)}
}

func (s *selection) see(l letters.Letter, rare func(string) int) {
	r := l.Recipient
	s.rank(ProofManyCases, len(l.Cases), l)
	s.rank(ProofLongName, utf8.RuneCountInString(r.Name), l)
	s.rank(ProofLongPlace, utf8.RuneCountInString(r.Address+r.Building), l)
	s.rank(ProofRareGlyph, rare(r.Name)+rare(r.Address)+rare(r.Building), l)
	s.rank(ProofPartly, partly(l), l)
	v := variantOf(&l)
	if old, seen := s.variants[v]; !seen || l.ID < old.ID {
		s.variants[v] = l
	}
}

// rank keeps the perReason highest scores above zero; the lower ID wins a tie.
func (s *selection) rank(why letters.Reason, score int, l letters.Letter) {
	if score == 0 {
		return
	}
	list := append(s.rankings[why], ranked{score, l})
	slices.SortStableFunc(list, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.letter.ID, b.letter.ID))
	})
	s.rankings[why] = list[:min(len(list), perReason)]
}

// partly counts the cases whose viewings are recorded in part only.
func partly(l letters.Letter) int {
	n := 0
	for _, c := range l.Cases {
		if c.Unrecorded && len(c.Confirmed) > 0 {
			n++
		}
	}
	return n
}

// variantOf names everything that changes the words of a letter.
func variantOf(l *letters.Letter) string {
	var c letters.Case
	if len(l.Cases) > 0 {
		c = l.Cases[0]
	}
	return fmt.Sprint(l.Kind, l.Channel, l.Recipient.Kind, l.LastResortOnly(), l.Contracts() > 1,
		c.System, c.Supply, len(c.Confirmed) > 0, c.Unrecorded)
}

func (s *selection) chosen() []Chosen {
	byID := make(map[letters.ID]*Chosen)
	add := func(l letters.Letter, why letters.Reason) {
		c := byID[l.ID]
		if c == nil {
			c = &Chosen{Letter: l}
			byID[l.ID] = c
		}
		if !slices.Contains(c.Why, why) {
			c.Why = append(c.Why, why)
		}
	}
	for _, why := range []letters.Reason{ProofManyCases, ProofLongName, ProofLongPlace, ProofRareGlyph, ProofPartly} {
		for _, r := range s.rankings[why] {
			add(r.letter, why)
		}
	}
	for _, l := range s.variants {
		add(l, ProofVariant)
	}
	out := make([]Chosen, 0, len(byID))
	for _, c := range byID {
		slices.Sort(c.Why)
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Chosen) int { return cmp.Compare(a.Letter.ID, b.Letter.ID) })
	return out
}
