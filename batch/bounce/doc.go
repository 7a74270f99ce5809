// Package bounce reads what mail servers send back: it opens mailboxes
// message by message, tells a bounce (不達) from replies, warnings and other
// mail, says why it bounced and whether for good, and finds the letter.
//
// Open streams a mailbox file, a maildir, single messages or standard input.
// Parse reads one message, whatever its form: RFC 3464 reports and the free
// forms of servers that write for people. Reasons says what a server's words
// mean. Reader joins them with the ledger.
//
// A message is evidence of strangers: nothing of it is trusted but the letter
// it names, and nothing of it is kept but the letter's ID, a status code and a
// reason of our own list. No error and no report of this package holds an
// address or a server's words.
package bounce
