package batch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oshirase/letters"
)

// foldedLetter is one letter being planned: one recipient, all its cases.
type foldedLetter struct {
	key     string // letter's identity within the month
	fold    string
	id      letters.ID
	cases   []*foldedCase
	held    []letters.Reason
	notes   []letters.Reason
	kind    letters.LetterKind
	refers  []letters.ID
	channel letters.Channel
}

// lead is the row that the recipient is copied from: the first one of this
// name and address, rather one that says 個人法人区分 than a guess.
func (l *foldedLetter) lead() *letters.PlanRow {
	var lead *letters.PlanRow
	for _, c := range l.cases {
		for _, r := range c.rows {
			if r.FoldKey == l.fold && (lead == nil || r.KindGiven && !lead.KindGiven) {
				lead = r
			}
		}
	}
	return lead
}

// least returns the smallest value that the rows of a case give, "" when they
// give none: the same in whatever order the rows came. Rows that do not
// contradict each other give one value at most.
func (c *foldedCase) least(of func(*letters.PlanRow) string) string {
	out := ""
	for _, r := range c.rows {
		if v := of(r); v != "" && (out == "" || v < out) {
			out = v
		}
	}
	return out
}

func (c *foldedCase) foldKey() string {
	return c.least(func(r *letters.PlanRow) string { return r.FoldKey })
}
func (c *foldedCase) kana() string { return c.least(func(r *letters.PlanRow) string { return r.Kana }) }
func (c *foldedCase) phone() string {
	return c.least(func(r *letters.PlanRow) string { return r.Phone })
}
func (c *foldedCase) kind() string { return c.least(givenKind) }

// foldIntoLetters gathers live cases by person. Where カナ, 電話番号 or given
// 個人法人区分 of one fold key disagree, only cases that say the same are folded,
// and the letters are proposed side by side. Such a letter names earlier ones
// only by its cases: others may be to the other person.
func (p *planner) foldIntoLetters() {
	split := p.disagreeing()
	byKey := make(map[string]*foldedLetter)
	p.byFold = make(map[string][]*foldedLetter)
	for _, c := range p.cases {
		if c.excluded != "" {
			continue
		}
		key := c.foldKey()
		if split[key] {
			key = digest(key, c.kana(), c.phone(), c.kind())
		}
		l := byKey[key]
		if l == nil {
			l = &foldedLetter{key: key, fold: c.foldKey()}
			byKey[key] = l
			p.folded = append(p.folded, l)
			p.byFold[l.fold] = append(p.byFold[l.fold], l)
		}
		l.cases = append(l.cases, c)
		c.letter = l
	}
	for _, l := range p.folded {
		var earlier []letters.ID
		if !split[l.fold] {
			earlier = p.told.folds[l.fold]
		}
		l.settle(earlier)
	}
	p.holdContradicted()
}

// disagreeing returns the fold keys under which two カナ, two 電話番号 or two
// given 個人法人区分 stand.
func (p *planner) disagreeing() map[string]bool {
	type signs struct{ kana, phone, kind string }
	seen := make(map[string]signs, len(p.cases))
	out := make(map[string]bool)
	for _, c := range p.cases {
		for _, r := range c.rows {
			s := seen[r.FoldKey]
			kana, phone, kind := differ(&s.kana, r.Kana), differ(&s.phone, r.Phone), differ(&s.kind, givenKind(r))
			if kana || phone || kind {
				out[r.FoldKey] = true
			}
			seen[r.FoldKey] = s
		}
	}
	return out
}

// settle decides kind, channel and holds of a letter from its cases. earlier
// are the letters that this person got in other months.
func (l *foldedLetter) settle(earlier []letters.ID) {
	l.refers = slices.Clone(earlier)
	mails, wishes := make(map[string]bool), make(map[letters.Channel]bool)
	for _, c := range l.cases {
		l.refers = append(l.refers, c.refers...)
		for _, why := range c.held {
			if !slices.Contains(l.held, why) {
				l.held = append(l.held, why)
			}
		}
		for _, r := range c.rows {
			wishes[r.Channel] = true
			if r.Channel == letters.Email {
				mails[r.MailKey] = true
			}
		}
	}
	slices.Sort(l.refers)
	l.refers = slices.Compact(l.refers)
	l.kind = letters.First
	if len(l.refers) > 0 {
		l.kind = letters.Supplementary
	}
	if slices.ContainsFunc(l.cases, func(c *foldedCase) bool { return c.corrects }) {
		l.kind = letters.Corrected
	}
	l.channel = letters.Print
	switch {
	case wishes[letters.Email] && (wishes[letters.Print] || len(mails) > 1):
		l.notes = append(l.notes, letters.NoteMixedChannel)
	case wishes[letters.Email]:
		l.channel = letters.Email
	}
}

// holdContradicted holds every letter to which a row of a contradicting case
// could belong, not only the one that carries the case.
func (p *planner) holdContradicted() {
	for _, c := range p.cases {
		if c.excluded != "" || !slices.Contains(c.held, letters.ReasonContradiction) {
			continue
		}
		for _, r := range c.rows {
			for _, l := range p.byFold[r.FoldKey] {
				if len(l.held) == 0 {
					l.held = append(l.held, letters.ReasonCompanion)
				}
			}
		}
	}
}

// nameLetters gives each letter its ID, the ledger's own where the same person
// has one in this month already, and writes cases and letters into the plan.
func (p *planner) nameLetters() error {
	stored := make(map[string]letters.StoredLetter, len(p.in.Stored))
	for _, s := range p.in.Stored {
		if s.State != letters.Cancelled {
			stored[s.PersonKey] = s
		}
	}
	for _, l := range p.folded {
		s, known := stored[l.key]
		l.id = s.ID
		if !known {
			id, err := letters.NewID(p.in.Random)
			if err != nil {
				return err
			}
			l.id = id
		}
		facts := l.facts()
		p.planCases(l)
		p.plan.Letters = append(p.plan.Letters, letters.PlannedLetter{
			ID: l.id, Lead: refOf(l.lead()), PersonKey: l.key, FoldKey: l.fold, Kind: l.kind,
			Refers: l.refers, Channel: l.channel, Facts: facts, Held: l.held, Notes: l.notes,
			Keep: known && s.Facts == facts,
		})
		if len(l.held) == 0 {
			p.plan.Counts.Letters++
		}
	}
	slices.SortFunc(p.plan.Letters, func(a, b letters.PlannedLetter) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

func (p *planner) planCases(l *foldedLetter) {
	for _, c := range l.cases {
		c.index = len(p.plan.Cases)
		p.plan.Cases = append(p.plan.Cases, letters.PlannedCase{
			Lead: refOf(c.lead()), CaseKey: c.key, Version: c.version, Confirmed: c.confirmed,
			Unrecorded: c.unrecorded, First: c.first, Last: c.last, Letter: l.id,
		})
	}
}

func refOf(r *letters.PlanRow) letters.RowRef { return letters.RowRef{FileID: r.FileID, No: r.No} }

// facts hashes everything the letter tells, so that a month planned anew knows
// which letters changed.
func (l *foldedLetter) facts() string {
	parts := []string{l.key, string(l.kind), string(l.channel), ref(l.lead()), fmt.Sprint(l.refers), fmt.Sprint(l.held), fmt.Sprint(l.notes)}
	cases := make([]string, len(l.cases))
	for i, c := range l.cases {
		cases[i] = c.facts()
	}
	slices.Sort(cases)
	return digest(append(parts, strings.Join(cases, " "))...)
}
