package sample

import "oshirase/letters"

// tally counts what is drawn, at the moment it is drawn.
type tally struct {
	letters.Counts
	cc, nw map[int]bool // retailers seen in each system
}

func newTally() tally { return tally{cc: map[int]bool{}, nw: map[int]bool{}} }

// letter is what one person with one telephone number gets. Its cases are
// counted when it is known whether one of them holds all.
type letter struct {
	held  bool
	cases int
}

// seal ends a letter.
func (t *tally) seal(l *letter) {
	switch {
	case l.cases == 0:
	case l.held:
		t.HeldRows += l.cases
	default:
		t.LetterRows += l.cases
		t.Letters++
	}
}

func (t *tally) excluded() {
	t.Rows++
	t.ExcludedRows++
}

func (t *tally) merged() {
	t.Rows++
	t.MergedRows++
}

func (t *tally) leads(l *letter) {
	t.Rows++
	l.cases++
}

// saw counts the retailer of a row that is neither 非常災害対応 nor 最終保障供給.
func (t *tally) saw(nw bool, retailer int) {
	if nw {
		t.nw[retailer] = true
	} else {
		t.cc[retailer] = true
	}
}

// close counts the retailers.
func (t *tally) close() {
	t.RetailersCC, t.RetailersNW, t.Retailers = len(t.cc), len(t.nw), len(t.cc)
	for r := range t.nw {
		if !t.cc[r] {
			t.Retailers++
		}
	}
}
