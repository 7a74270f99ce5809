package email

import (
	"math"
	"time"
)

// Backoff says when a deferred mail is tried again: First × Factor^n after the
// n-th try, at most Max, and never after Tries tries.
type Backoff struct {
	First  time.Duration // 0 = 5 min
	Factor float64       // 0 = 1.3
	Max    time.Duration // 0 = 4 h
	Tries  int           // 0 = 40, which is nearly five days (RFC 5321 section 4.5.4.1)
}

func (b Backoff) withDefaults() Backoff {
	if b.First == 0 {
		b.First = 5 * time.Minute
	}
	if b.Factor == 0 {
		b.Factor = 1.3
	}
	if b.Max == 0 {
		b.Max = 4 * time.Hour
	}
	if b.Tries == 0 {
		b.Tries = 40
	}
	return b
}

// Next returns how long to wait after the n-th try, n from 1, in whole
// seconds; false when the mail is given up.
func (b Backoff) Next(n int) (time.Duration, bool) {
	b = b.withDefaults()
	if n >= b.Tries {
		return 0, false
	}
	wait := float64(b.First) * math.Pow(b.Factor, float64(n))
	return time.Duration(min(wait, float64(b.Max))).Truncate(time.Second), true
}
