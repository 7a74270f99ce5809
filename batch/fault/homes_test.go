package fault

import (
	"strconv"
	"sync"
	"testing"
)

// inHomes shares kills and letters out to homes that are run side by side:
// every restart reads all that a home has. A long run must be killed at every
// failpoint, in one home or another.
func inHomes(t *testing.T, k killing, perHome int, points *coverage, run func(*testing.T, killing) *result) *result {
	t.Helper()
	var mu sync.Mutex
	all := &result{points: points, end: make(map[string]int)}
	homes := (k.kills + perHome - 1) / perHome
	t.Run("homes", func(t *testing.T) {
		for i := range homes {
			one := killing{kills: share(k.kills, i, homes), mails: share(k.mails, i, homes), seed: k.seed + uint64(i),
				endings: k.endings, whole: points.whole(k.kills)}
			t.Run(strconv.Itoa(i+1), func(t *testing.T) {
				t.Parallel()
				out := run(t, one)
				mu.Lock()
				defer mu.Unlock()
				all.take(out)
				progress("%s: %d of %d kills, %s", t.Name(), all.kills, k.kills, told(all.end))
			})
		}
	})
	return all
}

// share is the i-th of so many parts of n.
func share(n, i, parts int) int { return n*(i+1)/parts - n*i/parts }

// take adds what another home showed.
func (r *result) take(o *result) {
	r.broken = append(r.broken, o.broken...)
	r.kills, r.lives, r.lost = r.kills+o.kills, r.lives+o.lives, r.lost+o.lost
	r.uncertain, r.received = r.uncertain+o.uncertain, r.received+o.received
	r.gone, r.twice = r.gone+o.gone, r.twice+o.twice
	for state, n := range o.end {
		r.end[state] += n
	}
}
