// Command printer is a printing company's SFTP server for fault tests. It
// writes down every folder that its staff could see, file by file with its
// hash, on the disk and for good, before it answers the rename; it can take
// such a folder away at once, as a company does that fetches what has come;
// and it can end a session in every way that a server can. It stands in a
// process of its own, imports nothing of the project and so shares none of
// its mistakes.
//
// It prints its port and its host key, a line each. A line on its standard
// input is answered by one on its output once no session is open; "catch up"
// has it do first whatever it has put off.
package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "printer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("printer", flag.ContinueOnError)
	root := f.String("root", "", "folder that is served")
	fetched := f.String("fetched", "", "folder into which what has come is taken away")
	record := f.String("record", "", "file to which every folder that appears is appended")
	keys := f.String("keys", "", "file with the public key by which one may sign in")
	script := f.String("endings", "", "file with endings and their weights, as in ok=90,late=5; read at each session")
	seed := f.Uint64("seed", 1, "seed of the endings")
	plain := f.Bool("plain", false, "a server without posix-rename")
	if err := f.Parse(args); err != nil {
		return err
	}
	s := &server{root: *root, fetched: *fetched, script: *script, seed: *seed, held: make(map[string]*late)}
	s.quiet.L = &s.mu
	var err error
	if s.config, err = allow(*keys); err != nil {
		return err
	}
	own, err := signer()
	if err != nil {
		return err
	}
	s.config.AddHostKey(own)
	if *plain {
		if err := sftp.SetSFTPExtensions("hardlink@openssh.com"); err != nil {
			return err
		}
	}
	if s.record, err = os.OpenFile(*record, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("%d\n%s", l.Addr().(*net.TCPAddr).Port, ssh.MarshalAuthorizedKey(own.PublicKey()))
	context.AfterFunc(ctx, func() { l.Close() })
	go s.answerWhenQuiet(bufio.NewScanner(os.Stdin))
	return s.serve(ctx, l)
}

// signer draws a key.
func signer() (ssh.Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(private)
}

// allow lets one key sign in.
func allow(keys string) (*ssh.ServerConfig, error) {
	raw, err := os.ReadFile(keys)
	if err != nil {
		return nil, err
	}
	known, _, _, _, err := ssh.ParseAuthorizedKey(raw)
	if err != nil {
		return nil, err
	}
	return &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(known.Marshal()) {
			return nil, errors.New("unknown key")
		}
		return nil, nil
	}}, nil
}
