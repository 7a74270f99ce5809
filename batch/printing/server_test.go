package printing

import (
	"crypto/ed25519"
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

// printerServer is a real SSH and SFTP server over a folder, with faults.
type printerServer struct {
	dir  string
	ln   net.Listener
	key  ssh.Signer
	user ssh.Signer

	mu sync.Mutex
	is faults
}

// faults are what is wrong with a server.
type faults struct {
	full        bool         // writing ends with "no space left"
	cutAfter    int64        // bytes received in a session after which the line is cut; 0 = never
	afterRename func(string) // called when the folder has appeared, before the answer
	cutRename   bool         // the answer to the next rename never comes
	refused     bool         // the rename is answered with no
}

func (s *printerServer) set(f faults) { s.mu.Lock(); s.is = f; s.mu.Unlock() }

func (s *printerServer) get() faults { s.mu.Lock(); defer s.mu.Unlock(); return s.is }

func startPrinterServer(t *testing.T) *printerServer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &printerServer{dir: t.TempDir(), ln: ln, key: newKey(t), user: newKey(t)}
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

func newKey(t *testing.T) ssh.Signer {
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

// client is how our side knows the server; the key file is a new one.
func (s *printerServer) client(t *testing.T) Server {
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
	return Server{Host: "127.0.0.1", Port: s.ln.Addr().(*net.TCPAddr).Port, User: "oshirase", KeyFile: path,
		HostKey: string(ssh.MarshalAuthorizedKey(s.key.PublicKey()))}
}

func (s *printerServer) session(conn net.Conn) {
	defer conn.Close()
	line := &cutLine{Conn: conn, left: s.get().cutAfter}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(s.user.PublicKey().Marshal()) {
			return nil, errors.New("unknown key")
		}
		return nil, nil
	}}
	config.AddHostKey(s.key)
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
	s    *printerServer
	conn net.Conn
}

func (h *folderHandler) at(name string) string {
	return filepath.Join(h.s.dir, filepath.Clean("/"+name))
}

func (h *folderHandler) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	return os.Open(h.at(r.Filepath))
}

func (h *folderHandler) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	if h.s.get().full {
		return fullFile{}, nil
	}
	return os.OpenFile(h.at(r.Filepath), os.O_CREATE|os.O_WRONLY, 0o600)
}

type fullFile struct{}

func (fullFile) WriteAt([]byte, int64) (int, error) { return 0, syscall.ENOSPC }

func (h *folderHandler) Filecmd(r *sftp.Request) error {
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
	if is.refused {
		return sftp.ErrSSHFxPermissionDenied
	}
	if err := os.Rename(h.at(r.Filepath), h.at(r.Target)); err != nil {
		return err
	}
	if is.afterRename != nil {
		is.afterRename(h.at(r.Target))
	}
	if is.cutRename {
		is.cutRename = false
		h.s.set(is)
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
