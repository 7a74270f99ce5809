package batch

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"oshirase/letters"
)

// PlanInput is everything a month is planned from. Rows stand in the order in
// which their files were taken in, then by row number.
type PlanInput struct {
	Month  letters.Month
	Rows   []letters.PlanRow
	Told   []letters.ToldCase
	Stored []letters.StoredLetter
	Random io.Reader // for the IDs of new letters
	// Order is the catalogue, in whose order the items of a case are stored and
	// told; nil, or an item that it lacks: by code.
	Order func(letters.SystemCode, letters.Supply) []letters.ItemCode
}

// MakePlan decides what becomes of every row (formats.md, "What becomes of a
// row"): rows gather into cases, cases into letters. It is a pure function of
// its input but for the IDs of letters that the ledger does not know yet.
func MakePlan(in PlanInput) (letters.Plan, error) {
	p := &planner{in: in, told: toldFacts(in.Told), plan: letters.Plan{Month: in.Month}}
	p.gatherCases()
	p.findContradictions()
	p.foldIntoLetters()
	if err := p.nameLetters(); err != nil {
		return letters.Plan{}, err
	}
	p.settleRows()
	p.cancelOthers()
	p.plan.Near = nearMatches(p.folded)
	return p.plan, nil
}

// planner carries one planning through its steps.
type planner struct {
	in     PlanInput
	told   told
	cases  []*foldedCase
	byKey  map[string]*foldedCase
	folded []*foldedLetter
	byFold map[string][]*foldedLetter
	plan   letters.Plan
}

// foldedCase is one case with its rows in list order; the first leads.
type foldedCase struct {
	key         string
	rows        []*letters.PlanRow
	confirmed   []letters.ItemCode
	unrecorded  bool
	first, last letters.Date
	version     int
	excluded    letters.Reason // told
	held        []letters.Reason
	refers      []letters.ID
	corrects    bool // a letter that two people found wrong told it last
	letter      *foldedLetter
	index       int // in Plan.Cases, -1 = none
}

func (c *foldedCase) lead() *letters.PlanRow { return c.rows[0] }

// gatherCases unites the rows of each case: items joined, dates widened,
// 閲覧回数 left per row. Disaster and rejected rows never reach a case.
func (p *planner) gatherCases() {
	p.byKey = make(map[string]*foldedCase, len(p.in.Rows))
	for i := range p.in.Rows {
		r := &p.in.Rows[i]
		if r.Rejected || r.Disaster {
			continue
		}
		c := p.byKey[r.CaseKey]
		if c == nil {
			c = &foldedCase{key: r.CaseKey, first: r.First, last: r.Last, index: -1}
			p.byKey[r.CaseKey] = c
			p.cases = append(p.cases, c)
		}
		c.add(r)
	}
	for _, c := range p.cases {
		p.order(c)
		p.compareWithTold(c)
	}
}

func (c *foldedCase) add(r *letters.PlanRow) {
	c.rows = append(c.rows, r)
	c.first, c.last = min(c.first, r.First), max(c.last, r.Last)
	c.unrecorded = c.unrecorded || len(r.Items) == 0
	for _, item := range r.Items {
		if !slices.Contains(c.confirmed, item) {
			c.confirmed = append(c.confirmed, item)
		}
	}
	for _, why := range r.Held {
		if !slices.Contains(c.held, why) {
			c.held = append(c.held, why)
		}
	}
}

// catalogue is that of a case; contradicting rows give any one of theirs.
func (p *planner) catalogue(c *foldedCase) []letters.ItemCode {
	if p.in.Order == nil {
		return nil
	}
	return p.in.Order(c.lead().System, c.lead().Supply)
}

// order sorts the items of a case as the catalogue does, so that they do not
// depend on the order of rows.
func (p *planner) order(c *foldedCase) {
	catalogue := p.catalogue(c)
	place := func(item letters.ItemCode) int {
		if i := slices.Index(catalogue, item); i >= 0 {
			return i
		}
		return len(catalogue)
	}
	slices.SortFunc(c.confirmed, func(a, b letters.ItemCode) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
	})
}

// compareWithTold excludes a case whose facts an earlier month has told
// already, and gives a new version to one that says more. A case that was told
// wrongly, by decision of two people, is told again whatever it says.
func (p *planner) compareWithTold(c *foldedCase) {
	c.version = 1
	if t := p.told.cases[c.key]; t != nil {
		c.version = t.version + 1
		c.refers = t.letters
		c.corrects = t.wrong != ""
		if c.corrects {
			c.refers = addID(slices.Clone(c.refers), t.wrong)
		} else if t.covers(c, p.catalogue(c)) {
			c.excluded = letters.ReasonTold
		}
	}
}

