package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
)

// pauses of the endings: long enough to be killed in, short enough to wait for.
const (
	hang = 700 * time.Millisecond
	drip = 2 * time.Millisecond
)

type server struct {
	files   *files
	endings []weighted
	seed    uint64
	delay   time.Duration // of the ending delay
	until   string        // file for whose appearing it waits instead; "" = none

	mu    sync.Mutex
	tries map[string]int // transactions of each sender address
	queue int            // number of the last queue ID
}

// serve answers until the listener is closed, and waits for nobody.
func (s *server) serve(ctx context.Context, l net.Listener) error {
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go (&session{server: s, conn: c, in: textproto.NewReader(bufio.NewReader(c))}).talk()
	}
}

// session is one connection.
type session struct {
	*server
	conn   net.Conn
	in     *textproto.Reader
	ending string
	from   string
	rcpt   []string
	queued string // the transaction's queue ID, given at RCPT as Postfix does
}

func (c *session) talk() {
	defer c.conn.Close()
	if c.ending = c.server.ending("greeting"); c.ending == "hello-554" {
		c.say("554 5.7.1 not now")
		return
	}
	c.ending = ""
	c.server.files.say("smtpd", "connect from localhost[127.0.0.1]")
	c.say("220 witness ESMTP")
	for {
		line, err := c.in.ReadLine()
		if err != nil {
			c.server.files.say("smtpd", "lost connection after "+c.stage()+" from localhost[127.0.0.1]")
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		if !c.command(strings.ToLower(verb), rest) {
			return
		}
	}
}

func (c *session) stage() string {
	switch {
	case len(c.rcpt) > 0:
		return "RCPT"
	case c.from != "":
		return "MAIL"
	}
	return "CONNECT"
}

// command answers one command and reports whether the session goes on.
func (c *session) command(verb, rest string) bool {
	switch verb {
	case "ehlo", "helo":
		return c.say("250-witness\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 67108864")
	case "mail":
		return c.mail(rest)
	case "rcpt":
		return c.recipient(rest)
	case "data":
		return c.data()
	case "rset":
		return c.reset()
	case "noop":
		return c.say("250 2.0.0 Ok")
	case "quit":
		c.say("221 2.0.0 Bye")
		return false
	}
	return c.say("502 5.5.2 not known")
}

var bracketed = regexp.MustCompile(`<([^>]*)>`)

func (c *session) mail(rest string) bool {
	m := bracketed.FindStringSubmatch(rest)
	if m == nil {
		return c.say("501 5.1.7 no address")
	}
	c.from, c.rcpt = m[1], nil
	c.ending = c.server.ending(c.from)
	return c.refuse("mail", func() bool { return c.say("250 2.1.0 Ok") })
}

func (c *session) recipient(rest string) bool {
	m := bracketed.FindStringSubmatch(rest)
	if m == nil || c.from == "" {
		return c.say("503 5.5.1 no sender or no recipient")
	}
	if c.ending == "rset-500" || c.ending == "rset-drop" {
		return c.say("450 4.2.0 later")
	}
	return c.refuse("rcpt", func() bool {
		c.rcpt = append(c.rcpt, m[1])
		c.queued = c.server.nextQueue()
		c.server.files.say("smtpd", c.queued+": client=localhost[127.0.0.1]")
		return c.say("250 2.1.5 Ok")
	})
}

// refuse ends a command as the ending says, else goes on.
func (c *session) refuse(step string, otherwise func() bool) bool {
	switch c.ending {
	case "drop-" + step:
		return false
	case "421-" + step:
		c.say("421 4.3.2 closing")
		return false
	case step + "-450":
		return c.say("450 4.2.0 later")
	case step + "-550":
		return c.say("550 5.1.1 never")
	case step + "-554":
		return c.say("554 5.5.1 never")
	}
	return otherwise()
}

func (c *session) reset() bool {
	ending := c.ending
	c.from, c.rcpt, c.ending = "", nil, ""
	switch ending {
	case "rset-500":
		return c.say("500 5.5.2 no")
	case "rset-drop":
		return false
	}
	return c.say("250 2.0.0 Ok")
}

func (c *session) data() bool {
	if len(c.rcpt) == 0 {
		return c.say("503 5.5.1 no recipient")
	}
	return c.refuse("data", func() bool { return c.say("354 go ahead") && c.body() })
}

// body reads the message. Its Message-ID is in the log as soon as the headers
// are there, as Postfix's cleanup writes it: that proves nothing.
func (c *session) body() bool {
	if c.ending == "drop-body" {
		_, _ = io.CopyN(io.Discard, c.in.R, 512)
		return false
	}
	var content bytes.Buffer
	_, err := io.Copy(&content, c.in.DotReader())
	// The reader makes CRLF into LF; what was sent is made again.
	raw := bytes.ReplaceAll(content.Bytes(), []byte("\n"), []byte("\r\n"))
	e := describe(raw)
	if e.MessageID != "" {
		c.server.files.say("cleanup", c.queued+": message-id="+e.MessageID)
	}
	if err != nil {
		c.server.files.say("smtpd", fmt.Sprintf("lost connection after DATA (%d bytes) from localhost[127.0.0.1]", content.Len()))
		return false
	}
	e.From, e.Rcpt, e.Queue, e.Ending = c.from, c.rcpt, c.queued, c.ending
	return c.dot(e)
}

// dot is the end of the transaction.
func (c *session) dot(e entry) bool {
	switch c.ending {
	case "drop-dot":
		return false
	case "hang-before":
		time.Sleep(hang)
		return false
	case "421-dot":
		c.say("421 4.3.2 closing")
		return false
	case "dot-451":
		c.finished()
		return c.say("451 4.3.0 later")
	case "dot-554":
		c.finished()
		return c.say("554 5.7.1 never")
	}
	if err := c.server.files.keep(e); err != nil {
		return c.say("451 4.3.0 could not keep it")
	}
	c.server.files.say("qmgr", fmt.Sprintf("%s: from=<%s>, size=%d, nrcpt=%d (queue active)", e.Queue, e.From, e.Size, len(e.Rcpt)))
	return c.accepted(e)
}

// accepted says, or does not say, that the mail is kept.
func (c *session) accepted(e entry) bool {
	ok := "250 2.0.0 Ok: queued as " + e.Queue
	switch c.ending {
	case "lost-reply":
		return false
	case "hang-after":
		time.Sleep(hang)
		return false
	case "garbage":
		c.say("good morning")
		return false
	case "drop-after":
		c.say(ok)
		return false
	case "delay":
		c.server.pause()
	}
	said := c.say(ok)
	c.finished()
	return said
}

// pause is how long the ending delay takes.
func (s *server) pause() {
	if s.until == "" {
		time.Sleep(s.delay)
		return
	}
	for {
		if _, err := os.Stat(s.until); err == nil {
			return
		}
		time.Sleep(drip)
	}
}

func (c *session) finished() { c.from, c.rcpt, c.ending = "", nil, "" }

func (s *server) nextQueue() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue++
	return fmt.Sprintf("%X%06X", time.Now().UnixMicro()&0xFFFFF, s.queue)
}

// say writes a reply and reports whether the client is still there.
func (c *session) say(reply string) bool {
	reply += "\r\n"
	if c.ending != "drip" {
		_, err := io.WriteString(c.conn, reply)
		return err == nil
	}
	for i := range len(reply) {
		time.Sleep(drip)
		if _, err := io.WriteString(c.conn, reply[i:i+1]); err != nil {
			return false
		}
	}
	return true
}
