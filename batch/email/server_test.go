package email

import (
	"bufio"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// badServer is a mail server that misbehaves by plan. do maps a step to what
// it does there; a step that is not named goes well. Steps are "greet", "EHLO",
// "MAIL", "RCPT", "DATA", "body" (after the first line of the message), "dot",
// "RSET" and "QUIT"; HELO counts as EHLO. What it does is a reply line to
// send, or hangUp, hang, or two replies with a line break between.
type badServer struct {
	do  map[string]string
	ext []string // offered at EHLO

	addr  *net.TCPAddr
	mu    sync.Mutex
	took  []string // whole messages, recorded before the answer to the dot
	lines []string // commands as received
	conns int
	stuck bool            // a step was reached at which the client can only give up
	once  map[string]bool // steps of do that hold for the first connection only
}

const (
	hangUp = "(hang up)"
	hang   = "(hang)"
	drip   = "(drip)" // the usual answer, a byte at a time, each sooner than any time-out, never to its end
)

func startBad(t *testing.T, do map[string]string, ext ...string) *badServer {
	t.Helper()
	s := &badServer{do: do, ext: ext}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().(*net.TCPAddr)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return s
}

// config is a Config for this server with time-outs that no case reaches
// unless it sets them.
func (s *badServer) config() Config {
	return Config{Host: "127.0.0.1", Port: s.addr.Port, TLS: NoTLS, Helo: "mail.example.jp",
		DialTimeout: time.Minute, CommandTimeout: time.Minute, DotTimeout: time.Minute}
}

func (s *badServer) received() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.took...)
}

// sticks notes that the client is made to wait in vain.
func (s *badServer) sticks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = true
}

func (s *badServer) hasStuck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stuck
}

func (s *badServer) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

func (s *badServer) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.lines...)
}

func (s *badServer) serve(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	s.conns++
	first := s.conns == 1
	s.mu.Unlock()
	p := &peer{s: s, conn: conn, r: bufio.NewReader(conn), first: first}
	if !p.answer("greet", "220 bad.example.jp ESMTP") {
		return
	}
	for p.command() {
	}
}

type peer struct {
	s     *badServer
	conn  net.Conn
	r     *bufio.Reader
	first bool
}

// plan returns what the server is to do at a step.
func (p *peer) plan(step string) (string, bool) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	reply, planned := p.s.do[step]
	return reply, planned && (p.first || !p.s.once[step])
}

// answer sends the planned reply of a step, or usual; false ends the talk.
func (p *peer) answer(step, usual string) bool {
	reply, planned := p.plan(step)
	switch {
	case !planned:
		reply = usual
	case reply == hangUp:
		return false
	case reply == drip:
		p.s.sticks()
		for i := 0; ; i = (i + 1) % len("250-slow ") {
			if _, err := p.conn.Write([]byte{"250-slow "[i]}); err != nil {
				return false
			}
			time.Sleep(5 * time.Millisecond) // the pace is the server's fault under test
		}
	case reply == hang:
		p.s.sticks()
		_, _ = io.Copy(io.Discard, p.r) // until the client gives up
		return false
	}
	_, err := io.WriteString(p.conn, strings.ReplaceAll(reply, "\n", "\r\n")+"\r\n")
	return err == nil && !strings.HasPrefix(reply, "421")
}

func (p *peer) command() bool {
	line, err := textproto.NewReader(p.r).ReadLine()
	if err != nil {
		return false
	}
	p.s.mu.Lock()
	p.s.lines = append(p.s.lines, line)
	p.s.mu.Unlock()
	verb := strings.ToUpper(line[:min(4, len(line))])
	switch verb {
	case "EHLO", "HELO":
		return p.answer("EHLO", p.greeting())
	case "DATA":
		return p.data()
	case "QUIT":
		p.answer("QUIT", "221 bye")
		return false
	}
	return p.answer(verb, "250 ok")
}

func (p *peer) greeting() string {
	reply := "250-bad.example.jp\n"
	for _, e := range p.s.ext {
		reply += "250-" + e + "\n"
	}
	return reply + "250 HELP"
}

// data reads the message and records it before it answers; a message that was
// cut off is not recorded, as RFC 5321 section 4.1.1.4 asks of a server.
func (p *peer) data() bool {
	if !p.answer("DATA", "354 go on") {
		return false
	}
	if reply, _ := p.plan("DATA"); reply != "" && !strings.HasPrefix(reply, "354") {
		return true
	}
	if _, planned := p.plan("body"); planned {
		if _, err := p.r.ReadString('\n'); err != nil || !p.answer("body", "") {
			return false
		}
	}
	message, err := io.ReadAll(textproto.NewReader(p.r).DotReader())
	if err != nil {
		return false
	}
	if reply, _ := p.plan("dot"); reply == "" || reply[0] == '2' || reply[0] == '(' || reply[0] == 'x' {
		p.s.mu.Lock()
		p.s.took = append(p.s.took, string(message))
		p.s.mu.Unlock()
	}
	return p.answer("dot", "250 2.0.0 Ok: queued as 4XyZ12AbC")
}
