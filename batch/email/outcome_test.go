package email

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	from = "bounces+1000000000000012.g1@example.jp"
	to   = "denryoku.taro@example.jp"
)

func sample() Envelope {
	return Envelope{From: from, To: to, Message: []byte("Subject: test\r\n\r\n.first line has a dot\r\nlast\r\n")}
}

// ending is one way in which handing over a mail ends.
type ending struct {
	name    string
	do      map[string]string
	ext     []string
	tls     TLS    // "" = none
	user    string // who logs in
	quick   string // step whose time-out is made short: "dial", "command" or "dot"
	kind    Kind
	stage   Stage
	code    int
	has     bool // the server holds the mail afterwards
	atDot   bool // beforeDot ran: the ledger says handing_over
	dropped bool // the connection must be gone afterwards
}

func endings() []ending {
	return []ending{
		{name: "all well", kind: Accepted, stage: StageDot, code: 250, has: true, atDot: true},
		{name: "8BITMIME, SMTPUTF8, DSN and SIZE offered", ext: []string{"8BITMIME", "SMTPUTF8", "DSN", "SIZE 1000000"},
			kind: Accepted, stage: StageDot, code: 250, has: true, atDot: true},
		{name: "another 2xx after dot", do: map[string]string{"dot": "251 will forward"},
			kind: Accepted, stage: StageDot, code: 251, has: true, atDot: true},
		{name: "accepts, then refuses RSET", do: map[string]string{"RSET": "500 no"}, kind: Accepted, stage: StageDot, code: 250, has: true, atDot: true},
		{name: "accepts, then drops at RSET", do: map[string]string{"RSET": hangUp}, kind: Accepted, stage: StageDot, code: 250, has: true, atDot: true},
		{name: "accepts, then 421 at RSET", do: map[string]string{"RSET": "421 bye"}, kind: Accepted, stage: StageDot, code: 250, has: true, atDot: true},
		{name: "accepts, then refuses QUIT", do: map[string]string{"QUIT": "500 no"}, kind: Accepted, stage: StageDot, code: 250, has: true, atDot: true},
		{name: "accepts, then drops at QUIT", do: map[string]string{"QUIT": hangUp}, kind: Accepted, stage: StageDot, code: 250, has: true, atDot: true},

		{name: "drop after dot", do: map[string]string{"dot": hangUp}, kind: Uncertain, stage: StageDot, has: true, atDot: true, dropped: true},
		{name: "hang after dot, time-out", do: map[string]string{"dot": hang}, quick: "dot", kind: Uncertain, stage: StageDot, has: true, atDot: true, dropped: true},
		{name: "nonsense after dot", do: map[string]string{"dot": "xyz"}, kind: Uncertain, stage: StageDot, has: true, atDot: true, dropped: true},
		{name: "3xx after dot", do: map[string]string{"dot": "354 go on"}, kind: Uncertain, stage: StageDot, code: 354, atDot: true, dropped: true},
		{name: "slow drip after dot", do: map[string]string{"dot": drip}, quick: "dot", kind: Uncertain, stage: StageDot, atDot: true, has: true, dropped: true},
		{name: "450 after dot", do: map[string]string{"dot": "450 later"}, kind: Deferred, stage: StageDot, code: 450, atDot: true},
		{name: "550 after dot", do: map[string]string{"dot": "550 no"}, kind: Refused, stage: StageDot, code: 550, atDot: true},
		{name: "451 after dot", do: map[string]string{"dot": "451 later"}, kind: Deferred, stage: StageDot, code: 451, atDot: true},
		{name: "421 after dot", do: map[string]string{"dot": "421 closing"}, kind: Deferred, stage: StageDot, code: 421, atDot: true, dropped: true},
		{name: "554 after dot", do: map[string]string{"dot": "554 no"}, kind: Refused, stage: StageDot, code: 554, atDot: true},

		{name: "drop during the body", do: map[string]string{"body": hangUp}, kind: Uncertain, stage: StageDot, atDot: true, dropped: true},

		{name: "nobody listens", do: map[string]string{"greet": "(closed)"}, kind: NotSent, stage: StageConnect, dropped: true},
		{name: "drop at greeting", do: map[string]string{"greet": hangUp}, kind: NotSent, stage: StageConnect, dropped: true},
		{name: "hang at greeting", do: map[string]string{"greet": hang}, quick: "dial", kind: NotSent, stage: StageConnect, dropped: true},
		{name: "554 at greeting", do: map[string]string{"greet": "554 go away"}, kind: NotSent, stage: StageConnect, code: 554, dropped: true},
		{name: "421 at greeting", do: map[string]string{"greet": "421 busy"}, kind: NotSent, stage: StageConnect, code: 421, dropped: true},
		{name: "drop at EHLO", do: map[string]string{"EHLO": hangUp}, kind: NotSent, stage: StageConnect, dropped: true},
		{name: "hang at EHLO", do: map[string]string{"EHLO": hang}, quick: "dial", kind: NotSent, stage: StageConnect, dropped: true},
		{name: "451 at EHLO", do: map[string]string{"EHLO": "451 later"}, kind: NotSent, stage: StageConnect, code: 451, dropped: true},
		{name: "550 at EHLO", do: map[string]string{"EHLO": "550 no"}, kind: NotSent, stage: StageConnect, code: 550, dropped: true},

		{name: "454 at STARTTLS", do: map[string]string{"STAR": "454 TLS not available"}, ext: []string{"STARTTLS"}, tls: StartTLS,
			kind: NotSent, stage: StageConnect, code: 454, dropped: true},
		{name: "501 at STARTTLS", do: map[string]string{"STAR": "501 no"}, ext: []string{"STARTTLS"}, tls: StartTLS,
			kind: NotSent, stage: StageConnect, code: 501, dropped: true},
		{name: "drop in the TLS handshake", do: map[string]string{"STAR": hangUp}, ext: []string{"STARTTLS"}, tls: StartTLS,
			kind: NotSent, stage: StageConnect, dropped: true},
		{name: "STARTTLS not offered", tls: StartTLS, kind: NotSent, stage: StageConnect, dropped: true},
		{name: "454 at AUTH", do: map[string]string{"AUTH": "454 later"}, ext: []string{"AUTH PLAIN"}, user: "oshirase",
			kind: NotSent, stage: StageConnect, code: 454, dropped: true},
		{name: "535 at AUTH", do: map[string]string{"AUTH": "535 no"}, ext: []string{"AUTH PLAIN"}, user: "oshirase",
			kind: NotSent, stage: StageConnect, code: 535, dropped: true},

		{name: "drop at MAIL", do: map[string]string{"MAIL": hangUp}, kind: NotSent, stage: StageMail, dropped: true},
		{name: "hang at MAIL", do: map[string]string{"MAIL": hang}, quick: "command", kind: NotSent, stage: StageMail, dropped: true},
		{name: "421 at MAIL", do: map[string]string{"MAIL": "421 closing"}, kind: Deferred, stage: StageMail, code: 421, dropped: true},
		{name: "451 at MAIL", do: map[string]string{"MAIL": "451 later"}, kind: Deferred, stage: StageMail, code: 451},
		{name: "550 at MAIL", do: map[string]string{"MAIL": "550 no"}, kind: Refused, stage: StageMail, code: 550},

		{name: "drop at RCPT", do: map[string]string{"RCPT": hangUp}, kind: NotSent, stage: StageRcpt, dropped: true},
		{name: "hang at RCPT", do: map[string]string{"RCPT": hang}, quick: "command", kind: NotSent, stage: StageRcpt, dropped: true},
		{name: "421 at RCPT", do: map[string]string{"RCPT": "421 closing"}, kind: Deferred, stage: StageRcpt, code: 421, dropped: true},
		{name: "450 at MAIL", do: map[string]string{"MAIL": "450 later"}, kind: Deferred, stage: StageMail, code: 450},
		{name: "slow drip at RCPT", do: map[string]string{"RCPT": drip}, quick: "command", kind: NotSent, stage: StageRcpt, dropped: true},
		{name: "450 at RCPT", do: map[string]string{"RCPT": "450 greylisted"}, kind: Deferred, stage: StageRcpt, code: 450},
		{name: "550 at RCPT", do: map[string]string{"RCPT": "550 5.1.1 <" + to + ">: no such user"}, kind: Refused, stage: StageRcpt, code: 550},
		{name: "550 at RCPT, then drop at RSET", do: map[string]string{"RCPT": "550 no", "RSET": hangUp}, kind: Refused, stage: StageRcpt, code: 550, dropped: true},

		{name: "drop at DATA", do: map[string]string{"DATA": hangUp}, kind: NotSent, stage: StageData, dropped: true},
		{name: "hang at DATA", do: map[string]string{"DATA": hang}, quick: "command", kind: NotSent, stage: StageData, dropped: true},
		{name: "421 at DATA", do: map[string]string{"DATA": "421 closing"}, kind: Deferred, stage: StageData, code: 421, dropped: true},
		{name: "451 at DATA", do: map[string]string{"DATA": "451 later"}, kind: Deferred, stage: StageData, code: 451},
		{name: "554 at DATA", do: map[string]string{"DATA": "554 no"}, kind: Refused, stage: StageData, code: 554},
		{name: "250 at DATA", do: map[string]string{"DATA": "250 fine"}, kind: NotSent, stage: StageData, code: 250, dropped: true},
		{name: "two replies at DATA", do: map[string]string{"DATA": "354 go on\n250 queued"}, kind: NotSent, stage: StageBody, dropped: true},
	}
}

