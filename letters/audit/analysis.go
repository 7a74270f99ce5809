package audit

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"oshirase/letters"
)

// Analysis sums up one month of records as they come.
type Analysis struct {
	from, to    int64 // of the month, µs
	rules       Rules
	sum         Access
	users       map[string]*UserAccess
	seen        map[[2]string]bool // actor and letter
	unexplained map[unexplainedKey]*Unexplained
}

type unexplainedKey struct {
	actor, letter string
	day           letters.Date
}

// NewAnalysis begins a month.
func NewAnalysis(m letters.Month, rules Rules) *Analysis {
	from := letters.Date(m + "-01").Time()
	return &Analysis{from: from.UnixMicro(), to: from.AddDate(0, 1, 0).UnixMicro(), rules: rules, sum: Access{Month: m},
		users: map[string]*UserAccess{}, seen: map[[2]string]bool{}, unexplained: map[unexplainedKey]*Unexplained{}}
}

// Analyse sums up one month of records, which may hold others too. What
// cannot be read is an error: an analysis of a broken chain would prove
// nothing.
func Analyse(records iter.Seq2[Record, error], m letters.Month, rules Rules) (Access, error) {
	a := NewAnalysis(m, rules)
	for r, err := range records {
		if err != nil {
			return Access{Month: m}, fmt.Errorf("analyse looks of %s: %w", m, err)
		}
		a.Take(r)
	}
	return a.Result(), nil
}

// Watch takes the records that pass on their way to another reader.
func (a *Analysis) Watch(records iter.Seq2[Record, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for r, err := range records {
			if err == nil {
				a.Take(r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// Take adds a record; one of another month changes nothing.
func (a *Analysis) Take(r Record) {
	if r.At < a.from || r.At >= a.to {
		return
	}
	if r.Action == "sign_in" && r.Outcome == "refused" {
		a.sum.FailedSignIns++
		return // nobody has signed in
	}
	u := a.users[r.Actor]
	if u == nil {
		u = &UserAccess{Actor: r.Actor}
		a.users[r.Actor] = u
	}
	switch r.Outcome {
	case "stopped":
		if r.Action != "caller" { // a letter that waits for the supervisor: nobody looked up too often
			u.Stopped++
		}
	case "mismatch":
		u.Misses++
	case "refused":
		u.Refused++
	case "shown":
		a.look(u, r)
	case "asked":
		u.lookUp(r)
	}
}

func (u *UserAccess) lookUp(r Record) {
	switch r.Action {
	case "search":
		u.Searches++
		u.LookUps++
	case "lookup":
		u.LookUps++
	}
}

// look adds a record of something shown.
func (a *Analysis) look(u *UserAccess, r Record) {
	at := time.UnixMicro(r.At)
	outside := !a.rules.Open(at)
	u.Looks++
	if r.Action == "unmask" {
		u.Unmasked++
	}
	hour := at.In(letters.Tokyo()).Hour()
	u.Hours[hour]++
	if hour >= NightFrom || hour < NightTo {
		u.Night++
	}
	if outside {
		u.Outside++
	}
	id, err := letters.ParseID(r.Object)
	if err != nil {
		return // a month's proof set or a packet: no caller asks for it
	}
	if key := [2]string{r.Actor, r.Object}; !a.seen[key] {
		a.seen[key] = true
		u.Letters++
	}
	day := letters.DateOf(at)
	if a.rules.Handled(r.Actor, r.Object, day) {
		return
	}
	u.WithoutInquiry++
	key := unexplainedKey{r.Actor, r.Object, day}
	n := a.unexplained[key]
	if n == nil {
		n = &Unexplained{Actor: r.Actor, Letter: id, Day: day, First: r.At}
		a.unexplained[key] = n
	}
	n.Looks++
	n.First, n.Outside = min(n.First, r.At), n.Outside || outside
}

// Result is the month as far as it was taken.
func (a *Analysis) Result() Access {
	out := a.sum
	for _, u := range a.users {
		out.Looks += u.Looks
		out.LookUps += u.LookUps
		if u.LookUps+u.Looks+u.Misses+u.Stopped+u.Refused > 0 {
			out.Users = append(out.Users, *u)
		}
	}
	out.flag()
	for _, n := range a.unexplained {
		out.Unexplained = append(out.Unexplained, *n)
	}
	slices.SortFunc(out.Unexplained, func(x, y Unexplained) int {
		return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Actor, y.Actor), cmp.Compare(x.First, y.First), cmp.Compare(x.Letter, y.Letter))
	})
	return out
}
