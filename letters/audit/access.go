package audit

import (
	"cmp"
	"slices"
	"time"

	"oshirase/letters"
)

// Access is the monthly analysis of who looked at what (アクセスログの解析).
type Access struct {
	Month         letters.Month
	Looks         int // records whose outcome was shown
	LookUps       int // letters or people looked up
	FailedSignIns int // by nobody knows whom
	Users         []UserAccess
	Unexplained   []Unexplained // by day and person
}

// UserAccess is one person's month. A look without an inquiry is one at a
// letter for which the same person recorded no inquiry on the same day, or after
// midnight about a call of that day.
type UserAccess struct {
	Actor          string
	LookUps        int // by number or by attributes
	Searches       int // of them by attributes
	Looks          int
	Letters        int // distinct letters
	Unmasked       int // fields shown unmasked
	WithoutInquiry int
	Hours          [24]int // looks by the hour in Japan
	Outside        int     // looks outside the office's hours
	Night          int     // looks from NightFrom to NightTo
	Misses         int     // callers that did not match
	Refused        int     // own password or sign-on refused
	Stopped        int     // look-ups refused for their number
	Flags          []Flag
}

// Unexplained is a letter that a person looked at on a day without recording
// an inquiry: what an auditor asks about, one by one.
type Unexplained struct {
	Actor   string
	Letter  letters.ID
	Day     letters.Date
	First   int64 // the first of the looks, µs since 1970 UTC
	Looks   int
	Outside bool // some of them outside the office's hours
}

// Flag says why a person's month stands out. It is a reason to ask, and no
// finding.
type Flag string

const (
	FlagMany      Flag = "many"       // ManyLooks or more, and more than ManyTimes the others' median
	FlagUnmasked  Flag = "unmasked"   // the same of unmasked fields
	FlagNight     Flag = "night"      // looked at night
	FlagOutside   Flag = "outside"    // OutsideMost or more looks outside the office's hours
	FlagNoInquiry Flag = "no_inquiry" // NoInquiry or more looks without an inquiry
	FlagStopped   Flag = "stopped"    // was stopped for looking up too often
)

// Bounds of the flags.
const (
	NightFrom   = 21 // o'clock in Japan
	NightTo     = 7
	ManyLooks   = 30
	ManyTimes   = 3
	NoInquiry   = 3
	OutsideMost = 3
)

// Rules are what the house knows and the chain does not.
type Rules struct {
	// Handled reports whether a person recorded an inquiry about a letter on a
	// day, or about a call that may have begun on it.
	Handled func(actor, letter string, day letters.Date) bool
	// Open reports whether an instant lies within the office's hours.
	Open func(at time.Time) bool
}

// flag compares everybody with the others, and sorts those who stand out to
// the front.
func (a *Access) flag() {
	looks, unmasked := func(u UserAccess) int { return u.Looks }, func(u UserAccess) int { return u.Unmasked }
	for i := range a.Users {
		u := &a.Users[i]
		add := func(on bool, f Flag) {
			if on {
				u.Flags = append(u.Flags, f)
			}
		}
		add(u.Stopped > 0, FlagStopped)
		add(a.beyond(*u, looks), FlagMany)
		add(a.beyond(*u, unmasked), FlagUnmasked)
		add(u.WithoutInquiry >= NoInquiry, FlagNoInquiry)
		add(u.Night > 0, FlagNight)
		add(u.Outside >= OutsideMost, FlagOutside)
	}
	slices.SortFunc(a.Users, func(x, y UserAccess) int {
		return cmp.Or(cmp.Compare(len(y.Flags), len(x.Flags)), cmp.Compare(y.Looks, x.Looks), cmp.Compare(x.Actor, y.Actor))
	})
}

// beyond reports whether somebody has many, and far more than the others.
func (a *Access) beyond(u UserAccess, count func(UserAccess) int) bool {
	n := count(u)
	if n < ManyLooks || len(a.Users) == 1 {
		return false
	}
	var others []int
	for _, o := range a.Users {
		if o.Actor != u.Actor {
			others = append(others, count(o))
		}
	}
	slices.Sort(others)
	return n > ManyTimes*others[len(others)/2]
}
