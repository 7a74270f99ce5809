// Package store is the ledger on SQLite or PostgreSQL 15+: every SQL
// statement of the project stands here, beside the code that scans its rows.
//
// Migrate makes or lifts the schema, Open opens a ledger of exactly this
// schema. Each exported method is one transaction. Every change of a letter's
// state is a compare-and-set on (state, token) in the transaction that also
// appends its event; the event's seq is the token after the change, so the
// state always follows from the events.
//
// Statements are constants named sql…, written with ? and rebound in one
// place; they run on both databases. Only claim and clock have two texts, and
// bulk loading two ways. Instants are µs UTC, dates text.
package store
