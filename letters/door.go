package letters

import "time"

// Door is how often a password was wrong lately, for one account or from one
// address. The first tries are free; each further one closes the door for twice
// as long as the one before, from a second to DoorLongest.
type Door struct {
	Wrong  int
	LastAt int64 // the last of them, µs UTC
}

// How many wrong passwords are free, how long a door is closed at most, and
// when what was wrong is forgotten.
const (
	FreeTries       = 5  // of an account
	FreeTriesClient = 20 // from an address, at whatever account
	DoorLongest     = 15 * time.Minute
	DoorForgets     = time.Hour
)

// Open reports whether one more try is looked at.
func (d Door) Open(free int, now time.Time) bool {
	over := d.Wrong - free
	return over < 0 || !now.Before(time.UnixMicro(d.LastAt).Add(min(time.Second<<min(over, 20), DoorLongest)))
}

// Again is the door after one more wrong try.
func (d Door) Again(now time.Time) Door {
	if now.Sub(time.UnixMicro(d.LastAt)) > DoorForgets {
		d.Wrong = 0
	}
	return Door{d.Wrong + 1, now.UnixMicro()}
}
