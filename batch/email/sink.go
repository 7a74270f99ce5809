package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Sink is a mail server that delivers nothing: each mail becomes a file and a
// line of the index, both fsynced, before the server answers. It is the demo's
// mail server and, being the other side of the wire, the witness of tests.
type Sink struct {
	Dir string

	server   *smtp.Server
	listener net.Listener
	done     chan error
	mu       sync.Mutex // names and index
}

// SinkEntry is one line of index.jsonl. It holds no recipient: the mail file
// does, and the index is for counting.
type SinkEntry struct {
	File       string `json:"file"`
	MessageID  string `json:"message_id"`
	From       string `json:"from"` // the envelope's, which names the letter
	Recipients int    `json:"recipients"`
	SHA256     string `json:"sha256"`
	Size       int    `json:"size"`
}

const sinkIndex = "index.jsonl"

// maxSinkMail is far above what a letter's mail can be.
const maxSinkMail = 64 << 20

// ErrNotLoopback says that a sink was to listen where others could reach it.
var ErrNotLoopback = errors.New("a mail sink listens on a loopback address only")

// StartSink listens on address, "127.0.0.1:0" for a free port, and stores what
// comes in below dir. Anything but a loopback address is ErrNotLoopback.
func StartSink(dir, address string) (*Sink, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || !isLoopback(host) {
		return nil, ErrNotLoopback
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	s := &Sink{Dir: dir, done: make(chan error, 1)}
	if s.listener, err = net.Listen("tcp", address); err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &sinkSession{sink: s}, nil
	}))
	s.server.Domain = "localhost"
	s.server.MaxMessageBytes = maxSinkMail
	s.server.ReadTimeout, s.server.WriteTimeout = time.Minute, time.Minute
	s.server.ErrorLog = log.New(io.Discard, "", 0) // its lines may hold addresses
	go func() { s.done <- s.server.Serve(s.listener) }()
	return s, nil
}

// Port is where the sink listens.
func (s *Sink) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Close stops the server and waits for it. Mails that were answered are there.
func (s *Sink) Close() error {
	err := s.server.Close()
	if served := <-s.done; served != nil && !errors.Is(served, smtp.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

type sinkSession struct {
	sink       *Sink
	from       string
	recipients int
}

func (c *sinkSession) Reset() { c.from, c.recipients = "", 0 }

func (c *sinkSession) Logout() error { return nil }

func (c *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

func (c *sinkSession) Rcpt(string, *smtp.RcptOptions) error {
	c.recipients++
	return nil
}

// Data answers 451 when the mail could not be stored: it is not accepted.
func (c *sinkSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err // cut off: nothing is stored
	}
	if err := c.sink.store(content, c.from, c.recipients); err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "could not store"}
	}
	return nil
}

func (s *Sink) store(content []byte, from string, recipients int) error {
	sum := sha256.Sum256(content)
	e := SinkEntry{MessageID: messageID(content), From: from, Recipients: recipients,
		SHA256: hex.EncodeToString(sum[:]), Size: len(content)}
	staged, err := writeStaged(s.Dir, content)
	if err != nil {
		return err
	}
	defer os.Remove(staged)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.File, err = s.place(staged, fileName(e.MessageID)); err != nil {
		return err
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return appendLine(filepath.Join(s.Dir, sinkIndex), line)
}

// place gives a staged mail its name. A mail that comes twice is kept twice, as
// name~2: a witness that dropped repeats would hide them.
func (s *Sink) place(staged, name string) (string, error) {
	for n := 1; ; n++ {
		file := name + ".eml"
		if n > 1 {
			file = fmt.Sprintf("%s~%d.eml", name, n)
		}
		err := os.Link(staged, filepath.Join(s.Dir, file)) // as a rename, but never over another
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		return file, syncDir(s.Dir)
	}
}

func writeStaged(dir string, content []byte) (string, error) {
	f, err := os.CreateTemp(dir, ".mail-")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Entries reads the index, in the order of acceptance.
func (s *Sink) Entries() ([]SinkEntry, error) {
	content, err := os.ReadFile(filepath.Join(s.Dir, sinkIndex))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []SinkEntry
	for line := range bytes.Lines(content) {
		var e SinkEntry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("mail sink: line %d of the index: %w", len(entries)+1, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func messageID(content []byte) string {
	msg, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return ""
	}
	return msg.Header.Get("Message-Id")
}

// fileName makes a Message-ID, which anybody may have written, a safe name.
func fileName(id string) string {
	name := strings.Map(func(r rune) rune {
		if isAlnum(r) || r == '@' || r == '.' || r == '-' {
			return r
		}
		return -1
	}, id)
	name = strings.Trim(name, ".")
	if name == "" {
		return "without-id"
	}
	return name[:min(len(name), 120)]
}
