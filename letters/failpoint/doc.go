// Package failpoint names the instants at which the fault harness
// (batch/fault) kills the program: before and after each commit, fsync, rename
// and final dot. In the normal build every function here is empty or gives
// back what it got, and the compiler leaves nothing of it; a test of the
// harness looks for its traces in the finished program.
//
// With the build tag failpoint the environment decides:
//
//	OSHIRASE_FAILPOINT  "instant: what@n" kills the process at its n-th reach
//	OSHIRASE_REACHED    file to which each instant is appended when first reached
//	OSHIRASE_DISK       file to which every durable step is appended (letters/disk)
//	OSHIRASE_FAIL       "fsync@n=EIO" or "rename@n=ENOSPC": the n-th such step fails, "n+" it and all after
//	OSHIRASE_CLOCK      file with a duration by which the program's clock is off
//	OSHIRASE_LEASE      duration of every lease
package failpoint
