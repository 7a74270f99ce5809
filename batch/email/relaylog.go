package email

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"oshirase/letters"
)

// Sighting is what a relay's log says of one of our mails. The line by which
// cleanup names a Message-ID is written before the mail is accepted and proves
// nothing; Received needs the queue manager's "(queue active)", or a delivery
// attempt, under the same queue ID.
type Sighting struct {
	MessageID string // with its angle brackets
	QueueID   string // of the reception, else of the last cleanup line
	Received  bool
	Kept      bool      // held or discarded: accepted, though the queue manager never saw it
	At        time.Time // of the reception, else of the last cleanup line
	Status    string    // last of sent, deferred, bounced, expired; "" = none
	DSN       string    // enhanced status code of it: 5.1.1
}

// RelayLog is a whole log, read once.
type RelayLog struct {
	Lines       int // in all
	Postfix     int // of them written by Postfix
	Others      int // mails of other systems
	First, Last time.Time
	Kept        bool      // the SMTP server held or discarded a mail, and does not say which
	Suppressed  bool      // the logger says that it dropped lines, or time runs back
	TakenOver   time.Time // when cleanup named the latest mail, of anybody, that the queue manager took over; zero = none
	Seen        map[string]*Sighting
}

// ErrNotALog says that no line was written by Postfix.
var ErrNotALog = errors.New("no line of a Postfix log")

// longestLine is how much of a line is looked at; the rest is passed over.
const longestLine = 64 << 10

// ReadRelayLog reads a Postfix log as a stream, in the traditional form of
// syslog or with RFC 3339 instants, plain or gzip. Only mails with a
// Message-ID of ours are kept; addresses never are. now tells the year where
// the log does not: its lines are not from the future. Times without a zone
// are Japan's.
func ReadRelayLog(r io.Reader, now time.Time) (RelayLog, error) {
	in := bufio.NewReaderSize(r, longestLine)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return RelayLog{}, fmt.Errorf("unpack log: %w", err)
		}
		in = bufio.NewReaderSize(z, longestLine)
	}
	l := logReader{now: now, open: make(map[string]*Sighting), waits: make(map[string]time.Time), log: RelayLog{Seen: make(map[string]*Sighting)}}
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			l.line(bytes.TrimRight(line, "\r\n"))
		}
		for errors.Is(err, bufio.ErrBufferFull) { // the rest of a line of no use
			_, err = in.ReadSlice('\n')
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return l.log, fmt.Errorf("read log: %w", err)
		}
	}
	if l.log.Postfix == 0 {
		return l.log, ErrNotALog
	}
	return l.log, nil
}

// logReader follows the queue IDs under which our mails stand. Short queue
// IDs come again, so one is followed from cleanup to "removed" only; and a log
// may hold the lines of several machines and several instances of Postfix, so
// each is followed in its place.
type logReader struct {
	now   time.Time
	log   RelayLog
	open  map[string]*Sighting
	waits map[string]time.Time // of every mail that was named and not yet taken over: when
}

var (
	queueLine = regexp.MustCompile(`(\S* postfix[^\s\[/]*)[^\s\[]*/([a-z]+)\[\d+\]: ([0-9A-Za-z]{5,32}): (.*)$`) // host and instance, daemon, queue ID
	ourID     = regexp.MustCompile(`^<(\d{16})\.g(\d{1,4})@[0-9A-Za-z.-]{1,255}>$`)
	kept      = regexp.MustCompile(`^(milter-)?(hold|discard): `)
	fate      = regexp.MustCompile(`(?:dsn=([245]\.\d{1,3}\.\d{1,3}), )?status=(sent|deferred|bounced|expired)\b`)
)

// ParseMessageID returns the letter and generation of a Message-ID of our form
// (MessageID), whatever its domain; ok is false for all others.
func ParseMessageID(id string) (letter letters.ID, generation int, ok bool) {
	m := ourID.FindStringSubmatch(id)
	if m == nil {
		return "", 0, false
	}
	if letter, err := letters.ParseID(m[1]); err == nil {
		_, err := fmt.Sscanf(m[2], "%d", &generation)
		return letter, generation, err == nil && generation > 0
	}
	return "", 0, false
}

