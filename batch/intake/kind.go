package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Kind is what a file turns out to be by its first bytes and its headings,
// whatever its name says.
type Kind string

// Kinds that a file shows by its bytes. Those that it shows by headings are
// given by Form.
const (
	KindUnknown  Kind = "unknown"   // text, or nothing that is known
	KindEmpty    Kind = "empty"     // no byte
	KindPDF      Kind = "pdf"       //
	KindZIP      Kind = "zip"       // no workbook in it
	KindSealed   Kind = "sealed"    // an old Excel file, or one under a password
	KindBackup   Kind = "backup"    // encrypted with age
	KindLedger   Kind = "ledger"    // SQLite
	KindGzip     Kind = "gzip"      //
	KindMailbox  Kind = "mailbox"   // a mailbox, or one message
	KindRelayLog Kind = "relay_log" // of Postfix
)

// Form is one kind of table, by its headings.
type Form struct {
	Kind    Kind
	Columns []Column
}

// begins are the first bytes that tell a kind. A workbook is a ZIP too.
func begins() map[string]Kind {
	return map[string]Kind{"%PDF": KindPDF, "\xd0\xcf\x11\xe0": KindSealed, "age-encryption.org/": KindBackup,
		"SQLite format 3\x00": KindLedger, "\x1f\x8b": KindGzip}
}

// mailLine begins a mailbox or a message: mbox's separator, or a field that
// messages begin with (RFC 5322, section 3.6).
var mailLine = regexp.MustCompile(`(?i)^(From \S|(Return-Path|Received|Delivered-To|X-Original-To|From|To|Date|Subject|Message-ID|MIME-Version|Content-Type|Auto-Submitted|X-[A-Za-z-]+):)`)

// relayLine is a line of Postfix's log.
var relayLine = regexp.MustCompile(`(?m)^\S.{0,120}\bpostfix(-\S+)?/[a-z/-]+\[\d+\]: `)

// sniffed is how much of a text is looked at.
const sniffed = 1 << 20

// Recognise says what kind of file r is. Of the forms the first is taken that
// has all its headings, unless one before it has more of its own: that is a
// list which lacks a heading, and KindUnknown, so that whoever reads it can say
// which. Forms whose headings may stand in another come after it. The error is
// that of reading r, or ErrHeadings.
func Recognise(r io.ReaderAt, size int64, forms []Form, w Words, limits Limits) (Kind, error) {
	if size == 0 {
		return KindEmpty, nil
	}
	head := make([]byte, min(size, 64<<10))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return KindUnknown, fmt.Errorf("recognise file: %w", err)
	}
	for first, kind := range begins() {
		if bytes.HasPrefix(head, []byte(first)) {
			return kind, nil
		}
	}
	in := input{r, size}
	if bytes.HasPrefix(head, []byte("PK")) {
		return recogniseBook(in, forms, w, limits.orDefault())
	}
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	if relayLine.Match(head) {
		return KindRelayLog, nil
	}
	if mailLine.Match(head) {
		return KindMailbox, nil
	}
	in.size = min(in.size, sniffed)
	return recogniseText(in, forms, w, limits.orDefault())
}

// match is how well a form fits.
type match struct {
	kind  Kind
	score int
	whole bool // every heading that must be there is
}

// better returns the one of two matches of a form that says more.
func (m match) better(than match) match {
	if m.whole != than.whole && m.whole || m.whole == than.whole && m.score > than.score {
		return m
	}
	return than
}

// answer picks from the matches of all forms, in their order.
func answer(all []match) Kind {
	most := 0
	for _, m := range all {
		if m.whole && m.score >= most {
			return m.kind
		}
		if m.whole {
			return KindUnknown
		}
		most = max(most, m.score)
	}
	return KindUnknown
}

// fit scores a form's table against the first records of a source.
func (f Form) fit(t *table, src source) (match, error) {
	first, at, err := t.head(src)
	if err != nil || at.score == 0 {
		return match{kind: f.Kind}, err
	}
	m := match{kind: f.Kind, score: at.score, whole: true}
	if at.index < 0 {
		return match{kind: f.Kind, score: at.score}, nil
	}
	h := t.heading(&first[at.index], true)
	for _, c := range f.Columns {
		_, once := h.columns[c.Field]
		m.whole = m.whole && (!c.Must || once || len(h.twice[c.Field]) > 0)
	}
	return m, nil
}

func recogniseText(in input, forms []Form, w Words, limits Limits) (Kind, error) {
	facts, err := examine(in, newCP932())
	if err != nil {
		return KindUnknown, err
	}
	var all []match
	for _, f := range forms {
		t, err := newTable(f.Columns, w)
		if err != nil {
			return KindUnknown, fmt.Errorf("recognise file: %w", err)
		}
		g, err := guessText(in, facts, t, limits)
		if err != nil {
			continue // no encoding explains it: not this form
		}
		m, err := f.fit(t, &textSource{lines: newLines(in, g.enc, t.jis, limits.Line), sep: g.sep, columns: limits.Columns})
		if err == nil {
			all = append(all, m)
		}
	}
	return answer(all), nil
}

// kindOfZIP tells a ZIP with other things from a workbook that cannot be read.
func kindOfZIP(in input) Kind {
	z, err := zip.NewReader(in.r, in.size)
	if err != nil {
		return KindUnknown
	}
	for _, f := range z.File {
		if strings.HasPrefix(strings.ToLower(f.Name), "xl/") {
			return KindUnknown
		}
	}
	return KindZIP
}

// recogniseBook looks into every sheet that is to be seen.
func recogniseBook(in input, forms []Form, w Words, limits Limits) (Kind, error) {
	book, err := openWorkbook(in, limits)
	if err != nil {
		return kindOfZIP(in), nil
	}
	var all []match
	for _, f := range forms {
		t, err := newTable(f.Columns, w)
		if err != nil {
			return KindUnknown, fmt.Errorf("recognise file: %w", err)
		}
		var best match
		for _, ref := range book.sheets {
			if ref.hidden {
				continue
			}
			src, err := book.openSheet(ref)
			if err != nil {
				continue // what is wrong with it is said by whoever reads it
			}
			if m, err := f.fit(t, src); err == nil {
				best = m.better(best)
			}
			src.close()
		}
		all = append(all, best)
	}
	return answer(all), nil
}