// TestEndings is the table of what may be concluded from every ending of an
// SMTP transaction. The rule that matters most is checked for each: whoever
// holds the mail is never called not sent, deferred or refused, and a mail
// that the server lacks is never called accepted.
func TestEndings(t *testing.T) {
	t.Parallel()
	for _, e := range endings() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			password := filepath.Join(t.TempDir(), "password")
			if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			// On a busy machine a short time-out may be reached before the step
			// that is to reach it: then a longer one is tried.
			for soon := 100 * time.Millisecond; ; soon *= 5 {
				server := startBad(t, e.do, e.ext...)
				sender, err := NewSender(e.config(server, password, soon))
				if err != nil {
					t.Fatal(err)
				}
				atDot := false
				out := sender.Send(t.Context(), sample(), func() error { atDot = true; return nil })
				if e.quick == "" || server.hasStuck() || soon > time.Minute {
					e.compare(t, server, out, atDot, sender.conn == nil)
					sender.Close()
					return
				}
				sender.Close()
			}
		})
	}
}

// TestTheNamedEndings holds the table above against the endings that the
// behaviour of go-mail was measured with: each must be in it by its name.
func TestTheNamedEndings(t *testing.T) {
	t.Parallel()
	found := make(map[string]ending)
	for _, e := range endings() {
		if _, twice := found[e.name]; twice {
			t.Errorf("ending %q stands there twice", e.name)
		}
		found[e.name] = e
	}
	for name, want := range map[string]Kind{
		"all well":                    Accepted,
		"accepts, then refuses RSET":  Accepted,
		"accepts, then drops at RSET": Accepted,
		"accepts, then 421 at RSET":   Accepted,
		"accepts, then refuses QUIT":  Accepted,
		"drop after dot":              Uncertain,
		"hang after dot, time-out":    Uncertain,
		"slow drip after dot":         Uncertain,
		"451 after dot":               Deferred,
		"554 after dot":               Refused,
		"drop during the body":        Uncertain,
		"drop at DATA":                NotSent,
		"451 at DATA":                 Deferred,
		"554 at DATA":                 Refused,
		"drop at RCPT":                NotSent,
		"450 at RCPT":                 Deferred,
		"550 at RCPT":                 Refused,
		"drop at MAIL":                NotSent,
	} {
		if e, ok := found[name]; !ok || e.kind != want {
			t.Errorf("%s: %s, want %s in the table", name, e.kind, want)
		}
	}
}

