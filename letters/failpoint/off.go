//go:build !failpoint

package failpoint

import "time"

// Reach marks an instant of the program, such as "before fsync" of "journal".
func Reach(instant, what string) {}

// Record notes a durable step on the disk: what was done, to which file or
// folder, and from where or how large.
func Record(step, path, detail string) {}

// Clock gives back the program's clock.
func Clock(now func() time.Time) func() time.Time { return now }

// Lease gives back the length of a lease.
func Lease(d time.Duration) time.Duration { return d }
