// Package email hands letters to one mail server, one at a time, and knows of
// each what became of it.
//
// Compose builds a whole message in memory: the same letter gives the same
// bytes. Sender speaks SMTP and calls back just before the final dot, where
// the ledger commits handing_over and the journal is fsynced; its Outcome
// says exactly what may be concluded. Worker takes letters from a queue at a
// rate, brakes after refusals and stops cleanly. Sink is a mail server that
// only writes files, for the demo and for tests.
//
// No error, outcome or log line of this package holds a mail address.
package email
