// Package sftptest is a printing company's SFTP server for tests: a real SSH
// server on the loopback interface over a folder, with faults.
package sftptest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// Server is a real SSH and SFTP server over the folder Dir.
type Server struct {
	Dir string
	Key ssh.PublicKey // its host key

	ln    net.Listener
	key   ssh.Signer
	other ssh.Signer // a key of another kind: real servers have several
	user  ssh.Signer

	mu   sync.Mutex
	is   Faults
	says string
}

// Faults are what is wrong with a server.
type Faults struct {
	Full        bool         // writing ends with "no space left"
	CutAfter    int64        // bytes received in a session after which the line is cut; 0 = never
	AfterRename func(string) // called when the folder has appeared, before the answer
	CutRename   bool         // the answer to the next rename never comes
	CutBefore   bool         // the next rename is not done; the line is cut, and the server is Gone
	Refused     bool         // the rename is answered with no
	Gone        bool         // nobody answers
}

// Set changes what is wrong from now on.
func (s *Server) Set(f Faults) { s.mu.Lock(); s.is = f; s.mu.Unlock() }

// Talk makes the server refuse every write with an answer that holds a text;
// "" ends it.
func (s *Server) Talk(text string) { s.mu.Lock(); s.says = text; s.mu.Unlock() }

func (s *Server) talk() string { s.mu.Lock(); defer s.mu.Unlock(); return s.says }

func (s *Server) get() Faults { s.mu.Lock(); defer s.mu.Unlock(); return s.is }

// Start runs a server until the test ends. Nobody may sign in before KeyFile.
func Start(t testing.TB) *Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Dir: t.TempDir(), ln: ln, key: NewKey(t), user: NewKey(t)}
	s.Key = s.key.PublicKey()
	s.other = otherKey(t)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.session(conn) })
		}
	})
	t.Cleanup(func() { ln.Close(); all.Wait() })
	return s
}

// NewKey draws a key.
func NewKey(t testing.TB) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// otherKey draws a key of a kind that most programs ask for first.
func otherKey(t testing.TB) ssh.Signer {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// Port is where it answers, on 127.0.0.1.
func (s *Server) Port() int { return s.ln.Addr().(*net.TCPAddr).Port }

// HostKey is its key as in authorized_keys.
func (s *Server) HostKey() string { return string(ssh.MarshalAuthorizedKey(s.Key)) }

// KeyFile writes a new private key, by which alone one may sign in from now on.
func (s *Server) KeyFile(t testing.TB) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.user, err = ssh.NewSignerFromKey(private); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *Server) session(conn net.Conn) {
	defer conn.Close()
	if s.get().Gone {
		return
	}
	line := &cutLine{Conn: conn, left: s.get().CutAfter}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(s.user.PublicKey().Marshal()) {
			return nil, errors.New("unknown key")
		}
		return nil, nil
	}}
	config.AddHostKey(s.key)
	config.AddHostKey(s.other)
	_, channels, requests, err := ssh.NewServerConn(line, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		channel, requests, err := c.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(r.Type == "subsystem", nil)
			}
		}()
		h := &folderHandler{s: s, conn: conn}
		_ = sftp.NewRequestServer(channel, sftp.Handlers{FileGet: h, FilePut: h, FileCmd: h, FileList: h}).Serve()
		_ = channel.Close()
	}
}

// cutLine is a line that is cut after so many bytes came in.
type cutLine struct {
	net.Conn
	left int64
}

func (c *cutLine) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.left > 0 {
		if c.left -= int64(n); c.left <= 0 {
			_ = c.Conn.Close()
			return 0, io.EOF
		}
	}
	return n, err
}

// folderHandler serves the folder, with the server's faults.
type folderHandler struct {
	s    *Server
	conn net.Conn
}

func (h *folderHandler) at(name string) string {
	return filepath.Join(h.s.Dir, filepath.Clean("/"+name))
}

func (h *folderHandler) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	return os.Open(h.at(r.Filepath))
}

func (h *folderHandler) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	if h.s.get().Full {
		return fullFile{}, nil
	}
	return os.OpenFile(h.at(r.Filepath), os.O_CREATE|os.O_WRONLY, 0o600)
}

type fullFile struct{}

func (fullFile) WriteAt([]byte, int64) (int, error) { return 0, syscall.ENOSPC }

func (h *folderHandler) Filecmd(r *sftp.Request) error {
	if text := h.s.talk(); text != "" {
		return errors.New(text)
	}
	switch r.Method {
	case "Mkdir":
		return os.Mkdir(h.at(r.Filepath), 0o700)
	case "Remove":
		return os.Remove(h.at(r.Filepath))
	case "Rmdir":
		return os.Remove(h.at(r.Filepath))
	case "Rename":
		return h.PosixRename(r)
	case "Setstat":
		return nil
	}
	return sftp.ErrSSHFxOpUnsupported
}

// PosixRename makes the folder appear, and may die before it answers.
func (h *folderHandler) PosixRename(r *sftp.Request) error {
	is := h.s.get()
	if is.CutBefore {
		h.s.Set(Faults{Gone: true})
		return h.conn.Close()
	}
	if is.Refused {
		return sftp.ErrSSHFxPermissionDenied
	}
	if err := os.Rename(h.at(r.Filepath), h.at(r.Target)); err != nil {
		return err
	}
	if is.AfterRename != nil {
		is.AfterRename(h.at(r.Target))
	}
	if is.CutRename {
		is.CutRename = false
		h.s.Set(is)
		_ = h.conn.Close()
	}
	return nil
}

func (h *folderHandler) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if r.Method != "List" {
		info, err := os.Lstat(h.at(r.Filepath))
		return listing{info}, err
	}
	entries, err := os.ReadDir(h.at(r.Filepath))
	if err != nil {
		return nil, err
	}
	var out listing
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

func (h *folderHandler) Lstat(r *sftp.Request) (sftp.ListerAt, error) { return h.Filelist(r) }

type listing []os.FileInfo

func (l listing) ListAt(to []os.FileInfo, from int64) (int, error) {
	if from >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(to, l[from:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}
