package metrics

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	vm "github.com/VictoriaMetrics/metrics"
)

// Desk counts what the desk of this process did since it began to serve. It is
// safe for use by many goroutines; the zero value is ready.
type Desk struct {
	mu      sync.Mutex
	looks   map[look]uint64
	answers map[int]uint64
}

// look is what a record of the audit chain says, by its codes alone.
type look struct{ action, outcome string }

// Looked counts a look that stands in the audit chain. Both are codes of the
// program, never what somebody typed.
func (d *Desk) Looked(action, outcome string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.looks == nil {
		d.looks = make(map[look]uint64)
	}
	d.looks[look{action, outcome}]++
}

// Answered counts an answer by its HTTP status: 403 and 429 are refusals.
func (d *Desk) Answered(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.answers == nil {
		d.answers = make(map[int]uint64)
	}
	d.answers[status]++
}

func (d *Desk) write(w io.Writer) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, status := range slices.Sorted(maps.Keys(d.answers)) {
		vm.WriteCounterUint64(w, fmt.Sprintf(`oshirase_desk_answers_total{status="%d"}`, status), d.answers[status])
	}
	inOrder := func(a, b look) int { return cmp.Or(cmp.Compare(a.action, b.action), cmp.Compare(a.outcome, b.outcome)) }
	for _, l := range slices.SortedFunc(maps.Keys(d.looks), inOrder) {
		vm.WriteCounterUint64(w, fmt.Sprintf(`oshirase_desk_looks_total{action=%q,outcome=%q}`, l.action, l.outcome), d.looks[l])
	}
}
