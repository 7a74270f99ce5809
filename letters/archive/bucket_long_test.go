//go:build long

package archive

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// versitygw is a real S3 server. It is built once from its Go module, pinned,
// into the user's cache.
const versitygw = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

func builtGateway(t *testing.T) string {
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

// TestRealBucket holds a real S3 server to what an archive promises.
func TestRealBucket(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := os.Mkdir(filepath.Join(data, "letters"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), builtGateway(t), "--access", "AK", "--secret", "SECRETSECRET", "--port", address, "posix", data)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for begin := time.Now(); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			break
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("the server does not answer: %v\n%s", err, said.String())
		}
		time.Sleep(50 * time.Millisecond)
	}
	exerciseBucket(t, BucketConfig{URL: fmt.Sprintf("http://%s/letters/home", address), AccessKey: "AK", SecretKey: "SECRETSECRET"})
	if _, err := OpenBucket(t.Context(), BucketConfig{URL: "http://" + address + "/letters", AccessKey: "AK", SecretKey: "wrong"}); err == nil {
		t.Error("another's key opened the bucket")
	}
	if _, err := OpenBucket(t.Context(), BucketConfig{URL: "http://" + address + "/none", AccessKey: "AK", SecretKey: "SECRETSECRET"}); err == nil {
		t.Error("a bucket that does not exist was opened")
	}
}
