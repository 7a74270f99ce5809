// Package archive keeps produced files: each is written once, appears whole or
// not at all, and is found by its name and its SHA-256. It lies under one
// directory on one file system; names in it carry IDs only, never a person's
// data.
//
// Everything is first made in the archive's own .staging directory, synced,
// and then moved to its name without overwriting (link(2) for a file,
// renameat2(2) with RENAME_NOREPLACE for a folder), so a crash at any moment
// leaves either the whole thing or a leftover in .staging. A leftover is told
// from work in hand by its lock: whoever stages holds flock(2) on what he
// stages, and the kernel lets go of it when he dies.
package archive
