package email

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWorkerSendsEachMailOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, l := newQueue(many(25)...), &line{takes: time.Second}
		w := testWorker(q, l)
		w.Senders, w.Claim = 4, 7
		start := time.Now()
		totals, err := w.Run(t.Context())
		if err != nil || totals.Accepted != 25 {
			t.Errorf("%+v, %v", totals, err)
		}
		slices.Sort(l.sent)
		if len(slices.Compact(slices.Clone(l.sent))) != 25 || len(l.sent) != 25 || len(q.done) != 25 || len(q.handing) != 25 {
			t.Errorf("sent %q", l.sent)
		}
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("25 mails of 1 s took %s with 4 senders, want 7 s", took)
		}
		if l.closed != 4 {
			t.Errorf("%d connections closed, want 4", l.closed)
		}
	})
}

func TestRateAndDomainPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, l := newQueue("a.jp", "a.jp", "a.jp", "b.jp"), &line{}
		w := testWorker(q, l)
		w.Senders, w.Every, w.DomainEvery = 2, 2*time.Second, 10*time.Second
		start := time.Now()
		if _, err := w.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, to := range l.sent {
			got = append(got, fmt.Sprintf("%s@%s", to, l.at[i].Sub(start)))
		}
		want := []string{"L00@0s", "L03@2s", "L01@10s", "L02@20s"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q: one mail in 2 s, one in 10 s to a.jp, the other domain first", got, want)
		}
	})
}

func TestDomainRestsAfter4xx(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		later := Outcome{Kind: Deferred, Stage: StageRcpt, Code: 450}
		q, l := newQueue("a.jp", "a.jp"), &line{plan: map[string]Outcome{"L00": later}}
		w := testWorker(q, l)
		w.DomainRest = 3 * time.Minute
		if totals, err := w.Run(t.Context()); err != nil || totals.Deferred != 1 || totals.Accepted != 1 {
			t.Fatalf("%+v, %v", totals, err)
		}
		if gap := l.at[1].Sub(l.at[0]); gap != 3*time.Minute {
			t.Errorf("next mail to the domain after %s, want 3 min", gap)
		}
		if got := q.done["L00"].RetryIn; got != 390*time.Second {
			t.Errorf("comes again in %s, want 6 min 30 s", got)
		}
	})
}

func TestBrake(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		out  Outcome
		sent int
	}{
		"refused":   {Outcome{Kind: Refused, Stage: StageRcpt, Code: 550}, 5},
		"no server": {Outcome{Kind: NotSent, Stage: StageConnect}, 5},
		"uncertain": {Outcome{Kind: Uncertain, Stage: StageDot}, 3},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, l := newQueue(many(20)...), &line{plan: make(map[string]Outcome)}
			for i := 2; i < 20; i++ {
				l.plan[fmt.Sprintf("L%02d", i)] = c.out
			}
			w := testWorker(q, l)
			w.Brake = 5
			totals, err := w.Run(t.Context())
			if !errors.Is(err, ErrBrake) {
				t.Errorf("error %v, want ErrBrake", err)
			}
			if len(l.sent) != 2+c.sent || totals.GivenBack != 18-c.sent || len(q.done) != 20 {
				t.Errorf("%d sent, %+v; want the brake after %d and the rest given back", len(l.sent), totals, c.sent)
			}
		})
	}
}

func TestBrakeCountsInARow(t *testing.T) {
	t.Parallel()
	q, l := newQueue(many(30)...), &line{plan: make(map[string]Outcome)}
	for i := range 30 {
		if i%3 != 0 {
			l.plan[fmt.Sprintf("L%02d", i)] = Outcome{Kind: Refused, Stage: StageRcpt, Code: 550}
		}
	}
	w := testWorker(q, l)
	w.Brake = 3
	if totals, err := w.Run(t.Context()); err != nil || totals.Accepted != 10 || totals.Refused != 20 {
		t.Errorf("%+v, %v: an accepted mail must release the brake", totals, err)
	}
}

func TestCanary(t *testing.T) {
	t.Parallel()
	for _, answer := range []error{nil, errors.New("looks wrong")} {
		q, l := newQueue(many(12)...), &line{}
		w := testWorker(q, l)
		w.Senders, w.Canary = 3, 5
		asked := 0
		w.Go = func(_ context.Context, so Totals) error {
			asked++
			if so.Accepted != 5 || len(q.done) != 5 {
				t.Errorf("asked after %+v with %d recorded, want 5", so, len(q.done))
			}
			return answer
		}
		totals, err := w.Run(t.Context())
		want := 12
		if answer != nil {
			want = 5
		}
		if totals.Accepted != want || (answer != nil) != errors.Is(err, ErrCanary) || asked != 1 {
			t.Errorf("answer %v: %+v, %v, asked %d times", answer, totals, err, asked)
		}
		if q.claims[0] != 5 {
			t.Errorf("claimed %d before the go, want 5", q.claims[0])
		}
	}
}

func TestStopFinishesTheMailInHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		q, l := newQueue(many(10)...), &line{takes: 5 * time.Second}
		l.during = func(letter string) {
			if letter == "L02" {
				cancel()
			}
		}
		totals, err := testWorker(q, l).Run(ctx)
		if err != nil || totals.Accepted != 3 || totals.GivenBack != 7 || q.done["L02"].Kind != Accepted {
			t.Errorf("%+v, %v", totals, err)
		}
		if q.done["L03"].Stage != StageStop || len(q.done) != 10 {
			t.Errorf("%d outcomes, L03 %+v", len(q.done), q.done["L03"])
		}
	})
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		q, l := newQueue("a.jp"), &line{takes: time.Hour, during: func(string) { cancel() }}
		start := time.Now()
		totals, err := testWorker(q, l).Run(ctx)
		if took := time.Since(start); err != nil || totals.NotSent != 1 || took != 10*time.Second {
			t.Errorf("%+v, %v after %s, want not sent after 10 s", totals, err, took)
		}
	})
}

func TestLedgerGone(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"handing over", "recording", "loading"} {
		q, l := newQueue(many(6)...), &line{}
		w := testWorker(q, l)
		switch where {
		case "handing over":
			q.failOn = "L01"
		case "recording":
			q.failEnd = "L01"
		case "loading":
			w.Load = func(_ context.Context, j Job) (Envelope, error) {
				if j.LetterID == "L01" {
					return Envelope{}, errLedger
				}
				return Envelope{To: string(j.LetterID)}, nil
			}
		}
		totals, err := w.Run(t.Context())
		if !errors.Is(err, errLedger) || !strings.Contains(err.Error(), "L01") {
			t.Errorf("%s: error %v", where, err)
		}
		if n := len(l.sent); n > 2 || totals.GivenBack != 4 {
			t.Errorf("%s: %d mails tried, %+v; want a stop at the second", where, n, totals)
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	var b Backoff
	var sum, last time.Duration
	tries := 0
	for n := 1; ; n++ {
		wait, ok := b.Next(n)
		if !ok {
			tries = n
			break
		}
		if wait < last || wait > 4*time.Hour {
			t.Errorf("try %d: %s after %s", n, wait, last)
		}
		sum, last = sum+wait, wait
	}
	if first, _ := b.Next(1); first != 390*time.Second || tries != 40 || last != 4*time.Hour {
		t.Errorf("first %s, last %s, given up at %d", first, last, tries)
	}
	if sum < 4*24*time.Hour || sum > 5*24*time.Hour {
		t.Errorf("given up after %s, want between four and five days", sum)
	}
}

func TestGivenUp(t *testing.T) {
	t.Parallel()
	q, l := newQueue("a.jp"), &line{plan: map[string]Outcome{"L00": {Kind: Deferred, Stage: StageRcpt, Code: 450}}}
	q.jobs[0].Tries = 39
	totals, err := testWorker(q, l).Run(t.Context())
	if err != nil || totals.GivenUp != 1 || !q.done["L00"].GiveUp {
		t.Errorf("%+v, %v, %+v", totals, err, q.done["L00"])
	}
}

// TestWorkerOverTheWire joins worker, sender and sink: every mail is in the
// sink once, and every one was handing_over before.
func TestWorkerOverTheWire(t *testing.T) {
	t.Parallel()
	sink := startSink(t)
	q := newQueue(many(20)...)
	w := testWorker(q, nil)
	w.Senders = 3
	w.Dial = func() (Transport, error) { return NewSender(sinkConfig(sink)) }
	w.Load = func(_ context.Context, j Job) (Envelope, error) {
		e := sample()
		e.Message = []byte(fmt.Sprintf("Message-ID: <%s@example.jp>\r\n\r\nbody\r\n", j.LetterID))
		return e, nil
	}
	totals, err := w.Run(t.Context())
	if err != nil || totals.Accepted != 20 {
		t.Fatalf("%+v, %v", totals, err)
	}
	entries, err := sink.Entries()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, strings.TrimSuffix(strings.TrimPrefix(e.MessageID, "<"), "@example.jp>"))
	}
	slices.Sort(got)
	slices.Sort(q.handing)
	if !slices.Equal(got, q.handing) || len(slices.Compact(got)) != 20 {
		t.Errorf("sink holds %q, handed over %q", got, q.handing)
	}
}

// TestPause: a pause is seen within a second, the mail in hand is finished and
// the rest goes back.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, l := newQueue(many(60)...), &line{takes: 300 * time.Millisecond}
		w := testWorker(q, l)
		start := time.Now()
		w.Paused = func(context.Context) (bool, error) { return time.Since(start) >= 3*time.Second, nil }
		totals, err := w.Run(t.Context())
		if !errors.Is(err, ErrPaused) || totals.Accepted < 10 || totals.Accepted > 16 {
			t.Errorf("%+v, %v, want a stop after 3 to 4 s", totals, err)
		}
		if totals.Accepted+totals.GivenBack != 60 {
			t.Errorf("%+v of 60", totals)
		}
	})
}