// TestBodyThatCannotBeWritten: the connection dies under the message; whatever
// the server has of it, it has no dot.
func TestBodyThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	server := startBad(t, map[string]string{"body": hangUp})
	sender, _ := NewSender(server.config())
	big := sample()
	big.Message = append(big.Message, strings.Repeat("0123456789012345678901234567890123456789\r\n", 400_000)...)
	out := sender.Send(t.Context(), big, func() error { t.Error("the dot was reached"); return nil })
	if out.Kind != NotSent || out.Stage != StageBody || sender.conn != nil || len(server.received()) != 0 {
		t.Errorf("got %+v with %d mails at the server", out, len(server.received()))
	}
}

func (e ending) config(s *badServer, password string, soon time.Duration) Config {
	c := s.config()
	switch e.quick {
	case "dial":
		c.DialTimeout = soon
	case "command":
		c.CommandTimeout = soon
	case "dot":
		c.DotTimeout = soon
	}
	if e.do["greet"] == "(closed)" {
		c.Port = 1
	}
	if e.tls != "" {
		c.TLS = e.tls
	}
	c.User, c.PasswordFile = e.user, password
	return c
}

func (e ending) compare(t *testing.T, server *badServer, out Outcome, atDot, dropped bool) {
	t.Helper()
	if has := len(server.received()) == 1; has != e.has {
		t.Errorf("server holds the mail: %v, want %v", has, e.has)
	}
	safe := out.Kind == NotSent || out.Kind == Deferred || out.Kind == Refused
	if has := len(server.received()) > 0; has && safe || !has && out.Kind == Accepted {
		t.Errorf("outcome %s although the server holds the mail: %v", out.Kind, has)
	}
	if out.Kind != e.kind || out.Stage != e.stage || out.Code != e.code {
		t.Errorf("got %s at %s code %d, want %s at %s code %d", out.Kind, out.Stage, out.Code, e.kind, e.stage, e.code)
	}
	if atDot != e.atDot {
		t.Errorf("beforeDot ran: %v, want %v", atDot, e.atDot)
	}
	if dropped != e.dropped {
		t.Errorf("connection dropped: %v, want %v", dropped, e.dropped)
	}
	if strings.Contains(out.Reply, "@") || strings.Contains(out.Reply, "taro") {
		t.Errorf("reply holds an address: %q", out.Reply)
	}
}

