package email

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"oshirase/letters"
)

// queue is a ledger in memory that records what is asked of it.
type queue struct {
	mu      sync.Mutex
	jobs    []Job
	handing []string
	done    map[string]Outcome
	asked   map[string]bool // HandingOver has begun
	claims  []int
	groups  []int // how many mails each commit handed over
	takes   time.Duration
	failOn  string // letter whose HandingOver fails
	failEnd string // letter whose Done fails
}

func newQueue(domains ...string) *queue {
	q := &queue{done: make(map[string]Outcome), asked: make(map[string]bool)}
	for i, d := range domains {
		q.jobs = append(q.jobs, Job{LetterID: letters.ID(fmt.Sprintf("L%02d", i)), Generation: 1, Domain: d})
	}
	return q
}

func (q *queue) Claim(_ context.Context, n int) ([]Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.claims = append(q.claims, n)
	n = min(n, len(q.jobs))
	jobs := slices.Clone(q.jobs[:n])
	q.jobs = q.jobs[n:]
	return jobs, nil
}

var errLedger = errors.New("ledger is gone")

func (q *queue) HandingOver(_ context.Context, jobs []Job) []error {
	q.mu.Lock()
	for _, j := range jobs {
		q.asked[string(j.LetterID)] = true
	}
	q.mu.Unlock()
	time.Sleep(q.takes) // of a synctest bubble
	q.mu.Lock()
	defer q.mu.Unlock()
	q.groups = append(q.groups, len(jobs))
	errs := make([]error, len(jobs))
	for i, j := range jobs {
		if string(j.LetterID) == q.failOn {
			errs[i] = errLedger
			continue
		}
		q.handing = append(q.handing, string(j.LetterID))
	}
	return errs
}

func (q *queue) Done(_ context.Context, j Job, out Outcome) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if string(j.LetterID) == q.failEnd {
		return errLedger
	}
	if _, twice := q.done[string(j.LetterID)]; twice {
		return errors.New("outcome recorded twice")
	}
	if id := string(j.LetterID); q.asked[id] && id != q.failOn && !slices.Contains(q.handing, id) {
		return errors.New("outcome recorded while its hand-over was on its way")
	}
	q.done[string(j.LetterID)] = out
	return nil
}

// line is a transport that answers by plan and notes when each mail went.
type line struct {
	mu     sync.Mutex
	plan   map[string]Outcome
	takes  time.Duration
	sent   []string
	at     []time.Time
	closed int
	during func(letter string)
}

func (l *line) Send(ctx context.Context, e Envelope, beforeDot func() error) Outcome {
	l.mu.Lock()
	l.sent, l.at = append(l.sent, e.To), append(l.at, time.Now())
	out, planned := l.plan[e.To]
	l.mu.Unlock()
	if !planned {
		out = Outcome{Kind: Accepted, Stage: StageDot, Code: 250}
	}
	if l.during != nil {
		l.during(e.To)
	}
	select {
	case <-time.After(l.takes):
	case <-ctx.Done():
		return Outcome{Kind: NotSent, Stage: StageBody}
	}
	if out.Stage == StageDot {
		if err := beforeDot(); err != nil {
			return Outcome{Kind: NotSent, Stage: StageLedger}
		}
	}
	return out
}

func (l *line) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed++
}

func testWorker(q *queue, l *line) Worker {
	return Worker{Queue: q, Dial: func() (Transport, error) { return l, nil }, Now: time.Now,
		Load: func(_ context.Context, j Job) (Envelope, error) { return Envelope{To: string(j.LetterID)}, nil }}
}

func many(n int) []string {
	domains := make([]string, n)
	for i := range domains {
		domains[i] = fmt.Sprintf("d%d.example.jp", i)
	}
	return domains
}
