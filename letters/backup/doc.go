// Package backup is the container of a house's backup: one stream of tables
// and files, compressed, and encrypted with age to the house's keys. It knows
// nothing of ledgers; rows are lists of numbers, texts and nulls, so that a
// backup of one kind of database can be restored into another.
//
// Inside age and gzip stands a tar archive:
//
//	head.json             what this is, and of when
//	tables/NAME/000001    rows as JSON, one array a line; the first line of a
//	                      table is the array of its columns
//	files/NAME/000001     a file in pieces
//	sums.json             rows or bytes, and SHA-256, of every table and file
//
// Everything is in pieces of at most 4 MiB, so a backup of any size is made
// and read in little memory. Without sums.json at its end a backup is torn and
// is refused; with it every table and file is held against its sum.
package backup
