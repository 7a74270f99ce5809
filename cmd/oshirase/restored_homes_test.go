package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// grey is a mail server that says 451 to every final dot until it is open.
type grey struct {
	port  int
	open  atomic.Bool
	taken atomic.Int64
}

func newGrey(t *testing.T) *grey {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	g := &grey{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go g.talk(conn)
		}
	}()
	return g
}

func (g *grey) talk(conn net.Conn) {
	defer conn.Close()
	say := func(line string) { fmt.Fprint(conn, line+"\r\n") }
	say("220 relay.example.jp")
	inMail := false
	for in := bufio.NewScanner(conn); in.Scan(); {
		switch line := in.Text(); {
		case inMail && line == "." && !g.open.Load():
			inMail = false
			say("451 4.7.1 come again")
		case inMail && line == ".":
			inMail = false
			g.taken.Add(1)
			say("250 2.0.0 ok")
		case inMail:
		case strings.EqualFold(line, "DATA"):
			inMail = true
			say("354 go on")
		default:
			say("250 ok")
		}
	}
}

// TestEveryHomeIsComparedAfterARestoration: two homes share a ledger, and what
// one of them sent after the backup stands in its own journal alone. The other
// sends nothing before that journal was held against the restored ledger, or
// two people have given it up.
func TestEveryHomeIsComparedAfterARestoration(t *testing.T) {
	t.Parallel()
	a, key, _ := backupOffice(t, postgres(t))
	server := newGrey(t)
	a.env["OSHIRASE_MAIL_PORT"], a.env["OSHIRASE_MAIL_BRAKE_AFTER"] = strconv.Itoa(server.port), "1"
	b := a.elsewhere(a.db)
	if err := os.MkdirAll(b.home, 0o700); err != nil {
		t.Fatal(err)
	}
	b.file("demo", "")
	b.ends(1, "work", "--once") // prints all, and the server puts its first mail off
	file := filepath.Join(t.TempDir(), "b.age")
	a.ok("backup", file)
	server.open.Store(true)
	b.now = b.now.Add(time.Hour)
	b.ok("work", "--once")
	sent := server.taken.Load()

	home, err := os.ReadFile(filepath.Join(b.home, "home.id"))
	if err != nil {
		t.Fatal(err)
	}
	restored := func() *office {
		n := a.elsewhere(postgres(t))
		n.now = b.now
		n.ends(5, "restore", file, "--identity", key)
		n.ok("decide", "--propose", "resume", "--reason", "台帳のディスクの故障", "--as", "hana")
		n.ok("decide", "--confirm", "--decision", "1", "--as", "jiro")
		if _, errs := n.ends(4, "work", "--once"); !strings.Contains(errs, strings.TrimSpace(string(home))) {
			t.Errorf("the other home is not named: %s", errs)
		}
		return n
	}
	n := restored()
	b.db = n.db
	b.ends(4, "work", "--once")
	b.ok("decide", "--propose", "resume", "--reason", "台帳のディスクの故障", "--as", "hana")
	b.ok("decide", "--confirm", "--decision", "2", "--as", "jiro")
	b.ends(5, "work", "--once")
	n.ends(5, "work", "--once")
	if again := server.taken.Load(); again != sent || sent < 2 {
		t.Errorf("%d mails were taken after the restoration, %d before", again, sent)
	}

	lost := restored()
	lost.ok("decide", "--propose", "resume", "--reason", "もう一台の記録は失われた", "--as", "hana")
	lost.ok("decide", "--confirm", "--decision", "2", "--as", "jiro")
	lost.ok("work", "--once")
	lost.ends(4, "decide", "--propose", "resume", "--reason", "もう一度", "--as", "hana")
}
