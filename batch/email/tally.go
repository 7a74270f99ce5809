package email

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// settle counts an outcome, logs it and pulls the brake.
func (r *round) settle(job Job, out Outcome, err error) {
	r.log(job, out)
	r.mu.Lock()
	r.count(out)
	brake := r.unsure >= r.UncertainBrake || r.notOK >= r.Brake
	if !brake && out.Kind == Deferred {
		r.rest[job.Domain] = r.Now().Add(r.DomainRest)
	}
	n := r.notOK
	r.mu.Unlock()
	switch {
	case err != nil:
		r.fail(err)
	case brake:
		r.fail(fmt.Errorf("%w: %d, the last %s at %s with code %d", ErrBrake, n, out.Kind, out.Stage, out.Code))
	}
}

// fail stops the round: nothing new is begun.
func (r *round) fail(err error) {
	r.mu.Lock()
	r.stop = errors.Join(r.stop, err)
	r.mu.Unlock()
	r.end()
}

func (r *round) stopped() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stop
}

func (r *round) sofar() Totals {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.totals
}

func (r *round) count(out Outcome) {
	if out.Stage != StageLedger { // that is no answer of the mail server
		r.notOK++
	}
	unsure := r.unsure + 1
	r.unsure = 0
	switch out.Kind {
	case Accepted:
		r.totals.Accepted++
		r.notOK = 0
	case Deferred:
		r.totals.Deferred++
		if out.GiveUp {
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

func (r *round) log(job Job, out Outcome) {
	level := slog.LevelInfo
	if out.Kind == Refused || out.Kind == Uncertain {
		level = slog.LevelWarn
	}
	r.Log.LogAttrs(context.WithoutCancel(r.over), level, "mail ended", slog.String("letter_id", string(job.LetterID)),
		slog.Int("generation", job.Generation), slog.String("outcome", string(out.Kind)),
		slog.String("stage", string(out.Stage)), slog.Int("code", out.Code))
}
