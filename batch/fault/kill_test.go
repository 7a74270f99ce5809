package fault

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// life is one life of `work --once`, from its start to its death.
type life struct {
	point string        // failpoint that kills it, "name@n"; "" = none
	after time.Duration // the SIGKILL comes so long after the first claim, or after the start
	early bool          // after the start
	power bool          // the power goes with it
	seed  uint64        // of what the power takes
	vars  map[string]string
}

// death says how a life ended.
type death struct {
	killed  bool
	byHand  bool     // by a SIGKILL from outside, not at a failpoint
	reached []string // failpoints it came by
	out     string
	code    int
	lost    int // files and names that the loss of power took
}

// claimed is the failpoint at which a worker has something to lose.
const claimed = "after commit: claim"

// live runs one life.
func (h *house) live(l life) death {
	h.t.Helper()
	reached, disk := h.path("reached"), h.path("disk")
	for _, f := range []string{reached, disk} {
		h.must(os.WriteFile(f, nil, 0o600))
	}
	p, err := newPower(h.home)
	h.must(err)
	var out bytes.Buffer
	vars := map[string]string{"OSHIRASE_REACHED": reached, "OSHIRASE_DISK": disk, "OSHIRASE_FAILPOINT": l.point}
	maps.Copy(vars, l.vars)
	c := h.command(vars, "work", "--once", "--json")
	c.Stdout, c.Stderr = &out, &out
	h.must(c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	byHand := h.kill(c, l, reached, ended)
	status := c.ProcessState.Sys().(syscall.WaitStatus)
	raw, err := os.ReadFile(reached)
	h.must(err)
	d := death{byHand: byHand, killed: status.Signaled() && status.Signal() == syscall.SIGKILL, code: c.ProcessState.ExitCode(),
		out: out.String(), reached: strings.Split(strings.TrimSpace(string(raw)), "\n")}
	if l.power && d.killed {
		steps, err := os.ReadFile(disk)
		h.must(err)
		h.must(p.follow(steps))
		d.lost, err = p.take(rand.New(rand.NewPCG(l.seed, 6)))
		h.must(err)
	}
	return d
}

// lives runs one life in each house, all at the same time.
func lives(all []*house, each []life) []death {
	out := make([]death, len(all))
	var running sync.WaitGroup
	for i, h := range all {
		running.Go(func() { out[i] = h.live(each[i]) })
	}
	running.Wait()
	return out
}

// lifetime is far longer than any life should be.
const lifetime = 2 * time.Minute

// kill sends the SIGKILL when its time has come, unless work ends before, and
// reports whether it did.
func (h *house) kill(c *exec.Cmd, l life, reached string, ended chan error) bool {
	h.t.Helper()
	for begun := time.Now(); !l.early && time.Since(begun) < lifetime; {
		raw, _ := os.ReadFile(reached)
		if bytes.Contains(raw, []byte(claimed)) {
			break
		}
		select {
		case <-ended:
			return false
		case <-time.After(time.Millisecond):
		}
	}
	select {
	case <-ended:
		return false
	case <-time.After(l.after):
		_ = c.Process.Kill() // it may have ended this moment
		<-ended
		return true
	}
}

// reconcile runs the program's own invariants I1 to I10.
func (h *house) reconcile() []string {
	h.t.Helper()
	code, out := h.run("reconcile")
	if code == 0 {
		return nil
	}
	return []string{fmt.Sprintf("reconcile ended with %d: %s", code, strings.Join(strings.Fields(out), " "))}
}

// draw plans a life: most die at a random instant of their work, some right
// after the start, some at a failpoint; every other one takes the power along.
func draw(r *rand.Rand, points *coverage) life {
	l := life{power: r.IntN(2) == 0, seed: r.Uint64(), after: 20*time.Millisecond + time.Duration(r.Int64N(int64(40*time.Millisecond)))}
	switch r.IntN(8) {
	case 0:
		l.early, l.after = true, time.Duration(r.Int64N(int64(400*time.Millisecond)))
	case 1, 2, 3:
		return aim(r, l, points)
	}
	return l
}

// aim lets a life end at the failpoint that needs it most. Where it does not
// come by, the kill comes all the same.
func aim(r *rand.Rand, l life, points *coverage) life {
	l.point, l.after = points.next(r), 400*time.Millisecond
	if points.never(bare(l.point)) {
		l.after = 2 * time.Second // it is worth a longer wait
	}
	return l
}

// atClaim lets the lives end at their claim, which no life misses that has
// anything to do, and at which nothing has been sent or printed yet: so the last
// letters are enough for however many kills are still wanted.
func atClaim(each []life, what string, wanted bool) {
	for i := range each {
		if wanted {
			each[i] = life{point: claimed + " " + what + "@1", after: lifetime, power: each[i].power, seed: each[i].seed}
		}
	}
}

// plan draws a life for every house.
func plan(r *rand.Rand, points *coverage, houses int, aimed bool) []life {
	out := make([]life, houses)
	for i := range out {
		out[i] = draw(r, points)
		if aimed {
			out[i] = aim(r, out[i], points)
		}
	}
	return out
}
