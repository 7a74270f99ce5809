package email

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

func readLog(t *testing.T, text string) RelayLog {
	t.Helper()
	log, err := ReadRelayLog(strings.NewReader(text), time.Date(2023, 2, 9, 0, 0, 0, 0, letters.Tokyo()))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// One mail in each form that Postfix and its loggers write.
func TestRelayLogForms(t *testing.T) {
	t.Parallel()
	id := MessageID(letterID(t), 1, "example.jp")
	for name, c := range map[string]struct {
		text     string
		received bool
		status   string
	}{
		"cleanup alone proves nothing": {"Feb  8 10:00:00 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=" + id, false, ""},
		"and is thrown away": {"Feb  8 10:00:00 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=" + id +
			"\nFeb  8 10:00:01 mx postfix/smtpd[12]: 4F1A2B3C4D: client=localhost[127.0.0.1]\nFeb  8 10:00:01 mx postfix/smtpd[12]: lost connection after DATA (1234 bytes) from localhost[127.0.0.1]", false, ""},
		"queue active": {"Feb  8 10:00:00 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=" + id +
			"\nFeb  8 10:00:00 mx postfix/qmgr[9]: 4F1A2B3C4D: from=<bounces+1@example.jp>, size=900, nrcpt=1 (queue active)", true, ""},
		"another queue ID": {"Feb  8 10:00:00 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=" + id +
			"\nFeb  8 10:00:00 mx postfix/qmgr[9]: 5F1A2B3C4D: from=<a@example.jp>, size=900, nrcpt=1 (queue active)", false, ""},
		"the ID came again for another mail": {"Feb  8 10:00:00 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=" + id +
			"\nFeb  8 10:00:09 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=<other@example.jp>" +
			"\nFeb  8 10:00:10 mx postfix/qmgr[9]: 4F1A2B3C4D: from=<a@example.jp>, size=9, nrcpt=1 (queue active)", false, ""},
		"the same ID on another machine": {"Feb  8 10:00:00 mx1 postfix/cleanup[12]: 4F1A2B3C4D: message-id=" + id +
			"\nFeb  8 10:00:10 mx2 postfix/qmgr[9]: 4F1A2B3C4D: from=<a@example.jp>, size=9, nrcpt=1 (queue active)", false, ""},
		"the same ID in another instance": {"Feb  8 10:00:00 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=" + id +
			"\nFeb  8 10:00:10 mx postfix-in/qmgr[9]: 4F1A2B3C4D: from=<a@example.jp>, size=9, nrcpt=1 (queue active)", false, ""},
		"RFC 3339, long ID, own instance, sent": {"2023-02-08T10:00:00.123456+09:00 mx postfix-out/cleanup[12]: 3NFJxz4kP9z1x: message-id=" + id +
			"\n2023-02-08T10:00:00.2+09:00 mx postfix-out/qmgr[9]: 3NFJxz4kP9z1x: from=<a@example.jp>, size=900, nrcpt=1 (queue active)" +
			"\n2023-02-08T10:00:01.2+09:00 mx postfix-out/smtp[9]: 3NFJxz4kP9z1x: to=<taro@example.jp>, relay=mx.example.jp[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 77AB)" +
			"\n2023-02-08T10:00:01.3+09:00 mx postfix-out/qmgr[9]: 3NFJxz4kP9z1x: removed", true, "sent"},
		"a host named postfix1, bounced": {"2023-02-08T10:00:00+0900 postfix1 postfix/cleanup[12]: A1B2C3: message-id=" + id +
			"\n2023-02-08T10:00:01+0900 postfix1 postfix/smtp[9]: A1B2C3: to=<taro@example.jp>, relay=none, delay=1, dsn=5.1.1, status=bounced (host said: 550 5.1.1)", true, "bounced"},
		"deferred, then expired": {"Feb  8 10:00:00 mx postfix/cleanup[12]: A1B2C3: message-id=" + id +
			"\nFeb  8 10:00:01 mx postfix/smtp[9]: A1B2C3: to=<taro@example.jp>, relay=none, dsn=4.4.1, status=deferred (timeout)" +
			"\nFeb  8 11:00:01 mx postfix/qmgr[9]: A1B2C3: from=<a@example.jp>, status=expired, returned to sender", true, "expired"},
	} {
		log := readLog(t, c.text+"\n")
		s := log.Seen[id]
		if s == nil || s.Received != c.received || s.Status != c.status {
			t.Errorf("%s: %+v, want received %v, status %q", name, s, c.received, c.status)
		}
		if s != nil && c.received && s.At.In(letters.Tokyo()).Format("2006-01-02 15") != "2023-02-08 10" {
			t.Errorf("%s: received at %s", name, s.At)
		}
		if strings.Contains(fmt.Sprintf("%+v", *s), "taro") {
			t.Errorf("%s: an address is kept", name)
		}
	}
}

// An access table holds or discards a mail before it has its queue ID, so that
// the line tells of none: whatever stands in such a log by name alone may be it.
func TestRelayLogKeptBeforeTheQueue(t *testing.T) {
	t.Parallel()
	id := MessageID(letterID(t), 1, "example.jp")
	named := "Feb  8 10:00:00 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=" + id + "\n"
	for text, want := range map[string]bool{
		named: false,
		"Feb  8 10:00:00 mx postfix/smtpd[7]: NOQUEUE: reject: RCPT from a[192.0.2.1]: 450 4.7.1 no; from=<a> to=<b>\n" + named:                             false,
		"Feb  8 10:00:00 mx postfix/smtpd[7]: NOQUEUE: hold: RCPT from a[192.0.2.1]: <a>: triggers HOLD action; from=<a> to=<b>\n" + named:                  true,
		"Feb  8 10:00:00 mx postfix/submission/smtpd[7]: NOQUEUE: discard: RCPT from a[192.0.2.1]: <a>: triggers DISCARD action; from=<a> to=<b>\n" + named: true,
	} {
		if log := readLog(t, text); log.Kept != want {
			t.Errorf("kept %t, want %t, by\n%s", log.Kept, want, text)
		}
	}
}

// Mails of other systems are counted; last year's December is last year's; a
// log that says it lost lines, or runs back, is not whole.
func TestRelayLogAsAWhole(t *testing.T) {
	t.Parallel()
	log := readLog(t, "Dec 31 23:59:59 mx postfix/cleanup[1]: AAAAAA: message-id=<x@other>\nJan  2 00:00:00 mx postfix/cleanup[1]: AAAAAB: message-id=<y@other>\nbroken line\n")
	if log.Others != 2 || log.Lines != 3 || log.First.Year() != 2022 || log.Last.Year() != 2023 || log.Suppressed {
		t.Errorf("log %+v", log)
	}
	for _, text := range []string{
		"Feb  1 00:00:00 mx postfix/qmgr[1]: x\nFeb  1 00:00:01 mx systemd-journald[1]: Suppressed 120 messages from postfix.service\n",
		"Feb  1 00:00:00 mx postfix/qmgr[1]: x\nFeb  1 00:00:01 mx rsyslogd: imuxsock lost 20 messages from pid 7 due to rate-limiting\n",
		"Feb  2 00:00:00 mx postfix/qmgr[1]: x\nFeb  1 00:00:00 mx postfix/qmgr[1]: x\n",
	} {
		if !readLog(t, text).Suppressed {
			t.Errorf("taken for whole:\n%s", text)
		}
	}
	if _, err := ReadRelayLog(strings.NewReader("a,b\n1,2\n"), time.Now()); !errors.Is(err, ErrNotALog) {
		t.Errorf("a list: %v, want ErrNotALog", err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprintf(z, "Feb  1 00:00:00 mx postfix/cleanup[1]: AAAAAA: message-id=<x@other>\n%s\n", strings.Repeat("x", 3*longestLine))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if log, err := ReadRelayLog(&packed, time.Now()); err != nil || log.Lines != 2 || log.Others != 1 {
		t.Errorf("packed log: %+v, %v", log, err)
	}
}

// How far the queue manager had come is told by the mails that it took over,
// anybody's, and by when cleanup named them: a mail tried again, or named and
// not taken, shows nothing.
func TestRelayLogShowsTheQueueAtWork(t *testing.T) {
	t.Parallel()
	const first = "Feb  8 10:00:00 mx postfix/cleanup[1]: AAAAAA: message-id=<x@other>\nFeb  8 10:00:01 mx postfix/qmgr[1]: AAAAAA: from=<a@other>, size=9, nrcpt=1 (queue active)\n"
	for _, c := range []struct{ what, more, want string }{
		{"taken over", "", "10:00"},
		{"tried again at noon", "Feb  8 12:00:00 mx postfix/qmgr[1]: AAAAAA: from=<a@other>, size=9, nrcpt=1 (queue active)\n", "10:00"},
		{"another named at noon, and no more", "Feb  8 12:00:00 mx postfix/cleanup[1]: AAAAAB: message-id=<y@other>\n", "10:00"},
		{"another taken over at noon", "Feb  8 11:59:00 mx postfix/cleanup[1]: AAAAAB: message-id=<y@other>\nFeb  8 12:00:00 mx postfix/qmgr[1]: AAAAAB: from=<a@other>, size=9, nrcpt=1 (queue active)\n", "11:59"},
	} {
		if got := readLog(t, first+c.more).TakenOver.In(letters.Tokyo()).Format("15:04"); got != c.want {
			t.Errorf("%s: the queue manager had come to %s, want %s", c.what, got, c.want)
		}
	}
	if got := readLog(t, "Feb  8 10:00:00 mx postfix/cleanup[1]: AAAAAA: message-id=<x@other>\n").TakenOver; !got.IsZero() {
		t.Errorf("nothing was taken over, and yet %s", got)
	}
}

// logOf gives n mails of other systems as Postfix logs them, about 700 bytes
// each, without holding them.
type logOf struct {
	n    int
	rest []byte
}

func (l *logOf) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if l.n == 0 {
			return 0, io.EOF
		}
		l.n--
		id := fmt.Sprintf("%010X", l.n)
		l.rest = []byte("Feb  8 10:00:00 mx postfix/smtpd[12]: " + id + ": client=mail.example.jp[192.0.2.7]\n" +
			"Feb  8 10:00:00 mx postfix/cleanup[12]: " + id + ": message-id=<" + id + "@other.example.jp>\n" +
			"Feb  8 10:00:00 mx postfix/qmgr[9]: " + id + ": from=<a@example.jp>, size=900, nrcpt=1 (queue active)\n" +
			"Feb  8 10:00:00 mx postfix/smtp[9]: " + id + ": to=<x@example.jp>, relay=mx.example.jp[192.0.2.1]:25, delay=1.2, delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 77AB)\n" +
			"Feb  8 10:00:00 mx postfix/qmgr[9]: " + id + ": removed\n")
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// Other systems' mails take no memory, however many there are.
func BenchmarkRelayLog(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		in := &logOf{n: 20_000}
		log, err := ReadRelayLog(in, time.Date(2023, 2, 9, 0, 0, 0, 0, time.UTC))
		if err != nil || log.Others != 20_000 || len(log.Seen) != 0 {
			b.Fatalf("%+v, %v", log, err)
		}
	}
}
