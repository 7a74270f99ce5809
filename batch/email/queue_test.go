package email

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"oshirase/letters"
)

// book is a ledger that writes down the steps it is told.
type book struct{ steps []letters.Step }

func (b *book) ClaimEmail(context.Context, string, int, time.Duration) ([]letters.Dispatch, error) {
	return []letters.Dispatch{{LetterID: "1000000000000004", Generation: 1, Token: 3, Attempts: 1}}, nil
}

func (b *book) StepEach(_ context.Context, steps []letters.Step) []error {
	errs := make([]error, len(steps))
	for i, s := range steps {
		if errs[i] = letters.CheckTransition(s.From, s.To, s.Guard); errs[i] == nil {
			b.steps = append(b.steps, s)
		}
	}
	return errs
}

// TestEveryOutcomeHasItsState: what becomes of a mail in the ledger, before
// and after it was committed as handing_over. Each is an edge of the one list.
func TestEveryOutcomeHasItsState(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		before bool // HandingOver ran
		out    Outcome
		want   letters.State
	}{
		{"accepted", true, Outcome{Kind: Accepted, Code: 250}, letters.Accepted},
		{"refused after the dot", true, Outcome{Kind: Refused, Code: 554}, letters.Failed5xx},
		{"deferred after the dot", true, Outcome{Kind: Deferred, Code: 451}, letters.Deferred},
		{"lost after the dot", true, Outcome{Kind: Uncertain}, letters.Uncertain},
		{"stopped by our own ledger after it committed", true, Outcome{Kind: NotSent, Stage: StageLedger}, letters.QueuedEmail},
		{"committed ahead, then refused at RCPT", true, Outcome{Kind: Refused, Stage: StageRcpt, Code: 550}, letters.Failed5xx},
		{"committed ahead, then the connection lost before the dot", true, Outcome{Kind: NotSent, Stage: StageMail}, letters.QueuedEmail},
		{"committed ahead, then no server", true, Outcome{Kind: NotSent, Stage: StageConnect, RetryIn: time.Minute}, letters.Deferred},
		{"committed ahead, then stopped", true, Outcome{Kind: NotSent, Stage: StageStop}, letters.QueuedEmail},
		{"refused at RCPT", false, Outcome{Kind: Refused, Code: 550}, letters.Failed5xx},
		{"deferred at RCPT", false, Outcome{Kind: Deferred, Code: 450}, letters.Deferred},
		{"deferred for the last time", false, Outcome{Kind: Deferred, Code: 450, GiveUp: true}, letters.Failed5xx},
		{"connection lost before the dot", false, Outcome{Kind: NotSent}, letters.QueuedEmail},
		{"no server", false, Outcome{Kind: NotSent, Stage: StageConnect, RetryIn: time.Minute}, letters.Deferred},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := &book{}
			q := &LedgerQueue{Ledger: b, Worker: "w", Domain: "example.jp", Now: func() time.Time { return time.Unix(1_700_000_000, 0) },
				Journal: func(context.Context, []Record) error { return nil }}
			jobs, err := q.Claim(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			token := jobs[0].Token
			if tt.before {
				if err := q.HandingOver(t.Context(), jobs)[0]; err != nil {
					t.Fatal(err)
				}
				token++
			}
			if err := q.Done(t.Context(), jobs[0], tt.out); err != nil {
				t.Fatal(err)
			}
			if last := b.steps[len(b.steps)-1]; last.To != tt.want || last.Token != token {
				t.Errorf("state %s with token %d, want %s with %d", last.To, last.Token, tt.want, token)
			} else if last.Untried != (tt.out.Kind == NotSent) {
				t.Errorf("the try counts: %t", !last.Untried)
			}
		})
	}
}

