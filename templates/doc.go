// Package templates holds every Japanese word that people see, the incident's
// definition and the wording of letters, mails and packets. Load reads the
// shipped files, lays the house's own over them file by file, and refuses
// what it does not understand: an unknown key, an unknown placeholder, a
// condition that is not on the list.
package templates
