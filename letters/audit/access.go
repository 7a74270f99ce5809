package audit

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"oshirase/letters"
)

// Access is the monthly analysis of who looked at what (アクセスログの解析).
type Access struct {
	Month letters.Month
	Looks int // records whose outcome was shown
	Users []UserAccess
}

// UserAccess is one person's month. A look without an inquiry is one at a
// letter for which the same person recorded no inquiry on the same day.
type UserAccess struct {
	Actor          string
	Looks          int
	Letters        int // distinct letters
	WithoutInquiry int
	Hours          [24]int // looks by the hour in Japan
	Night          int     // looks from NightFrom to NightTo
	Misses         int     // callers that did not match
	Stopped        int     // look-ups refused for their number
	Flags          []Flag
}

// Flag says why a person's month stands out. It is a reason to ask, and no
// finding.
type Flag string

const (
	FlagMany      Flag = "many"       // ManyLooks or more, and more than ManyTimes the others' median
	FlagNight     Flag = "night"      // looked at night
	FlagNoInquiry Flag = "no_inquiry" // NoInquiry or more looks without an inquiry
	FlagStopped   Flag = "stopped"    // was stopped for looking up too often
)

// Bounds of the flags.
const (
	NightFrom = 21 // o'clock in Japan
	NightTo   = 7
	ManyLooks = 30
	ManyTimes = 3
	NoInquiry = 3
)

// Handled reports whether a person recorded an inquiry about a letter on a day.
type Handled func(actor, letter string, day letters.Date) bool

// Analysis sums up one month of records as they come.
type Analysis struct {
	month   letters.Month
	from    int64 // of the month, µs
	to      int64
	handled Handled
	looks   int
	users   map[string]*UserAccess
	seen    map[[2]string]bool // actor and letter
}

// NewAnalysis begins a month.
func NewAnalysis(m letters.Month, handled Handled) *Analysis {
	from := letters.Date(m + "-01").Time()
	return &Analysis{month: m, from: from.UnixMicro(), to: from.AddDate(0, 1, 0).UnixMicro(), handled: handled,
		users: map[string]*UserAccess{}, seen: map[[2]string]bool{}}
}

// Analyse sums up one month of records, which may hold others too. What
// cannot be read is an error: an analysis of a broken chain would prove
// nothing.
func Analyse(records iter.Seq2[Record, error], m letters.Month, handled Handled) (Access, error) {
	a := NewAnalysis(m, handled)
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
	u := a.users[r.Actor]
	if u == nil {
		u = &UserAccess{Actor: r.Actor}
		a.users[r.Actor] = u
	}
	a.looks += u.take(r, time.UnixMicro(r.At), a.handled, a.seen)
}

// Result is the month as far as it was taken.
func (a *Analysis) Result() Access {
	out := Access{Month: a.month, Looks: a.looks}
	for _, u := range a.users {
		if u.Looks+u.Misses+u.Stopped > 0 {
			out.Users = append(out.Users, *u)
		}
	}
	out.flag()
	return out
}

// take adds a record and returns how many looks it was.
func (u *UserAccess) take(r Record, at time.Time, handled Handled, seen map[[2]string]bool) int {
	switch r.Outcome {
	case "stopped":
		u.Stopped++
		return 0
	case "mismatch":
		u.Misses++
		return 0
	case "shown":
	default:
		return 0
	}
	u.Looks++
	hour := at.In(letters.Tokyo()).Hour()
	u.Hours[hour]++
	if hour >= NightFrom || hour < NightTo {
		u.Night++
	}
	if _, err := letters.ParseID(r.Object); err != nil {
		return 1 // a month's proof set or a packet: no caller asks for it
	}
	if key := [2]string{r.Actor, r.Object}; !seen[key] {
		seen[key] = true
		u.Letters++
	}
	if !handled(r.Actor, r.Object, letters.DateOf(at)) {
		u.WithoutInquiry++
	}
	return 1
}

// flag compares everybody with the others, and sorts those who stand out to
// the front.
func (a *Access) flag() {
	for i := range a.Users {
		u := &a.Users[i]
		add := func(on bool, f Flag) {
			if on {
				u.Flags = append(u.Flags, f)
			}
		}
		add(u.Stopped > 0, FlagStopped)
		add(u.Looks >= ManyLooks && len(a.Users) > 1 && u.Looks > ManyTimes*a.medianWithout(u.Actor), FlagMany)
		add(u.WithoutInquiry >= NoInquiry, FlagNoInquiry)
		add(u.Night > 0, FlagNight)
	}
	slices.SortFunc(a.Users, func(x, y UserAccess) int {
		return cmp.Or(cmp.Compare(len(y.Flags), len(x.Flags)), cmp.Compare(y.Looks, x.Looks), cmp.Compare(x.Actor, y.Actor))
	})
}

func (a *Access) medianWithout(actor string) int {
	var counts []int
	for _, u := range a.Users {
		if u.Actor != actor {
			counts = append(counts, u.Looks)
		}
	}
	slices.Sort(counts)
	return counts[len(counts)/2]
}