// TestNothingBeforeDot holds the promise that the server cannot have the mail
// before beforeDot has returned, and that it has all of it but the dot.
func TestNothingBeforeDot(t *testing.T) {
	t.Parallel()
	server := startBad(t, nil)
	sender, _ := NewSender(server.config())
	defer sender.Close()
	out := sender.Send(t.Context(), sample(), func() error {
		if n := len(server.received()); n != 0 {
			t.Errorf("server holds %d mails before the dot", n)
		}
		if n := sender.conn.Text.W.Buffered(); n != 0 {
			t.Errorf("%d bytes are not flushed before the dot", n)
		}
		return nil
	})
	if out.Kind != Accepted || out.Reply != "2.0.0 Ok: queued as 4XyZ12AbC" {
		t.Errorf("got %+v", out)
	}
	want := strings.ReplaceAll(string(sample().Message), "\r\n", "\n")
	if got := server.received()[0]; got != want {
		t.Errorf("message arrived as %q, want %q", got, want)
	}
}

// TestLedgerRefuses: when handing_over cannot be committed the server must end
// without the mail, whatever its size, and must never see QUIT or RSET, which
// would end the message for it.
func TestLedgerRefuses(t *testing.T) {
	t.Parallel()
	server := startBad(t, nil)
	sender, _ := NewSender(server.config())
	big := sample()
	big.Message = append(big.Message, strings.Repeat("0123456789012345678901234567890123456789012345678901234567890123456789\r\n", 20000)...)
	for _, e := range []Envelope{sample(), big} {
		out := sender.Send(t.Context(), e, func() error { return errors.New("disk full") })
		if out.Kind != NotSent || out.Stage != StageLedger || sender.conn != nil {
			t.Errorf("got %+v, connection kept: %v", out, sender.conn != nil)
		}
	}
	out := sender.Send(t.Context(), sample(), func() error { return nil })
	sender.Close()
	if out.Kind != Accepted || len(server.received()) != 1 {
		t.Errorf("afterwards: got %+v and %d mails, want one accepted", out, len(server.received()))
	}
	quits := 0
	for _, line := range server.commands() {
		if line == "QUIT" || line == "RSET" {
			quits++
		}
	}
	if quits != 1 {
		t.Errorf("server saw %d QUIT or RSET, want the one at the end", quits)
	}
}

func TestCleanReply(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"2.0.0 Ok: queued as 4XyZ12AbC":                    "2.0.0 Ok: queued as 4XyZ12AbC",
		"<denryoku.taro@example.jp>: user unknown":         "(address): user unknown",
		"to=\"a b\"@example.jp refused":                    "to=(address) refused",
		"user denryoku.taro is over quota":                 "user (address) is over quota",
		"DENRYOKU.TARO\r\nunknown\x00":                     "(address) unknown",
		"mailto:Denryoku.Taro@EXAMPLE.JP, (taro@x.y) bad ": "(address) (address) bad",
		"550 電力 太郎 様: 080-0000-0001 no":                    "550 : (number) no",
		strings.Repeat("a", 300):                           strings.Repeat("a", 200),
	}
	for in, want := range cases {
		if got := clean(in, to); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}
