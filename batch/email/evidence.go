package email

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"time"

	"oshirase/letters"
)

// Statement is a named person's word that a log lacks no line from one instant
// to another. Only with it can a mail's absence prove anything.
type Statement struct{ From, To time.Time }

// HandOver is an uncertain mail with the instant at which it stood before its
// final dot.
type HandOver = struct {
	LetterID   letters.ID
	Generation int
	Token      int64
	MessageID  string
	At         int64 // µs
}

// Taken is a mail that the relay said it took, with its words: Postfix names the
// queue ID in them.
type Taken = struct {
	MessageID string
	Reply     string
}

// The time that must lie within the statement before and after a hand-over: the
// clocks of house and relay may differ, and a relay may take ten minutes to
// answer the dot (RFC 5321 4.5.3.2.6).
const (
	roomBefore = 5 * time.Minute
	roomAfter  = time.Hour
)

// Why absence proves nothing.
const (
	AbsenceOutside    = "outside"    // the log does not reach over the stated interval
	AbsenceSuppressed = "suppressed" // lines were dropped, or the log was joined from pieces
	AbsenceStranger   = "stranger"   // not one mail that the relay is known to have taken is in it, as the relay took it
	AbsenceHoles      = "holes"      // a mail that the relay took is not in it, or under another queue ID
)

// Sighted is a mail of ours that a person must look at: the log has it, and
// the ledger says otherwise.
type Sighted struct {
	LetterID   letters.ID
	Generation int
	State      letters.State
	QueueID    string
}

// Weighed is what a log proves.
type Weighed struct {
	Steps          []letters.Step
	Received       int // uncertain letters that the relay has
	Requeued       int // uncertain letters that it certainly never had
	Bounced        int // of its own word
	Known          int // the ledger says so already
	Unproved       int // named before acceptance, and nothing after
	Unknown        int // of our form, not in the ledger
	Contradictions []Sighted
	NoAbsence      string // why absence proves nothing, "" = it does, or nobody stated so
}

// Weigh holds a relay's log against the ledger: every generation of the
// letters that it names, the uncertain mails, and the mails that the
// relay is known to have taken within the statement (nil = none was made).
//
// A letter is queued again only when all of this holds: a person states that
// the log is whole over an interval; the log reaches over it and says nowhere
// that it lost lines; every mail that the relay took in it, at least one, is
// there under the queue ID that the relay answered with, so that this is not
// the log of the next relay on the way; the letter was handed over well within
// it; and its Message-ID stands nowhere in the log, or was named by cleanup alone: a connection that ends
// before the final dot leaves no more than that. Then nothing may have held or
// discarded the mail, and one that was named an hour later, whoever sent it,
// must have reached the queue.
func Weigh(log RelayLog, ledger map[letters.ID][]letters.Dispatch, uncertain []HandOver, taken []Taken, st *Statement, actor string) Weighed {
	w := Weighed{}
	for _, id := range slices.Sorted(maps.Keys(log.Seen)) {
		w.sighting(log.Seen[id], ledger, actor)
	}
	if st == nil {
		return w
	}
	if w.NoAbsence = noAbsence(log, taken, st); w.NoAbsence == "" {
		w.absences(log, uncertain, st, actor)
	}
	slices.SortFunc(w.Contradictions, func(a, b Sighted) int { return cmp.Compare(a.LetterID, b.LetterID) })
	return w
}

func (w *Weighed) sighting(s *Sighting, ledger map[letters.ID][]letters.Dispatch, actor string) {
	id, generation, _ := ParseMessageID(s.MessageID)
	i := slices.IndexFunc(ledger[id], func(d letters.Dispatch) bool {
		return d.Generation == generation && d.MessageID == s.MessageID
	})
	switch {
	case i < 0:
		w.Unknown++
	case !s.Received:
		w.Unproved++
	default:
		w.received(s, ledger[id][i], actor)
	}
}

// received books what the relay took: it is the evidence for an uncertain
// letter, and its own last word on a mail that it gave up is a bounce.
func (w *Weighed) received(s *Sighting, d letters.Dispatch, actor string) {
	bounced := s.Status == "bounced" || s.Status == "expired"
	step := func(to letters.State, guard letters.Guard, why string) {
		w.Steps = append(w.Steps, letters.Step{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token, From: d.State,
			To: to, Guard: guard, Actor: actor, Ref: "queue " + s.QueueID, Why: why, MessageID: s.MessageID})
		d.State, d.Token = to, d.Token+1
	}
	switch d.State {
	case letters.Uncertain:
		w.Received++
		step(letters.Accepted, letters.ByEvidence, "")
	case letters.Accepted:
		if !bounced {
			w.Known++
		}
	case letters.Bounced, letters.Closed, letters.HandingOver: // the last is in a sender's hand now
		w.Known++
		return
	default:
		w.Contradictions = append(w.Contradictions, Sighted{d.LetterID, d.Generation, d.State, s.QueueID})
		return
	}
	if bounced {
		w.Bounced++
		step(letters.Bounced, letters.ByReceipt, "relay "+cmp.Or(s.DSN, s.Status))
	}
}

// noAbsence says why the log cannot prove that it lacks a mail.
func noAbsence(log RelayLog, taken []Taken, st *Statement) string {
	switch {
	case log.First.After(st.From) || log.Last.Before(st.To):
		return AbsenceOutside
	case log.Suppressed:
		return AbsenceSuppressed
	case len(taken) == 0:
		return AbsenceStranger
	}
	seen := 0
	for _, t := range taken {
		if s := log.Seen[t.MessageID]; s != nil && s.Received && s.under(t.Reply) {
			seen++
		}
	}
	switch seen {
	case len(taken):
		return ""
	case 0:
		return AbsenceStranger
	}
	return AbsenceHoles
}

// queuedAs is how Postfix, and what passes its words on, answers the final dot.
var queuedAs = regexp.MustCompile(`queued as ([0-9A-Za-z]{5,32})\b`)

// under reports whether the queue ID is the one that an answer to the dot
// named; an answer that names none fits any.
func (s *Sighting) under(reply string) bool {
	all := queuedAs.FindAllStringSubmatch(reply, -1)
	return len(all) == 0 || all[len(all)-1][1] == s.QueueID
}

// absent reports whether a log shows that its relay did not take a mail. The
// queue manager takes over at once what cleanup accepted, unless its queue is
// full. So a mail that came an hour later, anybody's, must have been taken
// over before this one.
func absent(log RelayLog, messageID string) bool {
	s := log.Seen[messageID]
	if s == nil {
		return true
	}
	return !s.Received && !s.Kept && !log.Kept && !s.At.IsZero() && !log.TakenOver.Before(s.At.Add(roomAfter))
}

func (w *Weighed) absences(log RelayLog, uncertain []HandOver, st *Statement, actor string) {
	for _, u := range uncertain {
		at := time.UnixMicro(u.At)
		if !absent(log, u.MessageID) || at.Before(st.From.Add(roomBefore)) || at.After(st.To.Add(-roomAfter)) {
			continue
		}
		w.Requeued++
		w.Steps = append(w.Steps, letters.Step{LetterID: u.LetterID, Generation: u.Generation, Token: u.Token,
			From: letters.Uncertain, To: letters.QueuedEmail, Guard: letters.ByEvidence, Actor: actor, Ref: "absent"})
	}
}
