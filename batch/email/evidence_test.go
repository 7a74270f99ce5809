package email

import (
	"testing"
	"time"

	"oshirase/letters"
)

func noon() time.Time { return time.Date(2023, 2, 8, 12, 0, 0, 0, letters.Tokyo()) }

// sent is a generation that was handed over and stands in a state.
func sent(id letters.ID, state letters.State) letters.Dispatch {
	return letters.Dispatch{LetterID: id, Generation: 1, Token: 5, State: state, Channel: letters.Email, MessageID: MessageID(id, 1, "example.jp")}
}

func TestWeighSightings(t *testing.T) {
	t.Parallel()
	id := letterID(t)
	for _, c := range []struct {
		what     string
		state    letters.State
		received bool
		status   string
		steps    []letters.State
		count    func(Weighed) int
	}{
		{"received", letters.Uncertain, true, "", []letters.State{letters.Accepted}, func(w Weighed) int { return w.Received }},
		{"received and delivered", letters.Uncertain, true, "sent", []letters.State{letters.Accepted}, func(w Weighed) int { return w.Received }},
		{"received, deferred there", letters.Uncertain, true, "deferred", []letters.State{letters.Accepted}, func(w Weighed) int { return w.Received }},
		{"received and bounced", letters.Uncertain, true, "bounced", []letters.State{letters.Accepted, letters.Bounced}, func(w Weighed) int { return w.Bounced }},
		{"accepted, expired there", letters.Accepted, true, "expired", []letters.State{letters.Bounced}, func(w Weighed) int { return w.Bounced }},
		{"known", letters.Accepted, true, "sent", nil, func(w Weighed) int { return w.Known }},
		{"bounce known", letters.Bounced, true, "bounced", nil, func(w Weighed) int { return w.Known }},
		{"in a sender's hand", letters.HandingOver, true, "", nil, func(w Weighed) int { return w.Known }},
		{"named and no more", letters.Uncertain, false, "", nil, func(w Weighed) int { return w.Unproved }},
		{"waits to be sent again, yet there", letters.Deferred, true, "", nil, func(w Weighed) int { return len(w.Contradictions) }},
		{"given up, yet there", letters.Superseded, true, "sent", nil, func(w Weighed) int { return len(w.Contradictions) }},
	} {
		d := sent(id, c.state)
		log := RelayLog{Seen: map[string]*Sighting{d.MessageID: {MessageID: d.MessageID, QueueID: "A1", Received: c.received, Status: c.status, DSN: "5.1.1"}}}
		w := Weigh(log, map[letters.ID][]letters.Dispatch{id: {d}}, nil, nil, nil, "reader")
		if c.count(w) != 1 || len(w.Steps) != len(c.steps) {
			t.Errorf("%s: %+v", c.what, w)
			continue
		}
		for i, s := range w.Steps {
			if err := letters.CheckTransition(s.From, s.To, s.Guard); err != nil || s.To != c.steps[i] || s.Token != int64(5+i) {
				t.Errorf("%s: step %+v, %v", c.what, s, err)
			}
		}
	}
	other := RelayLog{Seen: map[string]*Sighting{MessageID(id, 1, "example.com"): {MessageID: MessageID(id, 1, "example.com"), Received: true}}}
	if w := Weigh(other, map[letters.ID][]letters.Dispatch{id: {sent(id, letters.Uncertain)}}, nil, nil, nil, "reader"); w.Unknown != 1 || len(w.Steps) != 0 {
		t.Errorf("the same number of another house: %+v", w)
	}
}

