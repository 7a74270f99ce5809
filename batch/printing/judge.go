package printing

import (
	"cmp"
	"slices"

	"oshirase/letters"
)

// Judged is a receipt's entry held against the ledger.
type Judged struct {
	ReceiptEntry
	Generation int
	Result     letters.ReceiptResult
	Stands     letters.State // of the letter when it was reported
	Approved   int           // sheets as approved, 0 when unknown
}

// PagesDiffer reports whether the printer counted other sheets than approved.
func (j Judged) PagesDiffer() bool {
	return j.Pages != 0 && j.Approved != 0 && j.Pages != j.Approved
}

// Line is the entry as the ledger keeps it.
func (j Judged) Line() letters.ReceiptLine {
	return letters.ReceiptLine{Row: j.Row, LetterID: j.LetterID, Generation: j.Generation, State: string(j.State),
		Reported: j.Date, Reason: j.Reason, Pages: j.Pages, Result: j.Result}
}

// Judge holds the entries of a receipt against the generations of their
// letters, the first one first, and works out the steps that are certain:
// what contradicts the ledger changes nothing. booked are the lines of earlier
// receipts that counted, of letters that were sent again: a cumulative receipt
// repeats them. Entries keep their order.
func Judge(entries []ReceiptEntry, ledger map[letters.ID][]letters.Dispatch, booked map[letters.ID][]letters.ReceiptLine, actor string) ([]Judged, []letters.Step) {
	type meant struct {
		id         letters.ID
		generation int
	}
	lines := make(map[meant][]int)
	order := make([]meant, len(entries))
	for i, e := range entries {
		order[i] = meant{e.LetterID, generationOf(ledger[e.LetterID], booked[e.LetterID], e)}
		lines[order[i]] = append(lines[order[i]], i)
	}
	out := make([]Judged, len(entries))
	var steps []letters.Step
	for i, m := range order {
		if at := lines[m]; at[0] == i {
			c := newCourt(ledger[m.id], booked[m.id], m.generation, actor)
			c.judge(entries, at, out)
			steps = append(steps, c.steps...)
		}
	}
	return out, steps
}

// generationOf returns the index of the generation that a line means, -1 for
// none. A receipt names the letter alone: a line that was booked before means
// what it meant then; else, where more than one generation was printed, the
// reported day tells the newest one that was due by then.
func generationOf(all []letters.Dispatch, booked []letters.ReceiptLine, e ReceiptEntry) int {
	found, again := -1, -1
	for i, d := range all {
		if d.RunID == "" {
			continue
		}
		if found < 0 || e.Date == "" || d.PostOn <= e.Date {
			found = i
		}
		if slices.ContainsFunc(booked, func(l letters.ReceiptLine) bool {
			return l.Generation == d.Generation && l.State == string(e.State) && (e.Date == "" || e.Date == l.Reported)
		}) {
			again = i
		}
	}
	if again < 0 || e.Date == "" && e.State == Returned && severalPrinted(all) {
		return found // a return without a day may be the second letter's, and would be lost
	}
	return again
}

func severalPrinted(all []letters.Dispatch) bool {
	printed := 0
	for _, d := range all {
		if d.RunID != "" {
			printed++
		}
	}
	return printed > 1
}

// court judges all that one receipt says of one generation of a letter.
type court struct {
	known   bool
	inRun   bool
	newest  bool
	several bool // more than one generation was printed
	booked  []letters.ReceiptLine
	d       letters.Dispatch
	actor   string
	steps   []letters.Step
}

func newCourt(all []letters.Dispatch, booked []letters.ReceiptLine, generation int, actor string) *court {
	c := &court{known: len(all) > 0, inRun: generation >= 0, newest: generation == len(all)-1, actor: actor,
		several: severalPrinted(all), booked: booked}
	switch {
	case c.inRun:
		c.d = all[generation]
	case c.known:
		c.d = all[len(all)-1]
	}
	return c
}

// judge goes through the letter's lines in the order in which things happen.
func (c *court) judge(entries []ReceiptEntry, at []int, out []Judged) {
	order := map[ReceiptState]int{Remade: 0, Posted: 1, Withdrawn: 2, Returned: 3}
	at = slices.SortedStableFunc(slices.Values(at), func(a, b int) int {
		return cmp.Compare(order[entries[a].State], order[entries[b].State])
	})
	says := func(s ReceiptState) bool {
		return slices.ContainsFunc(at, func(i int) bool { return entries[i].State == s })
	}
	both := says(Withdrawn) && (says(Posted) || says(Returned)) // it cannot have been both
	stands := c.d.State
	for n, i := range at {
		twice := n > 0 && entries[at[n-1]].State == entries[i].State // of two days
		j := Judged{ReceiptEntry: entries[i], Generation: c.d.Generation, Stands: stands, Approved: c.d.Rendering.Pages}
		switch {
		case !c.known:
			j.Result = letters.LineUnknown
		case !c.inRun:
			j.Result = letters.LineUnexpected
		case !both && !c.newest && c.wasBooked(j.State):
			j.Result = letters.LineKnown
		case both || twice || !c.newest, c.several && j.Date == "" && !c.says(j.State):
			j.Result = letters.LineContradiction
		default:
			j.Result = c.take(entries[i])
		}
		out[i] = j
	}
}

// wasBooked reports whether an earlier receipt said so of this generation; what
// came back was posted.
func (c *court) wasBooked(said ReceiptState) bool {
	return slices.ContainsFunc(c.booked, func(l letters.ReceiptLine) bool {
		return l.Generation == c.d.Generation && (l.State == string(said) || said == Posted && l.State == string(Returned))
	})
}

// says reports whether the ledger says so already.
func (c *court) says(said ReceiptState) bool {
	_, result := course(c.d.State, said)
	return result == letters.LineKnown
}

// take works out what one line changes.
func (c *court) take(e ReceiptEntry) letters.ReceiptResult {
	path, result := course(c.d.State, e.State)
	for _, t := range path {
		c.steps = append(c.steps, letters.Step{LetterID: c.d.LetterID, Generation: c.d.Generation, Token: c.d.Token,
			From: t.From, To: t.To, Guard: t.Guard, Actor: c.actor, Why: whyOf(t.To, e.Reason)})
		c.d.State, c.d.Token = t.To, c.d.Token+1
	}
	return result
}

func whyOf(to letters.State, reason string) string {
	if to == letters.Returned {
		return reason
	}
	return ""
}

// course is the way from a letter's state to what was reported of it. An
// uncertain letter that the printer reports was before the printer: the
// receipt is the evidence.
func course(from letters.State, said ReceiptState) ([]letters.Transition, letters.ReceiptResult) {
	var path []letters.Transition
	if from == letters.Uncertain {
		path = append(path, letters.Transition{From: from, To: letters.HandedOver, Guard: letters.ByEvidence})
		from = letters.HandedOver
	}
	if said == Remade {
		if from == letters.HandedOver {
			return path, letters.LineApplied
		}
		return nil, letters.LineContradiction
	}
	to := letters.State(said)
	if from == to || said == Posted && (from == letters.Returned || from == letters.Closed) {
		return nil, letters.LineKnown
	}
	step := letters.Transition{From: from, To: to, Guard: letters.ByReceipt}
	if letters.CheckTransition(step.From, step.To, step.Guard) != nil {
		return nil, letters.LineContradiction
	}
	return append(path, step), letters.LineApplied
}
