package main

import (
	"cmp"
	"slices"

	"oshirase/batch/bounce"
)

func newBounceJSON() *bounceJSON {
	return &bounceJSON{Unexpected: []strayJSON{}, Unknown: []strayJSON{}, Reasons: []reasonJSON{}, Letters: []bouncedJSON{},
		Kinds: make(map[bounce.Kind]int)}
}

// add counts one message.
func (b *bounceJSON) add(f bounce.Finding) error {
	b.Messages++
	if b.list {
		b.Found = append(b.Found, foundJSON{b.file, b.Messages, f.Kind, f.Class, f.Reason, f.Status, f.Code, f.Result, f.LetterID})
	}
	if f.Kind == bounce.Bounce {
		b.bounced(f)
	}
	stray := strayJSON{f.LetterID, f.Generation, f.State, f.Reason}
	switch f.Result {
	case bounce.Proposed:
		b.Proposed++
		matched := bounce.How("")
		if len(f.Refs) > 0 {
			matched = f.Refs[0].How
		}
		b.Letters = append(b.Letters, bouncedJSON{f.LetterID, f.Generation, f.Class, f.Reason, f.Status, matched})
	case bounce.Again:
		b.Again++
	case bounce.Unexpected:
		b.Unexpected = append(b.Unexpected, stray)
	case bounce.UnknownID:
		b.Unknown = append(b.Unknown, stray)
	case bounce.OtherSystem:
		b.OtherSystems++
	case bounce.LeftAlone:
		b.LeftAlone++
		b.Kinds[f.Kind]++
	}
	return nil
}

// bounced counts a bounce by class and reason.
func (b *bounceJSON) bounced(f bounce.Finding) {
	b.Bounces++
	switch f.Class {
	case bounce.Hard:
		b.Hard++
	case bounce.Soft:
		b.Soft++
	default:
		b.Other++
	}
	for i := range b.Reasons {
		if r := &b.Reasons[i]; r.Class == f.Class && r.Reason == f.Reason {
			r.Count++
			return
		}
	}
	b.Reasons = append(b.Reasons, reasonJSON{f.Class, f.Reason, 1})
}

// sort puts the most frequent reason first.
func (b *bounceJSON) sort() {
	slices.SortFunc(b.Reasons, func(x, y reasonJSON) int {
		return cmp.Or(-cmp.Compare(x.Count, y.Count), cmp.Compare(x.Class, y.Class), cmp.Compare(x.Reason, y.Reason))
	})
}
