package email

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"oshirase/letters"
)

// Ledger is what the mail queue needs of the ledger.
type Ledger interface {
	ClaimEmail(ctx context.Context, worker string, n int, lease time.Duration) ([]letters.Dispatch, error)
	Step(ctx context.Context, s letters.Step) (int64, error)
}

// LedgerQueue is the ledger as a Queue. Journal writes one fsynced line before
// the final dot; Domain is the house's, for Message-IDs.
type LedgerQueue struct {
	Ledger  Ledger
	Journal func(ctx context.Context, kind string, id letters.ID, generation int) error
	Worker  string
	Lease   time.Duration
	Domain  string
	Within  time.Duration // the final dot follows this soon or not at all; 0 = no matter
	Now     func() time.Time

	mu    sync.Mutex
	hands map[letters.ID]int64 // token of each mail that stands before its dot
}

// Claim is Queue's.
func (q *LedgerQueue) Claim(ctx context.Context, n int) ([]Job, error) {
	claimed, err := q.Ledger.ClaimEmail(ctx, q.Worker, n, q.Lease)
	if err != nil {
		return nil, fmt.Errorf("claim mails: %w", err)
	}
	jobs := make([]Job, 0, len(claimed))
	for _, d := range claimed {
		jobs = append(jobs, Job{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token, Tries: d.Attempts - 1})
	}
	return jobs, nil
}

// ErrTooLate says that this process stood still before the final dot for so
// long that others may take the mail for settled.
var ErrTooLate = errors.New("too late for the final dot")

// HandingOver is Queue's: the ledger first, then the journal. When the journal
// fails, or more than Within has passed, the mail stays handing_over, and Done
// makes it uncertain.
func (q *LedgerQueue) HandingOver(ctx context.Context, j Job) error {
	began := q.Now()
	s := q.step(j, letters.Claimed, letters.HandingOver, letters.ByToken, j.Token)
	s.MessageID = MessageID(j.LetterID, j.Generation, q.Domain)
	token, err := q.Ledger.Step(ctx, s)
	if err != nil {
		return err
	}
	q.mu.Lock()
	if q.hands == nil {
		q.hands = make(map[letters.ID]int64)
	}
	q.hands[j.LetterID] = token
	q.mu.Unlock()
	if err := q.Journal(ctx, "handing_over", j.LetterID, j.Generation); err != nil {
		return err
	}
	if q.Within > 0 && q.Now().Sub(began) > q.Within {
		return ErrTooLate
	}
	return nil
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
	s := q.step(j, from, to, guard, token)
	s.Ref, s.Reply = fmt.Sprintf("%s %d", out.Stage, out.Code), out.Reply
	if to == letters.Deferred {
		s.RetryAt = q.Now().Add(max(out.RetryIn, time.Minute)).UnixMicro()
	}
	_, err := q.Ledger.Step(ctx, s)
	if err != nil && !errors.Is(err, letters.ErrConflict) {
		return err
	}
	if kind, ok := journalKind(to); ok { // what we know, whoever has the letter by now
		err = errors.Join(err, q.Journal(ctx, kind, j.LetterID, j.Generation))
	}
	return err
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
	case from == letters.HandingOver: // not sent, not known: nobody can tell
		return letters.Uncertain, letters.NoGuard
	case out.RetryIn > 0:
		return letters.Deferred, letters.ByAnswer
	}
	return letters.QueuedEmail, letters.ByToken
}

func journalKind(to letters.State) (string, bool) {
	switch to {
	case letters.Accepted:
		return "accepted", true
	case letters.Uncertain:
		return "uncertain", true
	}
	return "", false
}

func (q *LedgerQueue) step(j Job, from, to letters.State, guard letters.Guard, token int64) letters.Step {
	return letters.Step{LetterID: j.LetterID, Generation: j.Generation, Token: token, From: from, To: to,
		Guard: guard, Actor: q.Worker, At: q.Now().UnixMicro()}
}
