package email

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"time"

	"oshirase/letters/failpoint"
)

// Envelope is one message with its SMTP sender and its one recipient. Message
// has CRLF lines and ends with one.
type Envelope struct {
	From, To string
	Message  []byte
}

// Sender hands mails to one server over one connection that it keeps between
// mails. It is for one goroutine; a worker has several.
type Sender struct {
	config Config
	conn   *connection
	sent   int // mails on this connection
}

// NewSender returns an error that names the setting when the server's
// configuration cannot be used; it does not dial.
func NewSender(c Config) (*Sender, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return &Sender{config: c.withDefaults()}, nil
}

// Send hands one mail over and says what may be concluded.
//
// The order is the promise. MAIL, RCPT and DATA are answered; the whole
// message is written and flushed to the connection, all but the terminating
// ".\r\n"; then beforeDot runs, where the ledger commits handing_over and the
// journal is fsynced; only then is the dot sent and its answer awaited.
//
// Why the dot cannot leave early: the message is written here and not through
// net/textproto's DotWriter, which any further command on the client (QUIT,
// RSET, NOOP) would close and so end the message. Once DATA is answered no
// command is sent until the dot is; whenever something fails between, the
// connection is reset (drop), never quit. A server that sees the connection
// end within the data must not deliver (RFC 5321 section 4.1.1.4).
//
// A cancelled ctx ends everything up to beforeDot with NotSent; from then on
// the answer is still awaited, at most StopGrace after the cancellation and at
// most DotTimeout in all. When beforeDot fails nothing is handed over: NotSent,
// StageLedger.
func (s *Sender) Send(ctx context.Context, e Envelope, beforeDot func() error) Outcome {
	if err := checkEnvelope(e); err != nil {
		return Outcome{Kind: Refused, Stage: StageCheck, Reply: err.Error()}
	}
	reused := s.conn != nil
	out, ok := s.upToData(ctx, e)
	if !ok && reused && stale(out) && ctx.Err() == nil {
		out, ok = s.upToData(ctx, e)
	}
	if !ok {
		return out
	}
	return s.handOver(ctx, e, beforeDot)
}

// stale reports whether a kept connection had been closed by the server while
// it was idle, silently or with 421: that says nothing about this mail.
func stale(out Outcome) bool {
	return out.Kind == NotSent || out.Stage == StageMail && out.Code == 421
}

// Close says QUIT. Its answer changes nothing for any mail.
func (s *Sender) Close() {
	if s.conn == nil {
		return
	}
	_ = s.conn.UpdateDeadline(s.config.DialTimeout)
	_ = s.conn.Quit()
	s.drop()
}

func checkEnvelope(e Envelope) error {
	if err := errors.Join(CheckAddress(e.From), CheckAddress(e.To)); err != nil {
		return ErrAddress
	}
	if !bytes.HasSuffix(e.Message, []byte("\r\n")) {
		return ErrIncomplete
	}
	// A bare CR or LF is a line to some servers and none to others: a message
	// may end for one where it goes on for the next.
	lines := bytes.Count(e.Message, []byte("\r\n"))
	if bytes.Count(e.Message, []byte{'\n'}) != lines || bytes.Count(e.Message, []byte{'\r'}) != lines {
		return ErrIncomplete
	}
	return nil
}

// upToData brings the connection to the point where the server has answered
// 354, or says why not. A connection that cannot be trusted is dropped.
func (s *Sender) upToData(ctx context.Context, e Envelope) (Outcome, bool) {
	if s.conn == nil {
		conn, err := s.config.connect(ctx)
		if err != nil {
			return conclude(StageConnect, err, e.To), false
		}
		s.conn, s.sent = conn, 0
	}
	stop := context.AfterFunc(ctx, s.conn.drop)
	defer stop()
	steps := []struct {
		stage Stage
		do    func() error
	}{
		{StageMail, func() error { return s.conn.Mail("<" + e.From + ">") }},
		{StageRcpt, func() error { return s.conn.Rcpt("<" + e.To + ">") }},
	}
	for _, step := range steps {
		_ = s.conn.UpdateDeadline(s.config.CommandTimeout)
		if err := step.do(); err != nil {
			out := conclude(step.stage, err, e.To)
			s.recover(out)
			return out, false
		}
	}
	return Outcome{}, true
}

