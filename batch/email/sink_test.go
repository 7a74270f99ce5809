package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func sinkConfig(s *Sink) Config {
	return Config{Host: "127.0.0.1", Port: s.Port(), TLS: NoTLS, Helo: "mail.example.jp",
		DialTimeout: time.Minute, CommandTimeout: time.Minute, DotTimeout: time.Minute}
}

func startSink(t *testing.T) *Sink {
	t.Helper()
	s, err := StartSink(t.TempDir(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestSinkKeepsWhatItAccepted sends a composed letter through and compares
// the file with what was composed, to the byte.
func TestSinkKeepsWhatItAccepted(t *testing.T) {
	t.Parallel()
	sink := startSink(t)
	envelope, err := settings().Compose(sampleMail(t))
	if err != nil {
		t.Fatal(err)
	}
	sender, _ := NewSender(sinkConfig(sink))
	defer sender.Close()
	for range 2 {
		if out := sender.Send(t.Context(), envelope, func() error { return nil }); out.Kind != Accepted {
			t.Fatalf("got %+v", out)
		}
	}
	entries, err := sink.Entries()
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, %v; a repeated mail must be seen", len(entries), err)
	}
	id := string(letterID(t)) + ".g1@example.jp"
	sum := sha256.Sum256(envelope.Message)
	for i, file := range []string{id + ".eml", id + "~2.eml"} {
		want := SinkEntry{File: file, MessageID: "<" + id + ">", From: "bounces+" + id, Recipients: 1,
			SHA256: hex.EncodeToString(sum[:]), Size: len(envelope.Message)}
		if entries[i] != want {
			t.Errorf("entry %d\n got %+v\nwant %+v", i, entries[i], want)
		}
		got, err := os.ReadFile(filepath.Join(sink.Dir, file))
		if err != nil || !bytes.Equal(got, envelope.Message) {
			t.Errorf("%s is not what was sent (%v)", file, err)
		}
	}
	checkNothingStaged(t, sink.Dir, 3)
}

func checkNothingStaged(t *testing.T, dir string, want int) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != want {
		t.Errorf("%d files in the sink, want %d (%v)", len(left), want, err)
	}
}

// TestSinkDoesNotTakeHalfAMail: the connection that the sender drops before
// the dot leaves nothing.
func TestSinkDoesNotTakeHalfAMail(t *testing.T) {
	t.Parallel()
	sink := startSink(t)
	sender, _ := NewSender(sinkConfig(sink))
	out := sender.Send(t.Context(), sample(), func() error { return errors.New("no") })
	if out.Kind != NotSent {
		t.Errorf("got %+v", out)
	}
	if out := sender.Send(t.Context(), sample(), func() error { return nil }); out.Kind != Accepted {
		t.Errorf("got %+v", out)
	}
	sender.Close()
	if entries, err := sink.Entries(); err != nil || len(entries) != 1 {
		t.Errorf("%d entries, want 1 (%v)", len(entries), err)
	}
}

// TestSinkThatCannotStore: what could not be written was not accepted.
func TestSinkThatCannotStore(t *testing.T) {
	t.Parallel()
	sink := startSink(t)
	sink.Dir = filepath.Join(sink.Dir, "gone")
	sender, _ := NewSender(sinkConfig(sink))
	defer sender.Close()
	if out := sender.Send(t.Context(), sample(), func() error { return nil }); out.Kind != Deferred || out.Code != 451 {
		t.Errorf("got %+v, want deferred by 451", out)
	}
}

func TestSinkStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:25", "example.jp:25", "nonsense"} {
		if _, err := StartSink(t.TempDir(), address); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: %v, want ErrNotLoopback", address, err)
		}
	}
}

func TestFileNameOfAMessageID(t *testing.T) {
	t.Parallel()
	got := []string{fileName("<1000.g1@example.jp>"), fileName("<../../etc/passwd>"), fileName(""), fileName("<..>"), fileName("<a\x00b/c@x.jp>")}
	want := []string{"1000.g1@example.jp", "etcpasswd", "without-id", "without-id", "abc@x.jp"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
