// Package fault holds the fault harness, which is tests only: the program as
// it is built is killed with SIGKILL at random instants and at every
// failpoint, its database is restarted under it, its disk fills, its clock
// jumps, its workers stand still, its files are torn and its power is lost.
// After each of these the invariants hold, and witnesses that share no code
// with it (witness, a mail server in a process of its own; printer, a printing
// company's SFTP server in another; reader, of print folders) agree with its
// ledger: no letter is lost, none is sent twice, and of every one it is said
// what is known.
//
// The failpoints are declared by name (points_test.go): a run that passes one
// that is not declared fails, and a long run must be killed at both sides of
// each; scene_test.go brings about what the rare ones need.
//
// `make fault` runs it at full size; `go test` runs the same at a small one.
// The seed is printed; FAULT_SEED replays it.
package fault