// recover makes the connection usable after an answer that refused, by RSET,
// and drops it in every other case; 421 announces that the server hangs up.
func (s *Sender) recover(out Outcome) {
	refused := out.Kind == Deferred || out.Kind == Refused
	if !refused || out.Code == 421 || s.conn.Reset() != nil {
		s.drop()
	}
}

func (s *Sender) drop() {
	s.conn.drop()
	s.conn = nil
}

// handOver is DATA, body, beforeDot, dot.
func (s *Sender) handOver(ctx context.Context, e Envelope, beforeDot func() error) Outcome {
	stop := context.AfterFunc(ctx, s.conn.drop)
	defer stop()
	_ = s.conn.UpdateDeadline(s.config.CommandTimeout)
	if err := s.data(); err != nil {
		out := conclude(StageData, err, e.To)
		s.recover(out)
		return out
	}
	if err := s.writeBody(e.Message); err != nil {
		s.drop()
		return Outcome{Kind: NotSent, Stage: StageBody}
	}
	if !stop() {
		s.drop()
		return Outcome{Kind: NotSent, Stage: StageBody}
	}
	if err := beforeDot(); err != nil {
		s.drop()
		return Outcome{Kind: NotSent, Stage: StageLedger}
	}
	release := afterGrace(ctx, s.config.StopGrace, s.conn.drop)
	defer release()
	return s.dot(e.To)
}

// afterGrace runs f once ctx has been over for a while, unless released.
func afterGrace(ctx context.Context, grace time.Duration, f func()) (release func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			f()
		case <-done:
		}
	})
	return func() { stop(); close(done) }
}

// errEarly says that the server spoke before the message was complete.
var errEarly = errors.New("reply before the end of the message")

// data asks to send the message and awaits 354.
func (s *Sender) data() error {
	text := s.conn.Text
	id, err := text.Cmd("DATA")
	if err != nil {
		return err
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	_, _, err = text.ReadResponse(354)
	return err
}

// writeBody writes and flushes everything but the dot. Bytes that already lie
// in the reading buffer are no answer to the dot and must not become one.
func (s *Sender) writeBody(message []byte) error {
	if err := stuff(s.conn.Text.W, message); err != nil {
		return err
	}
	if err := s.conn.Text.W.Flush(); err != nil {
		return err
	}
	if s.conn.Text.R.Buffered() > 0 {
		return errEarly
	}
	return nil
}

// stuff doubles the dots at the beginning of lines (RFC 5321 section 4.5.2).
func stuff(w *bufio.Writer, message []byte) error {
	if bytes.HasPrefix(message, []byte{'.'}) {
		if err := w.WriteByte('.'); err != nil {
			return err
		}
	}
	for {
		i := bytes.Index(message, []byte("\n."))
		if i < 0 {
			_, err := w.Write(message)
			return err
		}
		if _, err := w.Write(message[:i+2]); err != nil {
			return err
		}
		message = message[i+1:]
	}
}

// dot sends the final dot and awaits its answer.
func (s *Sender) dot(to string) Outcome {
	_ = s.conn.UpdateDeadline(s.config.DotTimeout)
	failpoint.Reach("before dot", "mail")
	code, reply, err := s.finalDot()
	failpoint.Reach("after dot", "mail")
	out := concludeDot(code, reply, err, to)
	s.sent++
	switch {
	case out.Kind == Uncertain || out.Code == 421:
		s.drop()
	case s.sent >= s.config.MailsPerConnection:
		s.Close()
	}
	return out
}

func (s *Sender) finalDot() (code int, reply string, err error) {
	text := s.conn.Text
	id, err := text.Cmd(".") // with the line break that ends the last line: CRLF . CRLF
	if err != nil {
		return 0, "", err
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	return text.ReadResponse(2)
}