func (l *logReader) line(line []byte) {
	l.log.Lines++
	if len(line) == 0 {
		return
	}
	at, ok := l.instant(line)
	if ok {
		l.span(at)
	}
	if !bytes.Contains(line, []byte("postfix")) {
		l.log.Suppressed = l.log.Suppressed || dropped(line)
		return
	}
	l.log.Postfix++
	m := queueLine.FindSubmatch(line)
	if m == nil {
		l.log.Suppressed = l.log.Suppressed || dropped(line)
		return
	}
	l.queue(string(m[2]), string(m[1])+" "+string(m[3]), m[4], at)
}

// queue takes one line of a queue ID, which is given with its place.
func (l *logReader) queue(daemon, id string, text []byte, at time.Time) {
	if value, ok := bytes.CutPrefix(text, []byte("message-id=")); ok && daemon == "cleanup" {
		l.named(id, string(bytes.TrimSpace(value)), at)
		return
	}
	// An access table's HOLD and DISCARD come before the mail has its queue ID.
	l.log.Kept = l.log.Kept || daemon == "smtpd" && kept.Match(text)
	active := daemon == "qmgr" && bytes.HasSuffix(text, []byte("(queue active)"))
	if active {
		l.takenOver(id)
	}
	s := l.open[id]
	if s == nil {
		return
	}
	switch {
	case string(text) == "removed":
		delete(l.open, id)
	case daemon == "cleanup" && kept.Match(text):
		s.Kept = true
	case active:
		s.receive(bare(id), at)
	default:
		if m := fate.FindSubmatch(text); m != nil { // a delivery agent has it, so it was queued
			s.receive(bare(id), at)
			s.DSN, s.Status = string(m[1]), string(m[2])
		}
	}
}

// bare is a queue ID without its place.
func bare(id string) string { return id[strings.LastIndexByte(id, ' ')+1:] }

// named opens a queue ID for a mail of ours; one of another system closes it.
func (l *logReader) named(id, messageID string, at time.Time) {
	delete(l.open, id)
	l.waits[id] = at
	if _, _, ours := ParseMessageID(messageID); !ours {
		l.log.Others++
		return
	}
	s := l.log.Seen[messageID]
	if s == nil {
		s = &Sighting{MessageID: messageID, QueueID: bare(id)}
		l.log.Seen[messageID] = s
	}
	if !s.Received {
		s.At = at
	}
	l.open[id] = s
}

// takenOver notes that the queue manager was at work, and how far it had come.
func (l *logReader) takenOver(id string) {
	if at, ok := l.waits[id]; ok && at.After(l.log.TakenOver) {
		l.log.TakenOver = at
	}
	delete(l.waits, id)
}

func (s *Sighting) receive(id string, at time.Time) {
	if !s.Received {
		s.Received, s.QueueID, s.At = true, id, at
	}
}

// span keeps the log's first and last instant. A log that runs back by more
// than a minute was joined from pieces: nothing is said of what it lacks.
func (l *logReader) span(at time.Time) {
	if l.log.First.IsZero() {
		l.log.First = at
	}
	if at.Before(l.log.Last.Add(-time.Minute)) {
		l.log.Suppressed = true
	}
	if at.After(l.log.Last) {
		l.log.Last = at
	}
}

// dropped reports whether a logger says that lines are missing.
func dropped(line []byte) bool {
	for _, sign := range []string{"imuxsock lost", "messages lost", "begin to drop messages", "Suppressed ", "rate-limiting"} {
		if bytes.Contains(line, []byte(sign)) {
			return true
		}
	}
	return false
}

// instant reads a line's time: 2023-02-08T10:00:00.123456+09:00,
// 2023-02-08T10:00:00+0900, or Feb  8 10:00:00 of the latest year that does
// not lie in the future.
func (l *logReader) instant(line []byte) (time.Time, bool) {
	if word, _, _ := bytes.Cut(line, []byte(" ")); len(word) >= 20 && word[4] == '-' {
		for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
			if at, err := time.Parse(form, string(word)); err == nil {
				return at, true
			}
		}
		return time.Time{}, false
	}
	if len(line) < 15 || line[3] != ' ' {
		return time.Time{}, false
	}
	at, err := time.ParseInLocation(time.Stamp, string(line[:15]), letters.Tokyo())
	if err != nil {
		return time.Time{}, false
	}
	today := l.now.In(letters.Tokyo())
	at = at.AddDate(today.Year(), 0, 0)
	if at.After(today.AddDate(0, 0, 1)) {
		at = at.AddDate(-1, 0, 0)
	}
	return at, true
}
