package email

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"oshirase/letters"
)

// Job is one claimed mail.
type Job struct {
	LetterID   letters.ID
	Generation int
	Token      int64  // the claim's fencing token
	Tries      int    // before this one
	Domain     string // the recipient's, for pauses
}

// Queue is the ledger as a worker sees it. Every call is a transaction.
type Queue interface {
	// Claim takes at most n mails that are due; none means that nothing is.
	Claim(ctx context.Context, n int) ([]Job, error)
	// HandingOver commits handing_over and writes the journal for each job,
	// before its final dot. One whose error is not nil is not handed over.
	HandingOver(ctx context.Context, jobs []Job) []error
	// Done records the outcome. NotSent goes back to the queue, not before
	// RetryIn; Deferred comes again after RetryIn, or has failed with GiveUp.
	// It may be called from several goroutines.
	Done(ctx context.Context, j Job, out Outcome) error
}

// Transport hands over one mail at a time; *Sender is one.
type Transport interface {
	Send(ctx context.Context, e Envelope, beforeDot func() error) Outcome
	Close()
}

// ErrBrake says that a worker stopped by itself because too many mails in a
// row were not accepted: something is wrong that a person must look at.
var ErrBrake = errors.New("stopped: too many mails in a row were not accepted")

// ErrPaused says that a person has paused the sending; nothing is wrong.
var ErrPaused = errors.New("mail is paused")

// ErrCanary says that the first mails went out and nobody gave the go.
var ErrCanary = errors.New("stopped after the first mails")

// Worker sends what a queue holds.
type Worker struct {
	Queue Queue
	Load  func(ctx context.Context, j Job) (Envelope, error) // composes the mail just before it is sent
	Dial  func() (Transport, error)                          // called once for each sender

	Senders        int           // 0 = 1
	Claim          int           // mails claimed at a time; 0 = 100
	Ahead          int           // mails committed before their turn on a line that goes well; 0 = 8, 1 = none
	Every          time.Duration // least time between two mails
	DomainEvery    time.Duration // least time between two mails to one domain
	DomainRest     time.Duration // how long a domain is left alone after 4xx; 0 = 1 min
	Brake          int           // stop after so many in a row that were not accepted; 0 = 10
	UncertainBrake int           // stop after so many uncertain ones in a row; 0 = 3
	Canary         int           // first mails after which Go is asked; 0 = none
	Go             func(ctx context.Context, so Totals) error
	Paused         func(ctx context.Context) (bool, error) // looked at once a second; nil = never
	Within         time.Duration                           // a dot follows its commit this soon or not at all; 0 = no matter
	Backoff        Backoff
	StopGrace      time.Duration // 0 = 10 s: how long mails in hand may take after a stop
	Log            *slog.Logger  // nil = none
	Now            func() time.Time
}

// Totals counts outcomes of one Run.
type Totals struct {
	Accepted, Deferred, Refused, Uncertain, NotSent int
	GivenUp                                         int // of Deferred
	GivenBack                                       int // claimed, but not begun when the worker stopped
}

// Run sends until the queue has nothing due, ctx ends, or something is wrong.
//
// Mails are composed while others are sent, and outcomes recorded while the
// next mail goes. No dot leaves before its mail is committed as handing_over
// and its line of the journal is on the disk. A sender that has seen mails
// accepted one after the other commits the next few in the same transaction
// (Ahead), more of them the longer all goes well; so a crash leaves at most
// that many uncertain, one on a line that has only begun, has seen trouble,
// or is paced by Every.
//
// A stop by ctx is not an error: mails in hand are finished, those claimed but
// not begun go back, and Run returns. ErrBrake, ErrCanary and any error of
// Queue or Load stop it the same way and are returned. After an error of the
// queue's Done the mail is left as the ledger has it, handing_over: what
// became of it is for the next start to call uncertain.
func (w Worker) Run(ctx context.Context) (Totals, error) {
	w = w.withDefaults()
	transports, err := w.dial()
	if err != nil {
		return Totals{}, fmt.Errorf("mail worker: %w", err)
	}
	r := newRound(ctx, w)
	defer r.end()
	inHand, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer afterGrace(ctx, w.StopGrace, cancel)()

	var composers, senders sync.WaitGroup
	for range w.Senders {
		composers.Go(func() { r.compose(inHand) })
	}
	for _, t := range transports {
		l := &lane{round: r, transport: t, window: 1}
		senders.Go(func() { l.run(inHand) })
	}
	err = r.loop(ctx)
	err = errors.Join(err, r.finish(context.WithoutCancel(ctx)))
	composers.Wait()
	close(r.ready)
	senders.Wait()
	return r.totals, err
}

func (w Worker) withDefaults() Worker {
	w.Senders, w.Claim = max(w.Senders, 1), orInt(w.Claim, 100)
	w.Brake, w.UncertainBrake = orInt(w.Brake, 10), orInt(w.UncertainBrake, 3)
	w.Ahead = orInt(w.Ahead, 8)
	if w.Every >= paced || w.DomainEvery >= paced {
		w.Ahead = 1
	}
	if w.DomainRest == 0 {
		w.DomainRest = time.Minute
	}
	if w.StopGrace == 0 {
		w.StopGrace = 10 * time.Second
	}
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	return w
}

// paced is the least time between mails from which on nothing is gained by
// committing mails before their turn.
const paced = 5 * time.Millisecond

func orInt(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func (w Worker) dial() ([]Transport, error) {
	var all []Transport
	for range w.Senders {
		t, err := w.Dial()
		if err != nil {
			for _, open := range all {
				open.Close()
			}
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}
