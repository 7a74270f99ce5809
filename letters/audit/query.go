package audit

import (
	"slices"
	"strings"
	"time"
)

// Query is what an auditor asks the chain for; an empty member lets all
// through.
type Query struct {
	From, To                time.Time // from, and before
	Actors                  []string  // any of them; nil is everybody, an empty list nobody
	Action, Object, Outcome string
	Reason                  string // a part of it
	Before                  int64  // records of lower numbers only
}

// Matches reports whether the query lets a record through.
func (q Query) Matches(r Record) bool {
	for _, c := range [...][2]string{{q.Action, r.Action}, {q.Object, r.Object}, {q.Outcome, r.Outcome}} {
		if c[0] != "" && c[0] != c[1] {
			return false
		}
	}
	from, to := q.span()
	return r.At >= from && r.At < to && (q.Before == 0 || r.N < q.Before) &&
		(q.Actors == nil || slices.Contains(q.Actors, r.Actor)) && strings.Contains(r.Reason, q.Reason)
}

// span is From and To in µs, open ends at the ends of time.
func (q Query) span() (from, to int64) {
	from, to = -1<<63, 1<<63-1
	if !q.From.IsZero() {
		from = q.From.UnixMicro()
	}
	if !q.To.IsZero() {
		to = q.To.UnixMicro()
	}
	return from, to
}

// terms are what a block must have, one of each list, to hold a record that
// the query lets through.
func (q Query) terms() (all [][]uint32) {
	one := func(kind byte, parts ...string) {
		if !slices.Contains(parts, "") {
			all = append(all, []uint32{term(kind, parts...)})
		}
	}
	one(byAction, q.Action)
	one(byObject, q.Object)
	one(byOutcome, q.Outcome)
	one(byActionOutcome, q.Action, q.Outcome)
	if q.Actors == nil {
		return all
	}
	var who []uint32
	for _, a := range q.Actors {
		who = append(who, term(byActor, a))
	}
	all = append(all, who)
	if len(q.Actors) == 1 {
		one(byActorAction, q.Actors[0], q.Action)
		one(byActorOutcome, q.Actors[0], q.Outcome)
	}
	return all
}

// The kinds of terms: what a record is found by, alone and two together.
const (
	byActor byte = iota
	byAction
	byObject
	byOutcome
	byReason
	byActorAction
	byActorOutcome
	byActionOutcome
)

// term is a short hash (FNV-1a). Two that fall together make a block be read
// in vain and hide nothing.
func term(kind byte, parts ...string) uint32 {
	h := (uint32(2166136261) ^ uint32(kind)) * 16777619
	for _, s := range parts {
		for i := range len(s) {
			h = (h ^ uint32(s[i])) * 16777619
		}
		h = (h ^ 0xff) * 16777619 // stands in no UTF-8
	}
	return h
}

// termsOf are the terms that a record is found by.
func termsOf(r Record) [8]uint32 {
	return [...]uint32{term(byActor, r.Actor), term(byAction, r.Action), term(byObject, r.Object), term(byOutcome, r.Outcome), term(byReason, r.Reason),
		term(byActorAction, r.Actor, r.Action), term(byActorOutcome, r.Actor, r.Outcome), term(byActionOutcome, r.Action, r.Outcome)}
}
