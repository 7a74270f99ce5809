// Package text turns wording and a letter into neutral blocks, and blocks
// into HTML and plain text; it also breaks Japanese lines (JLREQ). It draws
// nothing: pages are letters/pdf's.
package text
