package printing

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"oshirase/letters"
)

// line reads one line and names everything that is wrong with it at once.
func (rc *receipt) line(l line) {
	if len(l.cells) != len(rc.headings) {
		rc.problem(l.row, "", ProblemCells)
		return
	}
	before := len(rc.problems)
	e := ReceiptEntry{Row: l.row, Column: rc.headings[rc.columns["letter"]]}
	cell := func(field string) string {
		if i, ok := rc.columns[field]; ok {
			return l.cells[i]
		}
		return ""
	}
	wrong := func(field, code string) { rc.problem(l.row, rc.headings[rc.columns[field]], code) }

	var code string
	if e.LetterID, code = readID(cell("letter")); code != "" {
		wrong("letter", code)
	}
	if state, ok := find(rc.words.States, cell("state")); ok {
		e.State = ReceiptState(state)
	} else {
		wrong("state", ProblemState)
	}
	var ok bool
	if e.Date, ok = rc.words.date(cell("date")); !ok {
		wrong("date", ProblemDate)
	}
	if reason := cell("reason"); fold(reason) != "" {
		if e.Reason, ok = find(rc.words.Reasons, reason); !ok {
			wrong("reason", ProblemReason)
		}
	}
	if e.Pages, ok = readPages(cell("pages")); !ok {
		wrong("pages", ProblemPages)
	}
	if len(rc.problems) == before {
		rc.take(e)
	}
}

// take refuses the same letter in the same state of the same day twice: one of
// the two lines was probably meant for another letter.
func (rc *receipt) take(e ReceiptEntry) {
	key := ReceiptEntry{LetterID: e.LetterID, State: e.State, Date: e.Date}
	if rc.seen[key] {
		rc.problem(e.Row, "", ProblemRepeat)
		return
	}
	rc.seen[key] = true
	rc.entries = append(rc.entries, e)
}

// asNumber is how a spreadsheet shows sixteen digits that it took for a
// number: 1.23457E+15, or with a fraction.
var asNumber = regexp.MustCompile(`^[0-9]([.,][0-9]+)?[Ee]\+?[0-9]+$|^[0-9]+[.,][0-9]+$`)

// readID tells an ID that a spreadsheet damaged from one that is simply
// wrong: the first can be mended by exporting the list again as text.
func readID(cell string) (letters.ID, string) {
	id, err := letters.ParseID(fold(cell))
	if err == nil {
		return id, ""
	}
	s := fold(cell)
	rounded := len(s) == 16 && s[15] == '0' && strings.IndexFunc(s, notDigit) < 0
	if rounded || asNumber.MatchString(s) {
		return "", ProblemDamagedID
	}
	return "", ProblemID
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

func readPages(cell string) (int, bool) {
	s := fold(cell)
	if s == "" {
		return 0, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0
}

// fold makes cells comparable: full-width forms and half-width kana are
// folded, spaces and line breaks are taken out.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, width.Fold.String(s))
}
