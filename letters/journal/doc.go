// Package journal is the append-only, fsynced record of hand-overs that lies
// outside the database. A restored backup knows nothing of what left the
// house after it was taken; the journal does, so a worker compares the two
// and refuses to send while the journal is ahead (design: the ledger).
//
// It is a file of JSON lines, one per event, each chained to the one before
// by SHA-256. It carries IDs only, never a person's data. One process at a
// time may append; within it, waiting entries share one fsync.
package journal
