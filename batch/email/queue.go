package email

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"oshirase/letters"
)

// Ledger is what the mail queue needs of the ledger. StepEach makes changes of
// state that have nothing to do with each other, in one transaction where all
// goes well, and says of each what became of it.
type Ledger interface {
	ClaimEmail(ctx context.Context, worker string, n int, lease time.Duration) ([]letters.Dispatch, error)
	StepEach(ctx context.Context, steps []letters.Step) []error
}

// Record is one line of the journal of hand-overs.
type Record struct {
	Kind       string // handing_over, accepted, uncertain, not_sent
	LetterID   letters.ID
	Generation int
	Event      int64 // number of the ledger's event that the line goes with
}

// LedgerQueue is the ledger as a Queue. Journal writes lines with one fsync
// before it returns; Domain is the house's, for Message-IDs.
//
// What several senders ask for at the same time becomes one transaction and
// one fsync (group commit): nobody gets his answer before his own step is
// committed and his own line is on the disk.
type LedgerQueue struct {
	Ledger  Ledger
	Journal func(ctx context.Context, records []Record) error
	Domains func(ctx context.Context, claimed []letters.Dispatch) (map[letters.ID]string, error) // nil = none known
	Why     func(out Outcome) string                                                             // code of the reason of a refusal; nil = none
	Worker  string
	Lease   time.Duration
	Domain  string
	Within  time.Duration // the final dot follows this soon or not at all; 0 = no matter
	Now     func() time.Time

	commits group
	mu      sync.Mutex
	hands   map[letters.ID]int64 // token of each mail that stands before its dot
}

// Claim is Queue's.
func (q *LedgerQueue) Claim(ctx context.Context, n int) ([]Job, error) {
	claimed, err := q.Ledger.ClaimEmail(ctx, q.Worker, n, q.Lease)
	if err != nil {
		return nil, fmt.Errorf("claim mails: %w", err)
	}
	var domains map[letters.ID]string
	if q.Domains != nil && len(claimed) > 0 {
		if domains, err = q.Domains(ctx, claimed); err != nil {
			return nil, fmt.Errorf("read domains of claimed mails: %w", err)
		}
	}
	jobs := make([]Job, 0, len(claimed))
	for _, d := range claimed {
		jobs = append(jobs, Job{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token, Tries: d.Attempts - 1,
			Domain: domains[d.LetterID]})
	}
	return jobs, nil
}

// ErrTooLate says that this process stood still before the final dot for so
// long that others may take the mail for settled.
var ErrTooLate = errors.New("too late for the final dot")

// HandingOver is Queue's: the ledger first, then the journal. When the journal
// fails, or more than Within has passed, a mail stays handing_over; Done gives
// it back, since its dot was not sent, if the ledger still has it as ours. If
// the power goes before that is committed, it is uncertain at the next start.
func (q *LedgerQueue) HandingOver(ctx context.Context, jobs []Job) []error {
	began := q.Now()
	wants := make([]*commit, len(jobs))
	for i, j := range jobs {
		s := q.step(j, letters.Claimed, letters.HandingOver, letters.ByToken, j.Token)
		s.MessageID = MessageID(j.LetterID, j.Generation, q.Domain)
		wants[i] = &commit{step: s, record: &Record{"handing_over", j.LetterID, j.Generation, s.Token + 1}}
	}
	q.commits.do(ctx, q.write, wants)
	errs := make([]error, len(jobs))
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.hands == nil {
		q.hands = make(map[letters.ID]int64)
	}
	late := q.Within > 0 && q.Now().Sub(began) > q.Within
	for i, c := range wants {
		if errs[i] = c.err; c.stepped {
			q.hands[c.step.LetterID] = c.step.Token + 1
		}
		if errs[i] == nil && late {
			errs[i] = ErrTooLate
		}
	}
	return errs
}

// Done is Queue's. What is not certain becomes uncertain and nothing else.
func (q *LedgerQueue) Done(ctx context.Context, j Job, out Outcome) error {
	q.mu.Lock()
	token, before := q.hands[j.LetterID]
	delete(q.hands, j.LetterID)
	q.mu.Unlock()
	from := letters.HandingOver
	if !before {
		from, token = letters.Claimed, j.Token
	}
	to, guard := verdict(from, out)
	c := &commit{step: q.step(j, from, to, guard, token)}
	c.step.Ref, c.step.Reply, c.step.Untried = fmt.Sprintf("%s %d", out.Stage, out.Code), out.Reply, out.Kind == NotSent
	if to == letters.Deferred {
		c.step.RetryAt = q.Now().Add(max(out.RetryIn, time.Minute)).UnixMicro()
	}
	if to == letters.Failed5xx && q.Why != nil {
		c.step.Why = q.Why(out)
	}
	if kind := journalKind(from, to); kind != "" {
		c.record = &Record{kind, j.LetterID, j.Generation, c.step.Token + 1}
	}
	q.commits.do(ctx, q.write, []*commit{c})
	return c.err
}

// verdict is the state that an outcome leads to.
func verdict(from letters.State, out Outcome) (letters.State, letters.Guard) {
	switch {
	case out.Kind == Accepted && from == letters.HandingOver:
		return letters.Accepted, letters.ByAnswer
	case out.Kind == Deferred && out.GiveUp, out.Kind == Refused:
		return letters.Failed5xx, letters.ByAnswer
	case out.Kind == Deferred:
		return letters.Deferred, letters.ByAnswer
	case from == letters.HandingOver && out.Kind != NotSent:
		return letters.Uncertain, letters.NoGuard
	case out.RetryIn > 0:
		return letters.Deferred, letters.ByAnswer
	}
	return letters.QueuedEmail, letters.ByToken
}

// journalKind is the line that an outcome leaves in the journal, "" for none.
func journalKind(from, to letters.State) string {
	switch {
	case to == letters.Accepted:
		return "accepted"
	case to == letters.Uncertain:
		return "uncertain"
	case from == letters.HandingOver && to == letters.Failed5xx:
		return "refused"
	case from == letters.HandingOver && to == letters.Deferred:
		return "deferred"
	case from == letters.HandingOver && to == letters.QueuedEmail:
		return "not_sent"
	}
	return ""
}

func (q *LedgerQueue) step(j Job, from, to letters.State, guard letters.Guard, token int64) letters.Step {
	return letters.Step{LetterID: j.LetterID, Generation: j.Generation, Token: token, From: from, To: to,
		Guard: guard, Actor: q.Worker, At: q.Now().UnixMicro()}
}