// TestJournalFailureStopsTheDot: the journal is written before the dot, and
// when it cannot be, the mail is certainly not handed over and goes back.
func TestJournalFailureStopsTheDot(t *testing.T) {
	t.Parallel()
	b := &book{}
	full := errors.New("disk full")
	q := &LedgerQueue{Ledger: b, Now: func() time.Time { return time.Unix(1_700_000_000, 0) },
		Journal: func(context.Context, []Record) error { return full }}
	j := Job{LetterID: "1000000000000004", Generation: 1, Token: 3}
	if err := q.HandingOver(t.Context(), []Job{j})[0]; !errors.Is(err, full) {
		t.Fatalf("handing over with a full disk gave %v", err)
	}
	if err := q.Done(t.Context(), j, Outcome{Kind: NotSent, Stage: StageLedger}); !errors.Is(err, full) { // and the round ends
		t.Errorf("giving it back with a full disk gave %v", err)
	}
	if last := b.steps[len(b.steps)-1]; last.To != letters.QueuedEmail || last.Token != 4 {
		t.Errorf("the mail is %s by token %d, want queued_email by 4", last.To, last.Token)
	}
}

// settled is a ledger in which another worker has settled every mail.
type settled struct{ book }

func (*settled) StepEach(_ context.Context, steps []letters.Step) []error {
	return slices.Repeat([]error{letters.ErrConflict}, len(steps))
}

// TestZombieDoesNoHarm: a worker whose mails were settled by another while it
// stood still sends none of them, says no error, and goes on.
func TestZombieDoesNoHarm(t *testing.T) {
	t.Parallel()
	dots := 0
	q := &LedgerQueue{Ledger: &settled{}, Now: time.Now, Journal: func(context.Context, []Record) error { return nil }}
	once := &onceQueue{LedgerQueue: q}
	w := Worker{Queue: once, Now: time.Now, Brake: 1, UncertainBrake: 1,
		Load: func(context.Context, Job) (Envelope, error) { return Envelope{}, nil },
		Dial: func() (Transport, error) { return dotter{&dots}, nil }}
	got, err := w.Run(t.Context())
	if err != nil || dots != 0 || got.NotSent != 1 {
		t.Errorf("ran to %+v, %v with %d dots, want one mail not sent and no error", got, err, dots)
	}
}

// onceQueue gives its one claim once.
type onceQueue struct {
	*LedgerQueue
	asked bool
}

func (q *onceQueue) Claim(ctx context.Context, n int) ([]Job, error) {
	if q.asked {
		return nil, nil
	}
	q.asked = true
	return q.LedgerQueue.Claim(ctx, n)
}

// dotter sends the dot whenever it may.
type dotter struct{ dots *int }

func (d dotter) Send(_ context.Context, _ Envelope, beforeDot func() error) Outcome {
	if beforeDot() != nil {
		return Outcome{Kind: NotSent, Stage: StageLedger}
	}
	*d.dots++
	return Outcome{Kind: Accepted, Stage: StageDot, Code: 250}
}

func (dotter) Close() {}

// TestTooLateForTheDot: a worker that stood still between commit and dot does
// not send it, and the mail goes back, if nobody has settled it since: the step
// holds the token of the hand-over.
func TestTooLateForTheDot(t *testing.T) {
	t.Parallel()
	b, now := &book{}, time.Unix(1_700_000_000, 0)
	q := &LedgerQueue{Ledger: b, Within: time.Minute, Now: func() time.Time { return now },
		Journal: func(context.Context, []Record) error { now = now.Add(2 * time.Minute); return nil }}
	j := Job{LetterID: "1000000000000004", Generation: 1, Token: 3}
	if err := q.HandingOver(t.Context(), []Job{j})[0]; !errors.Is(err, ErrTooLate) {
		t.Fatalf("handing over after two minutes gave %v", err)
	}
	if err := q.Done(t.Context(), j, Outcome{Kind: NotSent, Stage: StageLedger}); err != nil {
		t.Fatal(err)
	}
	if last := b.steps[len(b.steps)-1]; last.To != letters.QueuedEmail || last.Token != 4 {
		t.Errorf("the mail is %s by token %d, want queued_email by 4", last.To, last.Token)
	}
}