// Absence proves something only when every condition holds; each is taken
// away in turn.
func TestAbsenceIsConservative(t *testing.T) {
	t.Parallel()
	id := letterID(t)
	u := HandOver{LetterID: id, Generation: 1, Token: 5, MessageID: MessageID(id, 1, "example.jp"), At: noon().UnixMicro()}
	const known = "<1111111111111111.g1@example.jp>"
	name := func(l *RelayLog, at time.Time, kept bool) {
		l.Seen[u.MessageID] = &Sighting{MessageID: u.MessageID, QueueID: "A1", Kept: kept, At: at}
		l.TakenOver = noon().Add(80 * time.Minute)
	}
	whole := func() (RelayLog, *Statement, []Taken) {
		log := RelayLog{First: noon().Add(-3 * time.Hour), Last: noon().Add(3 * time.Hour), Seen: map[string]*Sighting{known: {MessageID: known, QueueID: "4XyZ12AbC", Received: true}}}
		return log, &Statement{noon().Add(-2 * time.Hour), noon().Add(2 * time.Hour)}, []Taken{{known, "2.0.0 Ok: queued as 4XyZ12AbC"}}
	}
	for _, c := range []struct {
		what   string
		change func(*RelayLog, *Statement, *[]Taken)
		want   string
		queued int
	}{
		{"all holds", func(*RelayLog, *Statement, *[]Taken) {}, "", 1},
		{"the log begins too late", func(l *RelayLog, _ *Statement, _ *[]Taken) { l.First = noon() }, AbsenceOutside, 0},
		{"the log ends too early", func(l *RelayLog, _ *Statement, _ *[]Taken) { l.Last = noon() }, AbsenceOutside, 0},
		{"lines were dropped", func(l *RelayLog, _ *Statement, _ *[]Taken) { l.Suppressed = true }, AbsenceSuppressed, 0},
		{"another relay's log", func(l *RelayLog, _ *Statement, _ *[]Taken) { delete(l.Seen, known) }, AbsenceStranger, 0},
		{"nothing to know the relay by", func(_ *RelayLog, _ *Statement, k *[]Taken) { *k = nil }, AbsenceStranger, 0},
		{"a hole", func(_ *RelayLog, _ *Statement, k *[]Taken) {
			*k = append(*k, Taken{MessageID: "<2222222222222222.g1@example.jp>"})
		}, AbsenceHoles, 0},
		{"the next relay's log", func(l *RelayLog, _ *Statement, _ *[]Taken) { l.Seen[known].QueueID = "4XyZ99999" }, AbsenceStranger, 0},
		{"the next relay's log for one of two", func(l *RelayLog, _ *Statement, k *[]Taken) {
			*k = append(*k, Taken{"<2222222222222222.g1@example.jp>", "2.0.0 from MTA: 250 2.0.0 Ok: queued as 4XyZ12AbD"})
			l.Seen[(*k)[1].MessageID] = &Sighting{QueueID: "77AB99", Received: true}
		}, AbsenceHoles, 0},
		{"a relay that names no queue ID", func(_ *RelayLog, _ *Statement, k *[]Taken) { (*k)[0].Reply = "2.0.0 accepted" }, "", 1},
		{"handed over at the beginning", func(_ *RelayLog, s *Statement, _ *[]Taken) { s.From = noon().Add(-time.Minute) }, "", 0},
		{"handed over at the end", func(_ *RelayLog, s *Statement, _ *[]Taken) { s.To = noon().Add(30 * time.Minute) }, "", 0},
		{"named before acceptance, later mails queued", func(l *RelayLog, _ *Statement, _ *[]Taken) { name(l, noon(), false) }, "", 1},
		{"named, and an access table held some mail", func(l *RelayLog, _ *Statement, _ *[]Taken) {
			name(l, noon(), false)
			l.Kept = true
		}, "", 0},
		{"named, and held or discarded", func(l *RelayLog, _ *Statement, _ *[]Taken) { name(l, noon(), true) }, "", 0},
		{"named, and no later mail was queued", func(l *RelayLog, _ *Statement, _ *[]Taken) { name(l, noon().Add(90*time.Minute), false) }, "", 0},
		{"named, and the last mail queued came within the hour", func(l *RelayLog, _ *Statement, _ *[]Taken) { name(l, noon().Add(21*time.Minute), false) }, "", 0},
		{"named, and no mail at all was queued", func(l *RelayLog, _ *Statement, _ *[]Taken) {
			name(l, noon(), false)
			l.TakenOver = time.Time{}
		}, "", 0},
	} {
		log, st, taken := whole()
		c.change(&log, st, &taken)
		w := Weigh(log, map[letters.ID][]letters.Dispatch{id: {sent(id, letters.Uncertain)}}, []HandOver{u}, taken, st, "reader")
		if w.NoAbsence != c.want || w.Requeued != c.queued || len(w.Steps) != c.queued {
			t.Errorf("%s: %q, %d queued again; want %q, %d", c.what, w.NoAbsence, w.Requeued, c.want, c.queued)
		}
	}
	log, _, taken := whole()
	if w := Weigh(log, nil, []HandOver{u}, taken, nil, "reader"); w.Requeued != 0 {
		t.Error("queued again though nobody stated that the log is whole")
	}
}

func TestDeliveryReports(t *testing.T) {
	t.Parallel()
	id := MessageID(letterID(t), 1, "example.jp")
	report := func(kind, action, enclosed string) string {
		return "From: MAILER-DAEMON@mx.example.jp\r\nContent-Type: " + kind + "; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n" +
			"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\nFinal-Recipient: rfc822; taro@example.jp\r\n" +
			"Action: " + action + "\r\nStatus: 2.0.0\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID: " + enclosed + "\r\n--b--\r\n"
	}
	for action, want := range map[string]string{"delivered": "sent", "relayed": "sent", "delayed": "deferred", "Failed": "failed"} {
		s, err := ReadDeliveryReport([]byte(report("multipart/report; report-type=delivery-status", action, id)))
		if err != nil || s.MessageID != id || s.Status != want || !s.Received {
			t.Errorf("%s: %+v, %v", action, s, err)
		}
	}
	for name, text := range map[string]string{"no report": report("multipart/mixed", "delivered", id), "nothing": "", "a log": "Feb  8 10:00:00 mx postfix/qmgr[1]: x\n",
		"no action": report("multipart/report", "", id)} {
		if s, err := ReadDeliveryReport([]byte(text)); err == nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
