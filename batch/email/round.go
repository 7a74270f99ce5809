package email

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"oshirase/letters"
)

// round is one Run. All its fields belong to the goroutine of loop and finish;
// the senders see the two channels only.
type round struct {
	Worker
	jobs    chan Job    // closed by finish, which is the only one that sends
	results chan result // one for each job

	pending []Job
	dry     bool // the last claim brought nothing
	inHand  int
	begun   int
	free    time.Time            // when the next mail may go
	rest    map[string]time.Time // domain → when its next mail may go
	totals  Totals
	notOK   int // outcomes in a row that were not Accepted
	unsure  int // outcomes in a row that were Uncertain
	asked   bool
	stop    error
}

type result struct {
	job Job
	out Outcome
	err error // of Load or the queue: the worker cannot go on
}

// loop hands jobs to senders until nothing is due or something stops it.
func (r *round) loop(ctx context.Context) error {
	for r.stop == nil && ctx.Err() == nil {
		if err := r.fill(ctx); err != nil {
			return err
		}
		switch job, wait := r.next(); {
		case len(r.pending) == 0 && r.inHand == 0 && r.dry:
			return nil
		case r.atCanary() && r.inHand == 0:
			if err := r.Go(ctx, r.totals); err != nil {
				return fmt.Errorf("%w: %w", ErrCanary, err)
			}
			r.asked, r.dry = true, false
		case r.atCanary() || len(r.pending) == 0 || r.inHand == r.Senders:
			r.await(ctx, 0)
		case wait > 0:
			r.await(ctx, wait)
		default:
			r.begin(job)
		}
	}
	return r.stop
}

// atCanary reports whether the first mails have been begun and nobody was
// asked yet.
func (r *round) atCanary() bool {
	return r.Canary > 0 && r.Go != nil && !r.asked && r.begun >= r.Canary
}

// fill claims when nothing is left, and no more than the canary allows: a
// claim is a lease, and a person may take long to answer.
func (r *round) fill(ctx context.Context) error {
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
	r.pending, r.dry = jobs, len(jobs) == 0
	return nil
}

// next returns the index of the first job that may go, or how long none may.
func (r *round) next() (index int, wait time.Duration) {
	now := r.Now()
	if wait := r.free.Sub(now); wait > 0 {
		return -1, wait
	}
	index = -1
	for i, j := range r.pending {
		d := r.rest[j.Domain].Sub(now)
		if d <= 0 {
			return i, 0
		}
		if index < 0 || d < wait {
			index, wait = i, d
		}
	}
	return index, wait
}

func (r *round) begin(index int) {
	job := r.pending[index]
	r.pending = slices.Delete(r.pending, index, index+1)
	now := r.Now()
	r.free, r.rest[job.Domain] = now.Add(r.Every), now.Add(r.DomainEvery)
	r.inHand++
	r.begun++
	r.jobs <- job // a sender is idle: fewer are in hand than there are senders
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
		r.settle(res)
	case <-due:
	case <-ctx.Done():
	}
}

// settle counts a result and pulls the brake.
func (r *round) settle(res result) {
	r.inHand--
	r.count(res)
	if res.err != nil {
		r.stop = errors.Join(r.stop, res.err)
		return
	}
	switch {
	case r.unsure >= r.UncertainBrake, r.notOK >= r.Brake:
		r.stop = fmt.Errorf("%w: %d, the last %s at %s with code %d", ErrBrake, r.notOK, res.out.Kind, res.out.Stage, res.out.Code)
	case res.out.Kind == Deferred:
		r.rest[res.job.Domain] = r.Now().Add(r.DomainRest)
	}
}

func (r *round) count(res result) {
	if res.out.Stage != StageLedger { // that is no answer of the mail server
		r.notOK++
	}
	unsure := r.unsure + 1
	r.unsure = 0
	switch res.out.Kind {
	case Accepted:
		r.totals.Accepted++
		r.notOK = 0
	case Deferred:
		r.totals.Deferred++
		if res.out.GiveUp {
			r.totals.GivenUp++
		}
	case Refused:
		r.totals.Refused++
	case Uncertain:
		r.totals.Uncertain++
		r.unsure = unsure
	case NotSent:
		r.totals.NotSent++
	}
}

// finish gives back what was not begun, waits for what is in hand and lets
// the senders go.
func (r *round) finish(ctx context.Context) error {
	var err error
	for _, job := range r.pending {
		if err = r.done(ctx, job, Outcome{Kind: NotSent, Stage: StageStop}); err != nil {
			break // the ledger is gone; the leases of the rest run out
		}
		r.totals.GivenBack++
	}
	before := r.stop
	for r.inHand > 0 {
		r.settle(<-r.results)
	}
	close(r.jobs)
	if before == nil && r.stop != nil {
		err = errors.Join(err, r.stop)
	}
	return err
}

// sender hands over one mail after the other on its own connection.
func (r *round) sender(ctx context.Context, t Transport) {
	defer t.Close()
	for job := range r.jobs {
		r.results <- r.deliver(ctx, t, job)
	}
}

// deliver is one mail: compose, send, record. The ledger is written even when
// ctx is over, since what happened has happened.
func (r *round) deliver(ctx context.Context, t Transport, job Job) result {
	ledger := context.WithoutCancel(ctx)
	res := result{job: job, out: Outcome{Kind: NotSent, Stage: StageCheck}}
	envelope, err := r.Load(ctx, job)
	if err != nil {
		res.err = fmt.Errorf("load mail of letter %s: %w", job.LetterID, err)
	} else {
		res.out = t.Send(ctx, envelope, func() error {
			err := r.Queue.HandingOver(ledger, job)
			if err != nil && !errors.Is(err, letters.ErrConflict) && !errors.Is(err, ErrTooLate) {
				res.err = fmt.Errorf("hand over letter %s: %w", job.LetterID, err)
			}
			return err
		})
	}
	res.out = r.later(job, res.out)
	r.log(ctx, job, res.out)
	if err := r.done(ledger, job, res.out); err != nil {
		res.err = errors.Join(res.err, err)
	}
	return res
}

// done records an outcome. A conflict says that the lease ran out while this
// process stood still, and another has settled the mail since: what it
// concluded stands, and of what we know the journal and the mail server's log
// keep the evidence.
func (r *round) done(ctx context.Context, job Job, out Outcome) error {
	err := r.Queue.Done(ctx, job, out)
	if errors.Is(err, letters.ErrConflict) {
		r.Log.LogAttrs(ctx, slog.LevelWarn, "mail is no longer ours", slog.String("letter_id", string(job.LetterID)))
		return nil
	}
	if err != nil {
		return fmt.Errorf("record outcome of letter %s: %w", job.LetterID, err)
	}
	return nil
}

// later sets when a mail comes again. A mail that was not sent lost no try.
func (r *round) later(job Job, out Outcome) Outcome {
	switch out.Kind {
	case Deferred:
		wait, ok := r.Backoff.Next(job.Tries + 1)
		out.RetryIn, out.GiveUp = wait, !ok
	case NotSent:
		if out.Stage == StageConnect {
			out.RetryIn = r.Backoff.withDefaults().First
		}
	}
	return out
}

func (r *round) log(ctx context.Context, job Job, out Outcome) {
	level := slog.LevelInfo
	if out.Kind == Refused || out.Kind == Uncertain {
		level = slog.LevelWarn
	}
	r.Log.LogAttrs(ctx, level, "mail ended", slog.String("letter_id", string(job.LetterID)),
		slog.Int("generation", job.Generation), slog.String("outcome", string(out.Kind)),
		slog.String("stage", string(out.Stage)), slog.Int("code", out.Code))
}
