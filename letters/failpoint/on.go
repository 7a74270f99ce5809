//go:build failpoint

package failpoint

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// reached counts instants. A process dies once, so the count is its own.
var reached = struct {
	sync.Mutex
	n map[string]int
}{n: make(map[string]int)}

// Reach counts the instant and kills the process where the environment says so.
func Reach(instant, what string) {
	name := Name(instant, what)
	reached.Lock()
	defer reached.Unlock()
	reached.n[name]++
	if reached.n[name] == 1 {
		appendTo(os.Getenv("OSHIRASE_REACHED"), name+"\n")
	}
	at, count, _ := strings.Cut(os.Getenv("OSHIRASE_FAILPOINT"), "@")
	if n, err := strconv.Atoi(count); err == nil && at == name && n == reached.n[name] {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // not one instruction further
	}
}

// Name is an instant as the environment names it: words with more than one
// digit are IDs and not part of it.
func Name(instant, what string) string {
	const digits = "0123456789"
	var words []string
	for _, w := range strings.Fields(what) {
		if strings.IndexAny(w, digits) == strings.LastIndexAny(w, digits) {
			words = append(words, w)
		}
	}
	return instant + ": " + strings.TrimSuffix(strings.Join(words, " "), ":")
}

// Record appends a step as one JSON line, which outlives the process.
func Record(step, path, detail string) {
	if os.Getenv("OSHIRASE_DISK") == "" {
		return
	}
	line, err := json.Marshal([]string{step, path, detail})
	if err != nil {
		panic(err) // strings always marshal
	}
	appendTo(os.Getenv("OSHIRASE_DISK"), string(line)+"\n")
}

func appendTo(path, line string) {
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err) // the harness is blind: no run of it counts
	}
	defer f.Close()
	if _, err := f.WriteString(line); err != nil {
		panic(err)
	}
}

// Clock is the program's clock, off by what stands in the file at that moment.
func Clock(now func() time.Time) func() time.Time {
	path := os.Getenv("OSHIRASE_CLOCK")
	if path == "" {
		return now
	}
	return func() time.Time {
		raw, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		off, err := time.ParseDuration(strings.TrimSpace(string(raw)))
		if err != nil {
			panic(err)
		}
		return now().Add(off)
	}
}

// Lease is the length of a lease under test.
func Lease(d time.Duration) time.Duration {
	if short, err := time.ParseDuration(os.Getenv("OSHIRASE_LEASE")); err == nil {
		return short
	}
	return d
}
