// Package s3test is a real S3 server for tests: versitygw, built once from its
// Go module into the user's cache, over a folder of the test's.
package s3test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	versitygw = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
	// Access and Secret are the server's one pair of keys.
	Access = "AK"
	Secret = "SECRETSECRET"
)

// Server is a server with one bucket, "letters". Objects are the files below
// Dir, by their keys.
type Server struct {
	Dir    string
	Bucket string // http(s)://127.0.0.1:PORT/letters
}

// Start runs a server until the test ends: in plain without a certificate.
func Start(t testing.TB, cert ...string) *Server {
	t.Helper()
	data := t.TempDir()
	s := &Server{Dir: filepath.Join(data, "letters")}
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	line := []string{"--access", Access, "--secret", Secret, "--port", address}
	scheme := "http://"
	if len(cert) == 2 {
		line, scheme = append(line, "--cert", cert[0], "--key", cert[1]), "https://"
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), built(t), append(line, "posix", data)...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s.Bucket = scheme + address + "/letters"
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return s
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("the server does not answer: %v\n%s", err, said.String())
		}
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// built returns the server's program.
func built(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "oshirase-test", "versitygw-v1.8.0")
	program := filepath.Join(dir, "versitygw")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	cmd := exec.CommandContext(t.Context(), "go", "install", versitygw)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go install %s: %v\n%s", versitygw, err, out)
	}
	return program
}
