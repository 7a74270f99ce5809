// Command oshirase prepares and sends letters to people whose data was looked
// at. See README.md; README.ja.md is the staff's guide.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"os/user"
	"strconv"
	"syscall"
	"time"
	_ "time/tzdata" // Asia/Tokyo on machines without zone files

	"oshirase/letters/failpoint"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "dev"

func main() {
	syscall.Umask(0o077) // everything in the home is for its owner alone
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := &program{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.LookupEnv,
		now: failpoint.Clock(time.Now), random: rand.Reader, account: account(),
	}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// account is the machine's account that runs the program.
func account() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}
