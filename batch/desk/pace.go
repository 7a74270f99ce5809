package desk

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits are how fast one person, or one address before signing in, may ask.
type Limits struct {
	PerSecond float64
	Burst     int
}

func defaultLimits() Limits { return Limits{PerSecond: 10, Burst: 60} }

func (l Limits) or(other Limits) Limits {
	if l == (Limits{}) {
		return other
	}
	return l
}

const pacesMost = 10_000

// paces holds everybody's pace.
type paces struct {
	limits Limits
	mu     sync.Mutex
	of     map[string]*pace
}

type pace struct {
	limiter *rate.Limiter
	last    time.Time
}

func newPaces(l Limits) *paces { return &paces{limits: l, of: map[string]*pace{}} }

// allow reports whether one more request is answered now.
func (p *paces) allow(key string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	x, ok := p.of[key]
	if !ok {
		p.sweep(now)
		x = &pace{limiter: rate.NewLimiter(rate.Limit(p.limits.PerSecond), p.limits.Burst)}
		p.of[key] = x
	}
	x.last = now
	return x.limiter.AllowN(now, 1)
}

func (p *paces) sweep(now time.Time) {
	if len(p.of) < pacesMost {
		return
	}
	for key, x := range p.of {
		if now.Sub(x.last) > time.Minute {
			delete(p.of, key)
		}
	}
}
