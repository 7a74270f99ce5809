package desk

import (
	"fmt"
	"slices"
	"strings"

	"oshirase/letters"
	"oshirase/templates"
)

// aloud are the items of one contract in one system as an agent says them: the
// last of several is joined by と, and nothing refers to a line above.
type aloud struct {
	Confirmed string // 閲覧が確認された項目
	Rest      string // 閲覧可能であった項目
	Possible  string // 閲覧された可能性のある項目
	Etc       bool   // nothing is left to name, and the report says など
}

func (d *Desk) aloudOf(k letters.Case) aloud {
	in := d.o.Templates.Incident()
	rest, etc := in.Rest(k), in.Texts["etc."+string(k.System)+"."+string(k.Supply)]
	said := aloud{Confirmed: d.spokenNames(k.Confirmed, "")}
	switch {
	case len(rest) == 0:
		said.Etc = etc != ""
	case k.Unrecorded:
		said.Possible = d.spokenNames(rest, etc)
	default:
		said.Rest = d.spokenNames(rest, etc)
	}
	return said
}

func (d *Desk) spokenNames(codes []letters.ItemCode, etc string) string {
	names := d.nameItems(codes)
	if etc != "" {
		return strings.Join(names, d.words.label("script", "comma")) + etc
	}
	return d.words.listed(names)
}

// spoken are the contracts of which the very same is to be said: one contract,
// as a rule, and all of a chain of shops whose lists were opened on one day.
type spoken struct {
	Contracts []seenGroup // each with its number
	Groups    []seenGroup // what is said of them: one system, or both
}

// More than these are not read out one after the other: the caller is asked
// which contract to speak of, and its line is read from the table.
const (
	spokenMost  = 6 // things to say
	numbersMost = 5 // numbers in one sentence
)

// Said gathers contracts of which the same is to be said, in their order.
func (p letterPage) Said() []*spoken {
	var contracts, out []*spoken
	for _, g := range p.Groups {
		if n := len(contracts); g.Again && n > 0 {
			contracts[n-1].Groups = append(contracts[n-1].Groups, g)
			continue
		}
		contracts = append(contracts, &spoken{[]seenGroup{g}, []seenGroup{g}})
	}
	same := map[string]*spoken{}
	for _, c := range contracts {
		said := c.facts()
		if first := same[said]; first != nil {
			first.Contracts = append(first.Contracts, c.Contracts...)
			continue
		}
		same[said] = c
		out = append(out, c)
	}
	for _, s := range out { // one of many is looked for by its number
		slices.SortStableFunc(s.Contracts, func(a, b seenGroup) int { return strings.Compare(a.Spoken, b.Spoken) })
	}
	return out
}

// facts is all that is said of a contract but its number.
func (s *spoken) facts() string {
	all := make([]seenGroup, len(s.Groups))
	for i, g := range s.Groups {
		g.Point, g.Spoken = "", ""
		all[i] = g
	}
	return fmt.Sprintf("%+v", all)
}

// Ask reports whether there is too much to be read out.
func (p letterPage) Ask() bool {
	said := p.Said()
	if len(said) == 0 || said[0].Contracts[0].Spoken == "" {
		return false
	}
	return len(said) > spokenMost || len(said) > 1 && slices.ContainsFunc(said, func(s *spoken) bool { return len(s.Contracts) > numbersMost })
}

// numbers are the ends of the contracts' numbers with their reading.
func (w words) numbers(set *templates.Set, s *spoken) string {
	var out []string
	for _, c := range s.Contracts {
		out = append(out, w.sentence("script_number", c.Spoken, set.Reading(c.Spoken)))
	}
	return w.listed(out)
}

// listed joins things as they are said: the last of several by と.
func (w words) listed(things []string) string {
	last := len(things) - 1
	if last < 1 {
		return strings.Join(things, "")
	}
	return strings.Join(things[:last], w.label("script", "comma")) + w.label("script", "and") + things[last]
}

// Left reports whether the letter has left the house.
func (p letterPage) Left() bool {
	return slices.Contains([]letters.State{letters.Posted, letters.Accepted, letters.Closed}, p.State)
}

// Trouble reports whether the letter did not arrive or cannot go on by itself.
func (p letterPage) Trouble() bool {
	return slices.Contains([]letters.State{letters.HeldReview, letters.Returned, letters.Withdrawn, letters.Bounced, letters.Failed5xx,
		letters.Uncertain, letters.ClosedUnreachable, letters.Cancelled}, p.State)
}
