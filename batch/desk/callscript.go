package desk

import (
	"slices"
	"strings"

	"oshirase/letters"
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
	last := len(names) - 1
	if last < 1 || etc != "" {
		return strings.Join(names, d.words.label("script", "comma")) + etc
	}
	return strings.Join(names[:last], d.words.label("script", "comma")) + d.words.label("script", "and") + names[last]
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
