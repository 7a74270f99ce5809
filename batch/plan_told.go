package batch

import (
	"slices"

	"oshirase/letters"
)

// told is what earlier months have said.
type told struct {
	cases map[string]*toldCase    // by case key
	folds map[string][]letters.ID // by fold key: letters to the same person
}

// toldCase unites every version of a case that was told.
type toldCase struct {
	version     int
	confirmed   []letters.ItemCode
	unrecorded  bool
	first, last letters.Date
	letters     []letters.ID
	wrong       letters.ID // the last letter that told it, when it is to be corrected
}

// toldFacts gathers what was told, the versions of a case in their order. A
// corrected letter begins anew: what it corrects no longer counts as told.
func toldFacts(cases []letters.ToldCase) told {
	t := told{cases: make(map[string]*toldCase), folds: make(map[string][]letters.ID)}
	for _, c := range cases {
		k := t.cases[c.CaseKey]
		if k == nil {
			k = &toldCase{first: c.First, last: c.Last}
			t.cases[c.CaseKey] = k
		}
		if c.Kind == letters.Corrected && c.Version > k.version && k.wrong != "" {
			*k = toldCase{first: c.First, last: c.Last, letters: k.letters}
		}
		if c.Version >= k.version {
			k.wrong = ""
			if c.Wrong {
				k.wrong = c.LetterID
			}
		}
		k.version = max(k.version, c.Version)
		k.first, k.last = min(k.first, c.First), max(k.last, c.Last)
		k.unrecorded = k.unrecorded || c.Unrecorded
		k.confirmed = append(k.confirmed, c.Confirmed...)
		k.letters = addID(k.letters, c.LetterID)
		t.folds[c.FoldKey] = addID(t.folds[c.FoldKey], c.LetterID)
	}
	return t
}

func addID(ids []letters.ID, id letters.ID) []letters.ID {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// covers reports whether everything a case says was told: its items are among
// the confirmed ones and its dates inside the told ones. A viewing whose items
// were not recorded says nothing new when that was told already, or when every
// item of the catalogue was told as confirmed.
func (t *toldCase) covers(c *foldedCase, catalogue []letters.ItemCode) bool {
	if c.unrecorded && !t.unrecorded && !t.all(catalogue) {
		return false
	}
	for _, item := range c.confirmed {
		if !slices.Contains(t.confirmed, item) {
			return false
		}
	}
	return c.first >= t.first && c.last <= t.last
}

func (t *toldCase) all(catalogue []letters.ItemCode) bool {
	for _, item := range catalogue {
		if !slices.Contains(t.confirmed, item) {
			return false
		}
	}
	return len(catalogue) > 0
}
