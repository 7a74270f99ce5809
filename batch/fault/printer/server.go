package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"sync"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

type server struct {
	root, fetched, script string
	seed                  uint64
	config                *ssh.ServerConfig
	record                *os.File

	mu       sync.Mutex
	quiet    sync.Cond
	busy     int // sessions that are open
	sessions int
	away     bool             // the next session is not answered
	held     map[string]*late // renames that are put off, by the folder's name
}

// late is a rename that a slow server has taken on and not done.
type late struct {
	do   func()
	left int // requests for its folder until it is done
}

// due counts a request for a folder, and does the late rename when it is time.
func (s *server) due(folder string) {
	s.mu.Lock()
	l := s.held[folder]
	if l == nil {
		s.mu.Unlock()
		return
	}
	if l.left--; l.left > 0 {
		s.mu.Unlock()
		return
	}
	delete(s.held, folder)
	s.mu.Unlock()
	l.do()
}

// catchUp does every late rename.
func (s *server) catchUp() {
	s.mu.Lock()
	held := s.held
	s.held = make(map[string]*late)
	s.mu.Unlock()
	for _, l := range held {
		l.do()
	}
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
		s.begin()
		go func() {
			defer s.end()
			defer c.Close()
			s.session(c)
		}()
	}
}

func (s *server) begin() { s.mu.Lock(); s.busy++; s.mu.Unlock() }

func (s *server) end() { s.mu.Lock(); s.busy--; s.mu.Unlock(); s.quiet.Broadcast() }

// answerWhenQuiet answers each line of the input once no session is open, and
// does what is late before where the line asks for that.
func (s *server) answerWhenQuiet(in *bufio.Scanner) {
	for in.Scan() {
		s.mu.Lock()
		for s.busy > 0 {
			s.quiet.Wait()
		}
		s.mu.Unlock()
		if in.Text() == "catch up" {
			s.catchUp()
		}
		fmt.Println("quiet")
	}
}

// next counts sessions, and says whether this one is answered.
func (s *server) next() (n int, answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answered, s.away = !s.away, false
	s.sessions++
	return s.sessions, answered
}

func (s *server) goAway() { s.mu.Lock(); s.away = true; s.mu.Unlock() }

func (s *server) session(c net.Conn) {
	n, answered := s.next()
	ending, err := s.ending(n)
	if err != nil {
		fmt.Fprintln(os.Stderr, "printer:", err)
		return
	}
	if ending == "gone" || !answered {
		return
	}
	_, channels, requests, err := ssh.NewServerConn(c, s.config)
	if err != nil {
		return // another key, or killed meanwhile
	}
	go ssh.DiscardRequests(requests)
	for each := range channels {
		channel, requests, err := each.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(r.Type == "subsystem", nil)
			}
		}()
		h := &folder{server: s, conn: c, n: n, ending: ending, writes: n % 7}
		_ = sftp.NewRequestServer(channel, sftp.Handlers{FileGet: h, FilePut: h, FileCmd: h, FileList: h}).Serve()
		_ = channel.Close()
	}
}
