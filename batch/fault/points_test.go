package fault

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// sides are both sides of steps: "before commit: set home", "after commit: set
// home".
func sides(step string, whats ...string) []string {
	var out []string
	for _, what := range whats {
		out = append(out, "before "+step+": "+what, "after "+step+": "+what)
	}
	return out
}

// workPoints are the failpoints that every `work` passes.
func workPoints() []string {
	return slices.Concat(sides("commit", "end leases of", "expire leases", "queue deferred e-mails", "set home"),
		sides("fsync", "journal", "journal at start", "torn end of journal"), sides("fsync of folder", "journal"),
		[]string{"before rewrite: journal at start"})
}

// mailPoints are the failpoints of `work` while it sends mails.
func mailPoints() []string {
	return slices.Concat(workPoints(), sides("dot", "mail"),
		sides("commit", "claim e-mails", "step to handing_over", "step to accepted", "step to deferred", "step to queued_email",
			"step to uncertain", "step to failed_5xx", "record brake", "release brake"))
}

// printPoints are the failpoints of `work` while it makes print runs.
func printPoints() []string {
	return slices.Concat(workPoints(), sides("rename", "print run"), sides("fsync", "file of print run"),
		sides("fsync of folder", "print run", "print folder"),
		sides("commit", "claim for print run", "begin print run", "finish print run", "return print run", "doubt print run"))
}

// dropPoints are the failpoints of `work` on the way to the printer's server.
// How a temporary folder is removed is a scene of its own (tidy).
func dropPoints() []string {
	return slices.Concat(sides("rename", "print run", "drop"), sides("commit", "begin print run", "finish print run"),
		sides("fsync", "drop marker begun", "drop marker asked", "drop marker answered"), sides("replacing", "drop marker"),
		sides("fsync of folder", "drop markers", "folder of drop markers"), []string{"before upload: drop", "after upload: file of drop"})
}

// tidyPoints are those of the removal of a temporary folder.
func tidyPoints() []string { return []string{"before removal: drop", "after removal: file of drop"} }

// coverage counts at which failpoints a run was killed, in all its homes.
type coverage struct {
	declared []string
	mu       sync.Mutex
	reached  map[string]bool
	killed   map[string]int
}

func newCoverage(declared []string) *coverage {
	return &coverage{declared: declared, reached: map[string]bool{}, killed: map[string]int{}}
}

// next is the failpoint that was killed least often, at one of its first
// reaches.
func (c *coverage) next(r *rand.Rand) string {
	names := slices.Clone(c.declared)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	c.mu.Lock()
	defer c.mu.Unlock()
	least := slices.MinFunc(names, func(a, b string) int { return c.killed[a] - c.killed[b] })
	n := 1
	if c.killed[least] > 0 && !once(least) {
		n += r.IntN(6)
	}
	return fmt.Sprintf("%s@%d", least, n)
}

// once reports whether a life comes by a failpoint no more than once.
func once(name string) bool {
	_, what, _ := strings.Cut(name, ": ")
	return slices.Contains([]string{"torn end of journal", "journal at start", "end leases of", "record brake", "release brake", "doubt print run"}, what)
}

// bare is a failpoint's name without its count.
func bare(point string) string {
	name, _, _ := strings.Cut(point, "@")
	return name
}

// note takes in how a life ended.
func (c *coverage) note(l life, d death) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range d.reached {
		if name != "" {
			c.reached[name] = true
		}
	}
	if l.point != "" && d.killed && !d.byHand {
		c.killed[bare(l.point)]++
	}
}

// never reports whether a failpoint was never killed at.
func (c *coverage) never(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.killed[name] == 0
}

// missed are the declared failpoints that were never killed at.
func (c *coverage) missed() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, name := range c.declared {
		if c.killed[name] == 0 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// undeclared are the failpoints that were reached and that nobody declared.
func (c *coverage) undeclared() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.reached)) {
		if !slices.Contains(c.declared, name) {
			out = append(out, name)
		}
	}
	return out
}

// whole reports whether a run is so long that it must be killed at every
// failpoint.
func (c *coverage) whole(kills int) bool { return kills >= 5*len(c.declared) }

// must fails unless the run knew every failpoint that it passed and, where it
// is long enough, was killed at each of those that were declared.
func (c *coverage) must(t *testing.T, kills int) {
	t.Helper()
	if names := c.undeclared(); len(names) > 0 {
		t.Errorf("failpoints were passed that nobody declared: %q", names)
	}
	missed := c.missed()
	if c.whole(kills) && len(missed) > 0 {
		t.Errorf("never killed at %q", missed)
	}
	t.Logf("killed at %d of %d failpoints, a side each", len(c.declared)-len(missed), len(c.declared))
}

func (c *coverage) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, name := range slices.Sorted(slices.Values(c.declared)) {
		fmt.Fprintf(&b, "  %4d  %s\n", c.killed[name], name)
	}
	return b.String()
}
