package email

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"oshirase/letters"
)

// lane is one sender: one mail after the other over its own connection.
type lane struct {
	*round
	transport Transport
	window    int     // mails that one commit may hand over
	well      int     // mails accepted in a row
	ahead     []*item // committed as handing_over, not yet sent, in their order

	committing chan struct{} // of the last commit; closed when it is done
	recording  chan struct{} // closed when all outcomes so far are recorded
}

func (l *lane) run(ctx context.Context) {
	defer l.transport.Close()
	for it := l.next(); it != nil; it = l.next() {
		l.one(ctx, it)
	}
	l.wait()
}

func (l *lane) next() *item {
	if len(l.ahead) > 0 {
		it := l.ahead[0]
		l.ahead = l.ahead[1:]
		return it
	}
	return <-l.ready // nil when it is closed
}

// one sends an item, unless nothing may be begun any more or its domain rests.
func (l *lane) one(ctx context.Context, it *item) {
	rest := l.resting(it)
	late := it.handing != nil && l.Within > 0 && l.Now().Sub(it.at) > l.Within/4
	switch {
	case l.over.Err() != nil || late && rest <= 0:
		l.giveBack(ctx, it, 0)
	case rest > 0 && it.handing != nil:
		l.giveBack(ctx, it, rest)
	case rest > 0:
		l.results <- result{it, true}
	default:
		l.deliver(ctx, it)
	}
}

func (l *lane) resting(it *item) time.Duration {
	if l.DomainEvery > 0 {
		return 0 // its own pace was kept when it was begun
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held(it.Domain, l.Now())
}

// giveBack puts a mail whose dot was certainly not sent back into the queue.
func (l *lane) giveBack(ctx context.Context, it *item, rest time.Duration) {
	it.answered()
	err := l.done(context.WithoutCancel(ctx), it.Job, Outcome{Kind: NotSent, Stage: StageStop, RetryIn: rest})
	if err != nil {
		l.fail(err)
	} else {
		l.mu.Lock()
		l.totals.GivenBack++
		l.mu.Unlock()
	}
	l.results <- result{item: it}
}

// deliver sends one mail and has its outcome recorded. The ledger is written
// even when ctx is over, since what happened has happened.
func (l *lane) deliver(ctx context.Context, it *item) {
	if l.window == 1 {
		l.wait() // at most one mail of this lane is unknown to the ledger
		if l.over.Err() != nil {
			l.giveBack(ctx, it, 0)
			return
		}
	}
	out, err := Outcome{Kind: NotSent, Stage: StageCheck}, it.err
	if err == nil {
		if l.window > 1 {
			l.commit(ctx, it)
		}
		out = l.transport.Send(ctx, it.envelope, func() error {
			if it.handing == nil {
				l.commit(ctx, it)
			}
			refused := l.mayGo(it)
			if refused != nil && !errors.Is(refused, letters.ErrConflict) && !errors.Is(refused, ErrTooLate) {
				err = fmt.Errorf("hand over letter %s: %w", it.LetterID, refused)
			}
			return refused
		})
	}
	out = l.later(it.Job, out)
	l.settle(it.Job, out, err)
	l.pace(ctx, out)
	l.record(ctx, it, out)
}

// mayGo waits until a mail is committed and returns why its dot must not be
// sent all the same.
func (l *lane) mayGo(it *item) error {
	it.answered()
	if it.refused == nil && l.Within > 0 && l.Now().Sub(it.at) > l.Within {
		return ErrTooLate
	}
	return it.refused
}

// commit asks for a mail to be handed over and, on a line that goes well, for
// the next ones that are composed already. One commit at a time is on its way.
func (l *lane) commit(ctx context.Context, it *item) {
	var group []*item
	if it.handing == nil {
		group = append(group, it)
	} else if !l.idle() {
		return
	}
	for len(l.ahead) < l.window-1 {
		more := l.another()
		if more == nil {
			break
		}
		l.ahead, group = append(l.ahead, more), append(group, more)
	}
	if len(group) == 0 {
		return
	}
	done, jobs := make(chan struct{}), make([]Job, len(group))
	for i, g := range group {
		g.handing, g.at, jobs[i] = done, l.Now(), g.Job
	}
	l.committing = done
	go func() {
		defer close(done)
		for i, err := range l.Queue.HandingOver(context.WithoutCancel(ctx), jobs) {
			group[i].refused = err
		}
	}()
}

// idle reports whether no commit is on its way.
func (l *lane) idle() bool {
	select {
	case <-l.committing:
		return true
	default:
		return l.committing == nil
	}
}

// another returns a composed item that may be committed ahead, or nil.
func (l *lane) another() *item {
	for l.over.Err() == nil {
		select {
		case it := <-l.ready:
			if it == nil {
				return nil
			}
			switch {
			case it.err != nil:
				l.ahead = append(l.ahead, it) // fails in its turn
				return nil
			case l.resting(it) > 0:
				l.results <- result{it, true}
			default:
				return it
			}
		default:
			return nil
		}
	}
	return nil
}

// pace widens the window while all goes well; after anything else what was
// committed ahead goes back.
func (l *lane) pace(ctx context.Context, out Outcome) {
	if out.Kind == Accepted {
		if l.well++; l.well%20 == 0 {
			l.window = min(2*l.window, l.Ahead)
		}
		return
	}
	l.well, l.window = 0, 1
	if out.Kind == Deferred || out.Kind == Refused {
		return // the line is sound
	}
	for _, it := range l.ahead {
		l.giveBack(ctx, it, 0)
	}
	l.ahead = nil
}

// record has the outcome written while the next mail goes.
func (l *lane) record(ctx context.Context, it *item, out Outcome) {
	ledger := context.WithoutCancel(ctx)
	done := make(chan struct{})
	before := l.recording
	l.recording = done
	go func() {
		defer close(done)
		it.answered() // a mail committed ahead may be refused before its commit is through
		if err := l.done(ledger, it.Job, out); err != nil {
			l.fail(err)
		}
		if before != nil {
			<-before
		}
		l.results <- result{item: it}
	}()
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

// wait waits until every outcome so far is recorded.
func (l *lane) wait() {
	if l.recording != nil {
		<-l.recording
	}
}

// later sets when a mail comes again. A mail that was not sent lost no try.
func (l *lane) later(job Job, out Outcome) Outcome {
	switch out.Kind {
	case Deferred:
		wait, ok := l.Backoff.Next(job.Tries + 1)
		out.RetryIn, out.GiveUp = wait, !ok
	case NotSent:
		if out.Stage == StageConnect {
			out.RetryIn = l.Backoff.withDefaults().First
		}
	}
	return out
}
