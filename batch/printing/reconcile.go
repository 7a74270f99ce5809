package printing

import (
	"maps"
	"slices"

	"oshirase/letters"
)

// Reconciliation holds a run's letters against all that was reported of them,
// each list in letter ID order. A run is settled when Missing, Unexpected and
// PagesDiffer are empty.
type Reconciliation struct {
	Posted, Withdrawn, Returned []letters.ID
	Missing                     []letters.ID // in the run, but nobody said posted or withdrawn
	Unexpected                  []letters.ID // reported, but not in the run
	PagesDiffer                 []letters.ID // the printer counted other pages than the manifest
}

// Settled reports whether the run is reconciled to zero.
func (r Reconciliation) Settled() bool {
	return len(r.Missing)+len(r.Unexpected)+len(r.PagesDiffer) == 0
}

// Reconcile compares a run with the entries of all its receipts. A letter
// that came back was posted, whether or not a receipt says so; one that was
// made again still has to be posted.
func Reconcile(items []Item, entries []ReceiptEntry) Reconciliation {
	pages := make(map[letters.ID]int, len(items))
	for _, it := range items {
		pages[it.LetterID] = it.Pages
	}
	sets := make(map[ReceiptState]set)
	unexpected, differ := set{}, set{}
	for _, e := range entries {
		want, known := pages[e.LetterID]
		switch {
		case !known:
			unexpected[e.LetterID] = true
			continue
		case e.Pages != 0 && e.Pages != want:
			differ[e.LetterID] = true
		}
		if sets[e.State] == nil {
			sets[e.State] = set{}
		}
		sets[e.State][e.LetterID] = true
	}
	return Reconciliation{
		Posted: sets[Posted].ids(), Withdrawn: sets[Withdrawn].ids(), Returned: sets[Returned].ids(),
		Missing: missing(items, sets), Unexpected: unexpected.ids(), PagesDiffer: differ.ids(),
	}
}

func missing(items []Item, sets map[ReceiptState]set) []letters.ID {
	lost := set{}
	for _, it := range items {
		if id := it.LetterID; !sets[Posted][id] && !sets[Withdrawn][id] && !sets[Returned][id] {
			lost[id] = true
		}
	}
	return lost.ids()
}

type set map[letters.ID]bool

func (s set) ids() []letters.ID { return slices.Sorted(maps.Keys(s)) }
