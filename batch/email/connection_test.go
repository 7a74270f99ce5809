package email

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestOneConnectionForManyMails(t *testing.T) {
	t.Parallel()
	server := startBad(t, nil)
	config := server.config()
	config.MailsPerConnection = 3
	sender, _ := NewSender(config)
	for range 7 {
		if out := sender.Send(t.Context(), sample(), func() error { return nil }); out.Kind != Accepted {
			t.Fatalf("got %+v", out)
		}
	}
	sender.Close()
	if server.connections() != 3 {
		t.Errorf("7 mails took %d connections, want 3", server.connections())
	}
}

// TestIdleConnectionClosed: a server that hung up between two mails costs
// neither a letter nor an attempt.
func TestIdleConnectionClosed(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{hangUp, "421 4.4.2 idle"} {
		server := startBad(t, nil)
		sender, _ := NewSender(server.config())
		if out := sender.Send(t.Context(), sample(), func() error { return nil }); out.Kind != Accepted {
			t.Fatalf("first: %+v", out)
		}
		server.mu.Lock()
		server.do, server.once = map[string]string{"MAIL": reply}, map[string]bool{"MAIL": true}
		server.mu.Unlock()
		out := sender.Send(t.Context(), sample(), func() error { return nil })
		sender.Close()
		if out.Kind != Accepted || server.connections() != 2 {
			t.Errorf("%s: got %+v on %d connections, want accepted on the second", reply, out, server.connections())
		}
	}
}

func TestCancelledBeforeTheDot(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"greet", "EHLO", "MAIL", "RCPT", "DATA"} {
		server := startBad(t, map[string]string{step: hang})
		sender, _ := NewSender(server.config())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan Outcome, 1)
		go func() { done <- sender.Send(ctx, sample(), func() error { t.Error("dot reached"); return nil }) }()
		cancel()
		if out := <-done; out.Kind != NotSent {
			t.Errorf("cancelled at %s: %+v", step, out)
		}
	}
}

// TestCancelledAfterTheDot: stopping the program does not make an answer that
// is on its way unknown.
func TestCancelledAfterTheDot(t *testing.T) {
	t.Parallel()
	server := startBad(t, nil)
	sender, _ := NewSender(server.config())
	defer sender.Close()
	ctx, cancel := context.WithCancel(t.Context())
	out := sender.Send(ctx, sample(), func() error { cancel(); return nil })
	if out.Kind != Accepted {
		t.Errorf("got %+v, want accepted", out)
	}
}

// TestStoppedWhileTheAnswerHangs: the program ends in time, and the letter is
// uncertain.
func TestStoppedWhileTheAnswerHangs(t *testing.T) {
	t.Parallel()
	server := startBad(t, map[string]string{"dot": hang})
	config := server.config()
	config.StopGrace = time.Millisecond
	sender, _ := NewSender(config)
	ctx, cancel := context.WithCancel(t.Context())
	out := sender.Send(ctx, sample(), func() error { cancel(); return nil })
	if out.Kind != Uncertain || len(server.received()) != 1 {
		t.Errorf("got %+v with %d mails at the server, want uncertain with 1", out, len(server.received()))
	}
}

func TestMailNeverAsksForUTF8Addresses(t *testing.T) {
	t.Parallel()
	server := startBad(t, nil, "SMTPUTF8", "8BITMIME")
	sender, _ := NewSender(server.config())
	sender.Send(t.Context(), sample(), func() error { return nil })
	sender.Close()
	want := []string{"EHLO mail.example.jp", "MAIL FROM:<" + from + "> BODY=8BITMIME", "RCPT TO:<" + to + ">", "DATA", "QUIT"}
	if got := server.commands(); !slices.Equal(got, want) {
		t.Errorf("commands\n got %q\nwant %q", got, want)
	}
}

func TestPlainConnectionsStayAtHome(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]error{"192.0.2.1": ErrPlain, "mail.example.jp": ErrPlain, "127.0.0.1": nil, "localhost": nil, "::1": nil} {
		_, err := NewSender(Config{Host: host, Port: 25, TLS: NoTLS, Helo: "example.jp"})
		if !errors.Is(err, want) {
			t.Errorf("%s without TLS: %v, want %v", host, err, want)
		}
	}
	server := startBad(t, nil) // offers no STARTTLS
	config := server.config()
	config.TLS = StartTLS
	sender, _ := NewSender(config)
	out := sender.Send(t.Context(), sample(), func() error { return nil })
	if out.Kind != NotSent || out.Stage != StageConnect || len(server.received()) != 0 {
		t.Errorf("no STARTTLS offered: %+v, want not sent", out)
	}
}
