package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"oshirase/letters"
)

// TestStepOutlivesCutSessions ends every session of the ledger again and again
// while mails are stepped: each step is made exactly once, whether its commit
// was cut off before or after it reached the database.
func TestStepOutlivesCutSessions(t *testing.T) {
	t.Parallel()
	target := postgresTarget(t)
	s := openAt(t, named(t, target, "cut-"+t.Name()))
	released(t, s, 1, 400)
	ended, stop := cutSessions(t, target, "cut-"+t.Name())
	var claimed []letters.Dispatch
	for len(claimed) < 20 || ended.Load() < 3 {
		before := ended.Load()
		some, err := s.ClaimEmail(t.Context(), "w1", 20, time.Hour)
		if errors.Is(err, ErrUnreachable) {
			continue // a claim is for the worker to ask again
		}
		must(t, err)
		if len(some) == 0 {
			t.Fatalf("only %d sessions were ended: nothing is proved", ended.Load())
		}
		for _, d := range some {
			handOver(t, s, d)
		}
		claimed = append(claimed, some...)
		for ended.Load() == before {
			runtime.Gosched() // one cut at least falls among these letters, or behind them
		}
	}
	stop()
	for _, d := range claimed {
		events, err := s.Events(t.Context(), d.LetterID)
		must(t, err)
		last := events[len(events)-1]
		if last.To != letters.Accepted || last.Seq != int(d.Token)+2 || len(events) != last.Seq {
			t.Errorf("letter %s: last event %+v of %d", d.LetterID, last, len(events))
		}
	}
}

// handOver steps a claimed mail to accepted.
func handOver(t *testing.T, s *Store, d letters.Dispatch) {
	t.Helper()
	step := letters.Step{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token, From: letters.Claimed,
		To: letters.HandingOver, Guard: letters.ByToken, Actor: "w1", At: later(time.Hour).UnixMicro(), MessageID: string(d.LetterID)}
	token, err := s.Step(t.Context(), step)
	must(t, err)
	step.Token, step.From, step.To, step.Guard = token, letters.HandingOver, letters.Accepted, letters.ByAnswer
	_, err = s.Step(t.Context(), step)
	must(t, err)
}

// named gives the sessions of a target a name, so that they can be told from
// those of other tests.
func named(t *testing.T, target, name string) string {
	t.Helper()
	u, err := url.Parse(target)
	must(t, err)
	q := u.Query()
	q.Set("application_name", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// cutSessions ends the named sessions, after each step that was made, until
// stop.
func cutSessions(t *testing.T, target, name string) (ended *atomic.Int64, stop func()) {
	t.Helper()
	db, err := sqlx.Open("postgres", target)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended = new(atomic.Int64)
	var wg sync.WaitGroup
	wg.Go(func() {
		for before := int64(-1); ctx.Err() == nil; {
			var events, n int64
			_ = db.GetContext(ctx, &events, `SELECT COUNT(seq) FROM letter_event`)
			if events == before {
				continue // no step was made since the last cut
			}
			_ = db.GetContext(ctx, &n, `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1`, name)
			if n > 0 {
				before = events
				ended.Add(n)
			}
		}
	})
	return ended, func() { cancel(); wg.Wait(); must(t, db.Close()) }
}

// TestUnreachableIsTold: a server that is not there is told from a conflict.
func TestUnreachableIsTold(t *testing.T) {
	t.Parallel()
	s, err := connect("postgres://oshirase@127.0.0.1:1/none", testOptions())
	must(t, err)
	defer s.Close()
	err = s.SetHome(t.Context(), "h", 1, "", "e")
	if !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrConflict) {
		t.Errorf("no server: %v, want ErrUnreachable", err)
	}
}

// TestDeniedIsTold: a password or a database that is wrong does not get right
// by waiting; a server that starts up does.
func TestDeniedIsTold(t *testing.T) {
	t.Parallel()
	for code, want := range map[pq.ErrorCode]error{"28P01": ErrDenied, "28000": ErrDenied, "3D000": ErrDenied, "57P03": ErrUnreachable, "08006": ErrUnreachable} {
		err := translate(fmt.Errorf("open: %w", &pq.Error{Code: code}))
		if !errors.Is(err, want) || errors.Is(err, ErrDenied) && errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: %v, want %v", code, err, want)
		}
	}
}
