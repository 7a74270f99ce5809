package email

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// round is one Run: loop hands items out, composers make their mails, lanes
// send them, and every result comes back to loop.
type round struct {
	Worker
	over context.Context // ends when nothing new may be begun
	end  context.CancelFunc

	jobs    chan *item  // to the composers; closed by finish, which is the only one that sends
	ready   chan *item  // to the lanes
	results chan result // one for each item that was begun

	// Of loop and finish alone:
	pending []*item
	dry     bool // the last claim brought nothing
	inHand  int
	begun   int
	free    time.Time // when the next mail may go
	asked   bool
	looked  time.Time // when the pause was last asked for

	mu     sync.Mutex           // guards what follows
	rest   map[string]time.Time // domain → when its next mail may go
	totals Totals
	notOK  int // outcomes in a row that were not Accepted
	unsure int // outcomes in a row that were Uncertain
	stop   error
}

// item is a claimed mail on its way through the round.
type item struct {
	Job
	envelope Envelope
	err      error         // of Load: the worker cannot go on
	handing  chan struct{} // nil until HandingOver is asked for; closed when it has answered
	refused  error         // its answer
	at       time.Time     // when it was asked for
}

// answered waits for the answer of HandingOver; false when it was not asked.
func (it *item) answered() bool {
	if it.handing == nil {
		return false
	}
	<-it.handing
	return true
}

// result ends an item; again puts it back among those that wait.
type result struct {
	item  *item
	again bool
}

func newRound(ctx context.Context, w Worker) *round {
	// Everything in hand fits into the channels: nobody waits to give on.
	r := &round{Worker: w, rest: make(map[string]time.Time)}
	n := r.capacity()
	r.jobs, r.ready, r.results = make(chan *item, n), make(chan *item, n), make(chan result, n)
	r.over, r.end = context.WithCancel(ctx)
	return r
}

// capacity is how many mails may be begun at the same time.
func (r *round) capacity() int {
	if r.Ahead == 1 {
		return r.Senders
	}
	return r.Senders * r.Ahead * 3 // composed, committed, being recorded
}

// loop hands out items until nothing is due or something stops it.
func (r *round) loop(ctx context.Context) error {
	for r.stopped() == nil && ctx.Err() == nil {
		if err := r.fill(ctx); err != nil {
			return err
		}
		switch index, wait := r.next(); {
		case len(r.pending) == 0 && r.inHand == 0 && r.dry:
			return nil
		case r.atCanary() && r.inHand == 0:
			if err := r.Go(ctx, r.sofar()); err != nil {
				return fmt.Errorf("%w: %w", ErrCanary, err)
			}
			r.asked, r.dry = true, false
		case r.atCanary() || len(r.pending) == 0 || r.inHand == r.capacity():
			r.await(ctx, 0)
		case wait > 0:
			r.await(ctx, wait)
		default:
			r.begin(index)
		}
	}
	return r.stopped()
}

// atCanary reports whether the first mails have been begun and nobody was
// asked yet.
func (r *round) atCanary() bool {
	return r.Canary > 0 && r.Go != nil && !r.asked && r.begun >= r.Canary
}

// fill claims when nothing is left, and no more than the canary allows: a
// claim is a lease, and a person may take long to answer.
func (r *round) fill(ctx context.Context) error {
	if err := r.pause(ctx); err != nil {
		return err
	}
	if len(r.pending) > 0 || r.dry || r.atCanary() {
		return nil
	}
	n := r.Claim
	if r.Canary > 0 && r.Go != nil && !r.asked {
		n = min(n, r.Canary-r.begun)
	}
	jobs, err := r.Queue.Claim(ctx, n)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("claim mails: %w", err)
	}
	for _, j := range jobs {
		r.pending = append(r.pending, &item{Job: j})
	}
	r.dry = len(jobs) == 0
	return nil
}

// pause looks once a second whether a person has paused the sending.
func (r *round) pause(ctx context.Context) error {
	if r.Paused == nil || r.Now().Sub(r.looked) < time.Second {
		return nil
	}
	r.looked = r.Now()
	paused, err := r.Paused(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		return fmt.Errorf("look for a pause: %w", err)
	case paused:
		return ErrPaused
	}
	return nil
}

// next returns the index of the first item that may go, or how long none may.
func (r *round) next() (index int, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Now()
	if r.free.Sub(now) > r.Every { // the clock was turned back
		r.free = now.Add(r.Every)
	}
	if wait := r.free.Sub(now); wait > 0 {
		return -1, wait
	}
	index = -1
	for i, j := range r.pending {
		d := r.held(j.Domain, now)
		if d <= 0 {
			return i, 0
		}
		if index < 0 || d < wait {
			index, wait = i, d
		}
	}
	return index, wait
}

// held is how long a domain still rests, under mu. A clock that was turned
// back makes it no longer than a rest ever is.
func (r *round) held(domain string, now time.Time) time.Duration {
	if most := max(r.DomainEvery, r.DomainRest); r.rest[domain].Sub(now) > most {
		r.rest[domain] = now.Add(most)
	}
	return r.rest[domain].Sub(now)
}

func (r *round) begin(index int) {
	it := r.pending[index]
	r.pending = slices.Delete(r.pending, index, index+1)
	now := r.Now()
	r.free = now.Add(r.Every)
	if r.DomainEvery > 0 {
		r.mu.Lock()
		r.rest[it.Domain] = now.Add(r.DomainEvery)
		r.mu.Unlock()
	}
	r.inHand++
	r.begun++
	r.jobs <- it
}

// await waits for a result, the end of ctx, or, unless it is 0, a time.
func (r *round) await(ctx context.Context, wait time.Duration) {
	var due <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case res := <-r.results:
		r.take(res)
	case <-due:
	case <-ctx.Done():
	}
}

func (r *round) take(res result) {
	r.inHand--
	if res.again {
		r.begun--
		r.pending = append(r.pending, res.item)
	}
}

// finish waits for what is in hand and gives back what was not begun.
func (r *round) finish(ctx context.Context) error {
	r.end()
	before := r.stopped()
	close(r.jobs)
	for r.inHand > 0 {
		r.take(<-r.results)
	}
	var err error
	for _, it := range r.pending {
		if err = r.done(ctx, it.Job, Outcome{Kind: NotSent, Stage: StageStop}); err != nil {
			break // the ledger is gone; the leases of the rest run out
		}
		r.totals.GivenBack++
	}
	if before == nil {
		err = errors.Join(err, r.stopped())
	}
	return err
}

// compose makes mails while others are sent.
func (r *round) compose(ctx context.Context) {
	for it := range r.jobs {
		if r.over.Err() == nil {
			var err error
			if it.envelope, err = r.Load(ctx, it.Job); err != nil {
				it.err = fmt.Errorf("load mail of letter %s: %w", it.LetterID, err)
			}
		}
		r.ready <- it
	}
}
