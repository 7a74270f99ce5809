// Command witness is a mail server for fault tests. It writes down what it
// accepts, on the disk and for good, before it says so, and it can end a
// transaction in every way that a server can. It stands in a process of its
// own, imports nothing of the project and so shares none of its mistakes.
//
// Its record is one JSON line for each mail it has, whether or not the client
// heard of it. Its log is written as Postfix writes its own, and is what a
// house would look into after an uncertain hand-over.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "witness:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("witness", flag.ContinueOnError)
	listen := f.String("listen", "127.0.0.1:0", "loopback address to listen on; the port is printed")
	record := f.String("record", "", "file to which every accepted mail is appended")
	relayLog := f.String("log", "", "file for a log as Postfix writes it")
	script := f.String("endings", "ok=1", "endings with their weights, as in ok=90,lost-reply=5,rcpt-450=5")
	wait := f.Duration("delay", 150*time.Millisecond, "how long the ending delay takes")
	until := f.String("until", "", "file for whose appearing the ending delay waits instead")
	clock := f.String("clock", "", "file with a duration by which the log's clock is off")
	seed := f.Uint64("seed", 1, "seed of the endings")
	if err := f.Parse(args); err != nil {
		return err
	}
	endings, err := parseEndings(*script)
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(*listen)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%q is not a loopback address", *listen)
	}
	files, err := openFiles(*record, *relayLog, *clock)
	if err != nil {
		return err
	}
	defer files.close()
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	context.AfterFunc(ctx, func() { l.Close() })
	s := &server{files: files, endings: endings, seed: *seed, delay: *wait, until: *until, tries: make(map[string]int)}
	return s.serve(ctx, l)
}
