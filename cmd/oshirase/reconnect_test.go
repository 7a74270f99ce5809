package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oshirase/letters/store"
)

// gate is a port before a database, which resets every connection until it is
// opened.
type gate struct {
	opened  atomic.Bool
	through string // the ledger's URL through the gate
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	g, to := &gate{}, u.Host
	u.Host = l.Addr().String()
	g.through = u.String()
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			if g.opened.Load() {
				passing.Go(func() { pass(in, to) })
				continue
			}
			_ = in.(*net.TCPConn).SetLinger(0)
			_ = in.Close()
		}
	})
	t.Cleanup(func() { l.Close(); passing.Wait() })
	return g
}

func pass(in net.Conn, to string) {
	defer in.Close()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	go io.Copy(out, in)
	io.Copy(in, out)
}

// begun is a command that runs while the test goes on.
type begun struct {
	said  *said // on standard error
	ended chan int
	stop  context.CancelFunc
}

func (o *office) begin(db string, line ...string) *begun {
	o.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	b := &begun{said: &said{line: make(chan string, 1)}, ended: make(chan int, 1), stop: stop}
	p := &program{out: io.Discard, err: b.said, now: o.clock, random: rand.Reader,
		env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }}
	go func() { b.ended <- p.run(ctx, append([]string{"--db", db, "--home", o.home}, line...)) }()
	o.t.Cleanup(stop)
	return b
}

// waits fails unless the command says first that it waits for its ledger.
func (b *begun) waits(t *testing.T) {
	t.Helper()
	select {
	case line := <-b.said.line:
		if !strings.Contains(line, "waiting for it") {
			t.Fatalf("it said %q", line)
		}
	case code := <-b.ended:
		t.Fatalf("it ended with %d\n%s", code, b.said.rest.String())
	}
}

// TestWorkWaitsForItsDatabase: started before its database, work waits, says so
// once, and does its work when the database is there.
func TestWorkWaitsForItsDatabase(t *testing.T) {
	t.Parallel()
	o := newOffice(t, postgres(t))
	g := newGate(t, o.db)
	b := o.begin(g.through, "work", "--once")
	b.waits(t)
	g.opened.Store(true)
	if code := <-b.ended; code != exitDone {
		t.Errorf("work ended with %d\n%s", code, b.said.rest.String())
	}
	log := b.said.rest.String()
	if n := strings.Count(log, "waiting for it"); n != 1 {
		t.Errorf("it said %d times that it waits\n%s", n, log)
	}
	if !strings.Contains(log, "ledger is back") {
		t.Errorf("it did not say that it goes on\n%s", log)
	}
}

// TestWaitingIsStopped: work and serve that wait for their database end when
// they are told to.
func TestWaitingIsStopped(t *testing.T) {
	t.Parallel()
	o := newOffice(t, postgres(t))
	for _, command := range []string{"work", "serve"} {
		b := o.begin(newGate(t, o.db).through, command)
		b.waits(t)
		b.stop()
		if code := <-b.ended; code != exitDone {
			t.Errorf("%s ended with %d\n%s", command, code, b.said.rest.String())
		}
	}
}

// TestRefusedByTheDatabaseIsToldAtOnce: a database that is there and refuses is
// told at once.
func TestRefusedByTheDatabaseIsToldAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t, postgres(t))
	empty := postgres(t)
	u, err := url.Parse(o.db)
	if err != nil {
		t.Fatal(err)
	}
	missing, stranger := *u, *u
	missing.Path, stranger.User = "/t_missing", url.User("t_stranger")
	for _, c := range []struct {
		name, db, want string
		code           int
	}{
		{"no such database", missing.String(), o.sentence("ledger_denied"), exitFailed},
		{"no such user", stranger.String(), o.sentence("ledger_denied"), exitFailed},
		{"no schema", empty, o.sentence("schema_older"), exitRefused},
	} {
		for _, command := range []string{"work", "serve"} {
			b := o.begin(c.db, command)
			code := <-b.ended
			if said := b.said.rest.String(); code != c.code || !strings.Contains(said, c.want) || strings.Contains(said, "waiting") {
				t.Errorf("%s: %s ended with %d\n%s", c.name, command, code, said)
			}
		}
	}
	b := o.begin(newGate(t, o.db).through, "status")
	if code := <-b.ended; code != exitFailed || !strings.Contains(b.said.rest.String(), o.sentence("ledger_away")) {
		t.Errorf("status without its database ended with %d\n%s", code, b.said.rest.String())
	}
}

// sentence is what the command line says of an error.
func (o *office) sentence(key string) string {
	o.t.Helper()
	w := o.opened().p.words.sentence(key)
	if w == "" {
		o.t.Fatalf("no sentence for %s", key)
	}
	return w
}

// TestWaitingEnds: the wait is bounded, and another error ends it.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	p := &program{log: slog.New(slog.DiscardHandler)}
	away := fmt.Errorf("connect: %w", store.ErrUnreachable)
	calls := 0
	err := p.atStart(t.Context(), time.Nanosecond, func() error { calls++; return away })
	if !errors.Is(err, store.ErrUnreachable) || calls != 2 {
		t.Errorf("after %d steps %v", calls, err)
	}
	calls = 0
	err = p.atStart(t.Context(), forever, func() error {
		if calls++; calls == 1 {
			return away
		}
		return store.ErrDenied
	})
	if !errors.Is(err, store.ErrDenied) || calls != 2 {
		t.Errorf("after %d steps %v", calls, err)
	}
}
