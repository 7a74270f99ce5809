package fault

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// coverage counts at which failpoints a run was killed.
type coverage struct {
	reached map[string]bool
	killed  map[string]int
}

func newCoverage() *coverage { return &coverage{map[string]bool{}, map[string]int{}} }

// next is the failpoint that was killed least often of those that were ever
// reached, at one of its first reaches.
func (c *coverage) next(r *rand.Rand) string {
	names := slices.Sorted(maps.Keys(c.reached))
	if len(names) == 0 {
		return ""
	}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	least := slices.MinFunc(names, func(a, b string) int { return c.killed[a] - c.killed[b] })
	n := 1
	if c.killed[least] > 0 {
		n += r.IntN(6)
	}
	return fmt.Sprintf("%s@%d", least, n)
}

// note takes in how a life ended.
func (c *coverage) note(l life, d death) {
	for _, name := range d.reached {
		if name != "" {
			c.reached[name] = true
		}
	}
	name, _, ok := strings.Cut(l.point, "@")
	if ok && d.killed && !d.byHand {
		c.killed[name]++
	}
}

// missed are the failpoints that were reached and never killed at.
func (c *coverage) missed() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.reached)) {
		if c.killed[name] == 0 {
			out = append(out, name)
		}
	}
	return out
}

// lacking are the failpoints that a run must at least have come by.
func (c *coverage) lacking(want ...string) []string {
	var out []string
	for _, name := range want {
		if !c.reached[name] {
			out = append(out, name)
		}
	}
	return out
}

func (c *coverage) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.reached)) {
		fmt.Fprintf(&b, "  %4d  %s\n", c.killed[name], name)
	}
	return b.String()
}