// findContradictions holds every case whose rows cannot all be true.
func (p *planner) findContradictions() {
	for _, c := range p.cases {
		if c.excluded == "" && c.contradicts() {
			c.held = append([]letters.Reason{letters.ReasonContradiction}, c.held...)
		}
	}
}

func (c *foldedCase) contradicts() bool {
	kana, phone, kind := "", "", ""
	lead := c.lead()
	for _, r := range c.rows {
		if r.FoldKey != lead.FoldKey || r.Supply != lead.Supply || r.LastResort != lead.LastResort ||
			differ(&kana, r.Kana) || differ(&phone, r.Phone) || differ(&kind, givenKind(r)) {
			return true
		}
	}
	return false
}

// givenKind is 個人法人区分 where the list says it; a guess says nothing.
func givenKind(r *letters.PlanRow) string {
	if !r.KindGiven {
		return ""
	}
	return string(r.Kind)
}

// differ reports whether a given value disagrees with the one seen before.
func differ(seen *string, given string) bool {
	if given == "" {
		return false
	}
	if *seen == "" {
		*seen = given
	}
	return *seen != given
}

// settleRows writes every row's one outcome and counts them.
func (p *planner) settleRows() {
	n := &p.plan.Counts
	n.Rows = len(p.in.Rows)
	for i := range p.in.Rows {
		row := p.settle(&p.in.Rows[i])
		p.plan.Rows = append(p.plan.Rows, row)
		switch row.Outcome {
		case letters.OutLetter:
			n.LetterRows++
		case letters.OutMerged:
			n.MergedRows++
		case letters.OutExcluded:
			n.ExcludedRows++
		case letters.OutHeld:
			n.HeldRows++
		case letters.OutRejected:
			n.RejectedRows++
		}
	}
}

func (p *planner) settle(r *letters.PlanRow) letters.PlannedRow {
	out := letters.PlannedRow{RowRef: letters.RowRef{FileID: r.FileID, No: r.No}, Case: -1}
	if r.Rejected {
		out.Outcome, out.Reason = letters.OutRejected, letters.ReasonProblem
		return out
	}
	if r.Disaster {
		out.Outcome, out.Reason = letters.OutExcluded, letters.ReasonDisaster
		return out
	}
	c := p.byKey[r.CaseKey]
	if c.excluded != "" {
		out.Outcome, out.Reason = letters.OutExcluded, c.excluded
		return out
	}
	out.Case, out.Letter = c.index, c.letter.id
	out.Outcome, out.Reason = c.outcome(r)
	return out
}

// outcome of a row of a live case: the first row leads, the others are merged
// into it, and a contradiction shows all of them.
func (c *foldedCase) outcome(r *letters.PlanRow) (letters.Outcome, letters.Reason) {
	contradiction := slices.Contains(c.held, letters.ReasonContradiction)
	switch {
	case contradiction:
		return letters.OutHeld, letters.ReasonContradiction
	case r != c.lead():
		return letters.OutMerged, ""
	case len(c.held) > 0:
		return letters.OutHeld, c.held[0]
	case len(c.letter.held) > 0:
		return letters.OutHeld, letters.ReasonCompanion
	}
	return letters.OutLetter, ""
}

// cancelOthers lists the stored letters that the month no longer holds.
func (p *planner) cancelOthers() {
	kept := make(map[letters.ID]bool, len(p.plan.Letters))
	for i := range p.plan.Letters {
		kept[p.plan.Letters[i].ID] = true
	}
	for _, s := range p.in.Stored {
		if !kept[s.ID] && s.State != letters.Cancelled {
			p.plan.Cancel = append(p.plan.Cancel, s.ID)
		}
	}
	slices.Sort(p.plan.Cancel)
}

// facts hashes all that a case says, items in the order in which they are
// stored, and where its words come from.
func (c *foldedCase) facts() string {
	lead := c.lead()
	items := make([]string, len(c.confirmed))
	for i, item := range c.confirmed {
		items[i] = string(item)
	}
	return digest(c.key, strconv.Itoa(c.version), strings.Join(items, ","), fmt.Sprint(c.unrecorded),
		string(c.first), string(c.last), ref(lead))
}

func ref(r *letters.PlanRow) string { return fmt.Sprintf("%d/%d", r.FileID, r.No) }
