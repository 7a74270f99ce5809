package email

import (
	"bytes"
	"context"
	"errors"
	"io"
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
// Why the dot cannot leave early: net/textproto's DotWriter, on which go-mail
// writes, gives out the dot in its Close alone, and the buffer below it is
// flushed here by hand, so before Close everything else is on its way and the
// dot does not exist. One trap remains: any further command on the client
// (QUIT, RSET, NOOP) first closes an open DotWriter and so ends the message.
// Once DATA is answered no command is sent until the dot is; whenever
// something fails between, the connection is reset (drop), never quit. A
// server that sees the connection end within the data must not deliver
// (RFC 5321 section 4.1.1.4).
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
	body, err := s.conn.Data()
	if err != nil {
		out := conclude(StageData, err, e.To)
		s.recover(out)
		return out
	}
	if err := s.writeBody(body, e.Message); err != nil {
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
	return s.dot(body, e.To)
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

// writeBody writes and flushes everything but the dot. Bytes that already lie
// in the reading buffer are no answer to the dot and must not become one.
func (s *Sender) writeBody(body io.Writer, message []byte) error {
	if _, err := body.Write(message); err != nil {
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

// dot sends the final dot and awaits its answer.
func (s *Sender) dot(body io.WriteCloser, to string) Outcome {
	_ = s.conn.UpdateDeadline(s.config.DotTimeout)
	failpoint.Reach("before dot", "mail")
	err := body.Close()
	failpoint.Reach("after dot", "mail")
	code, reply := 250, ""
	if answered, ok := body.(interface{ ServerResponse() string }); ok {
		reply = answered.ServerResponse()
	}
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
