package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
)

// moody is a mail server that takes a mail, refuses the next recipient, and
// hangs up on every seventh mail after its final dot. It leaves the ninth
// without an answer until on is closed, and says so by closing held.
type moody struct {
	port     int
	held, on chan struct{}
	mu       sync.Mutex
	mails    int
	done     map[string]int // taken, refused, hung up
}

func newMoody(t *testing.T) *moody {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	m := &moody{port: l.Addr().(*net.TCPAddr).Port, held: make(chan struct{}), on: make(chan struct{}), done: map[string]int{}}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go m.talk(conn)
		}
	}()
	return m
}

// next numbers the mails.
func (m *moody) next() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails++
	return m.mails
}

func (m *moody) did(what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done[what]++
}

func (m *moody) count(what string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done[what]
}

func (m *moody) talk(conn net.Conn) {
	defer conn.Close()
	say := func(line string) { fmt.Fprint(conn, line+"\r\n") }
	say("220 relay.example.jp")
	n, inMail := 0, false
	for in := bufio.NewScanner(conn); in.Scan(); {
		verb, rest, _ := strings.Cut(in.Text(), " ")
		switch {
		case inMail && in.Text() == "." && n%7 == 0:
			m.did("hung up")
			return
		case inMail && in.Text() == ".":
			if n == 9 {
				close(m.held)
				<-m.on
			}
			inMail = false
			m.did("taken")
			say("250 ok")
		case inMail:
		case strings.EqualFold(verb, "RCPT"):
			if n = m.next(); n%2 == 0 && n%7 != 0 {
				m.did("refused")
				say("550 5.1.1 " + rest + ": no such user")
				continue
			}
			say("250 ok")
		case strings.EqualFold(verb, "DATA"):
			inMail = true
			say("354 go on")
		case strings.EqualFold(verb, "QUIT"):
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
