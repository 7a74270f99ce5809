package batch

import "oshirase/letters"

// Reasons of a near match.
const (
	NearSplit  letters.Reason = "near_split"  // same name and address, other カナ, 電話番号 or 個人法人区分
	NearPhone  letters.Reason = "near_phone"  // same 電話番号, other name or address
	NearSupply letters.Reason = "near_supply" // same 供給地点特定番号, other name or address
)

// nearMatches proposes pairs of letters that a person should compare: each
// letter is paired with the one before it under the same sign, so that n
// letters give n−1 proposals and not n².
func nearMatches(all []*foldedLetter) []letters.NearMatch {
	var out []letters.NearMatch
	seen := make(map[[2]letters.ID]bool)
	propose := func(last map[string]*foldedLetter, sign string, l *foldedLetter, why letters.Reason) {
		if sign == "" {
			return
		}
		before := last[sign]
		last[sign] = l
		if before == nil || before == l || seen[[2]letters.ID{before.id, l.id}] {
			return
		}
		seen[[2]letters.ID{before.id, l.id}] = true
		out = append(out, letters.NearMatch{A: before.id, B: l.id, Why: why})
	}
	folds, phones, points := make(map[string]*foldedLetter), make(map[string]*foldedLetter), make(map[string]*foldedLetter)
	for _, l := range all {
		propose(folds, l.fold, l, NearSplit)
		for _, c := range l.cases {
			propose(phones, c.phone(), l, NearPhone)
			propose(points, c.lead().PointKey, l, NearSupply)
		}
	}
	return out
}
