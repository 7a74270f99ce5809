// Package audit records who looked at what, and why, before the answer is
// given: Writer.Look returns only when the record is on disk, and whoever gets
// an error from it must show nothing.
//
// The records form one chain by SHA-256, whoever writes them. A chain finds
// every edit, deletion, swap and insertion; a cut at the end, or a chain that
// was computed anew by somebody with full rights, is found by anchors: a
// day's last number and hash, signed and kept elsewhere.
//
// Chaining is the same over a file (File) and over a database: both hand out
// the chain's head under a lock (Sequencer), and Chain turns that into a Log.
//
// Index finds records in a chain of a million. It narrows where to read and
// nothing else: it stands in memory, is made of lines whose hashes were
// checked, and every line that is shown was read from the chain and held
// against the hash it had.
package audit
