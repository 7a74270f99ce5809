package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"strings"
	"sync"
	"time"
)

// entry is one line of the record.
type entry struct {
	N         int               `json:"n"`
	MessageID string            `json:"message_id"`
	SHA256    string            `json:"sha256"` // of the data as they came
	Size      int               `json:"size"`
	From      string            `json:"from"`
	Rcpt      []string          `json:"rcpt"`
	Files     map[string]string `json:"files"` // name of each attachment, SHA-256 of its content
	Queue     string            `json:"queue"`
	Ending    string            `json:"ending"`
}

type files struct {
	mu     sync.Mutex
	record *os.File
	log    *os.File
	clock  string // file, "" = the machine's clock
	n      int
}

func openFiles(record, relayLog, clock string) (*files, error) {
	f := &files{clock: clock}
	for _, each := range []struct {
		path string
		to   **os.File
	}{{record, &f.record}, {relayLog, &f.log}} {
		if each.path == "" {
			continue
		}
		var err error
		if *each.to, err = os.OpenFile(each.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *files) close() {
	for _, each := range []*os.File{f.record, f.log} {
		if each != nil {
			_ = each.Close()
		}
	}
}

// keep appends a mail to the record and returns when it is on the disk.
func (f *files) keep(e entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.record == nil {
		return nil
	}
	f.n++
	e.N = f.n
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := f.record.Write(append(line, '\n')); err != nil {
		return err
	}
	return f.record.Sync()
}

// now is the clock of the log, in Japan as the house's relay has it.
func (f *files) now() time.Time {
	now := time.Now().In(time.FixedZone("JST", 9*60*60))
	raw, err := os.ReadFile(f.clock)
	if err != nil {
		return now
	}
	off, err := time.ParseDuration(strings.TrimSpace(string(raw)))
	if err != nil {
		return now
	}
	return now.Add(off)
}

// say appends a line to the log as syslog does for Postfix.
func (f *files) say(daemon, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.log != nil {
		fmt.Fprintf(f.log, "%s relay postfix/%s[%d]: %s\n", f.now().Format(time.Stamp), daemon, os.Getpid(), text)
	}
}

// describe reads a mail's own facts from its bytes.
func describe(content []byte) entry {
	sum := sha256.Sum256(content)
	e := entry{SHA256: hex.EncodeToString(sum[:]), Size: len(content), Files: make(map[string]string)}
	m, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return e
	}
	e.MessageID = m.Header.Get("Message-Id")
	e.parts(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", m.Body)
	return e
}

// parts walks the MIME tree down to what has a file name.
func (e *entry) parts(contentType, encoding, name string, body io.Reader) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err == nil && params["boundary"] != "" && len(kind) > 10 && kind[:10] == "multipart/" {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) || err != nil {
				return
			}
			e.parts(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.FileName(), p)
		}
	}
	if name == "" {
		return
	}
	if encoding == "base64" {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	h := sha256.New()
	if _, err := io.Copy(h, body); err == nil {
		e.Files[name] = hex.EncodeToString(h.Sum(nil))
	}
}
