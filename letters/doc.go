// Package letters holds the nouns and rules of the apology mailing: what a
// letter (手紙), its ID, a recipient, a case, an exposed item, an incident
// (事案) and a state are. It does no I/O and knows no database, no page and
// no mail; every other package speaks in its words.
package letters
