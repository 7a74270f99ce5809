package bounce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"oshirase/letters"
)

// Ledger is what reading bounces needs of the ledger.
type Ledger interface {
	Letter(ctx context.Context, id letters.ID) (letters.Letter, []letters.Dispatch, error)
	Steps(ctx context.Context, steps []letters.Step) error
}

// Reader joins what mail servers say with the ledger: a letter that bounced
// goes from accepted to bounced, and with that step the ledger keeps the
// proposal to send it on paper, once.
type Reader struct {
	Ledger  Ledger
	Reasons *Reasons
	Domain  string // the house's, of Message-IDs and return addresses
	Actor   string
	Missing error // what Letter returns for a letter that the ledger lacks
	Now     func() time.Time
}

// Result is what became of one message.
type Result string

const (
	Proposed    Result = "proposed"     // the letter bounced; paper is proposed
	Again       Result = "again"        // the letter is known to have bounced
	Unexpected  Result = "unexpected"   // the letter is not in a state that can bounce, or was mailed twice and the message does not say which
	OtherSystem Result = "other_system" // a bounce of somebody else's mail
	UnknownID   Result = "unknown_id"   // it names a letter that the ledger lacks
	LeftAlone   Result = "left_alone"   // not a bounce
)

// Finding is one message with what became of it.
type Finding struct {
	Report
	Result     Result
	LetterID   letters.ID // "" when it names none of ours
	Generation int
	State      letters.State // of an unexpected one
}

// Read reads a mailbox and calls each for every message, in order. Nothing of
// a message that cannot be understood changes the ledger.
func (r *Reader) Read(ctx context.Context, in io.Reader, each func(Finding) error) error {
	return Each(in, func(raw []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := r.one(ctx, r.Reasons.Parse(raw, r.Domain))
		if err != nil {
			return err
		}
		return each(f)
	})
}

func (r *Reader) one(ctx context.Context, report Report) (Finding, error) {
	f := Finding{Report: report, Result: LeftAlone}
	if report.Kind != Bounce {
		return f, nil
	}
	f.Result = OtherSystem
	for _, ref := range report.Refs {
		_, dispatches, err := r.Ledger.Letter(ctx, ref.LetterID)
		if errors.Is(err, r.Missing) {
			if f.Result == OtherSystem && ref.How != ByLetterID {
				f.Result, f.LetterID, f.Generation = UnknownID, ref.LetterID, ref.Generation
			}
			continue
		}
		if err != nil {
			return f, fmt.Errorf("look up letter %s: %w", ref.LetterID, err)
		}
		if d := mailed(dispatches, ref.Generation); d != nil {
			if ref.Generation == 0 && mailed(dispatches[:d.Generation-1], 0) != nil && d.State != letters.Bounced {
				f.Result, f.LetterID, f.Generation, f.State = Unexpected, d.LetterID, d.Generation, d.State // of which of the two?
				return f, nil
			}
			return r.book(ctx, f, ref, *d)
		}
		if ref.How != ByLetterID {
			f.Result, f.LetterID, f.Generation = UnknownID, ref.LetterID, ref.Generation
		}
	}
	return f, nil
}

// mailed is the generation that a message is about: the one it names, or the
// newest that went by e-mail.
func mailed(all []letters.Dispatch, generation int) *letters.Dispatch {
	for i := len(all) - 1; i >= 0; i-- {
		if d := &all[i]; d.Channel == letters.Email && (generation == 0 || d.Generation == generation) {
			return d
		}
	}
	return nil
}

// book makes the steps that follow from a bounce. A letter of which nobody
// knew whether the relay had it was accepted, or it could not have come back.
func (r *Reader) book(ctx context.Context, f Finding, ref Ref, d letters.Dispatch) (Finding, error) {
	f.LetterID, f.Generation = d.LetterID, d.Generation
	var steps []letters.Step
	switch d.State {
	case letters.Accepted:
	case letters.Uncertain:
		steps = append(steps, r.step(d, letters.Uncertain, letters.Accepted, letters.ByEvidence, "bounce"))
		d.Token++
	case letters.Bounced, letters.Superseded, letters.ClosedUnreachable:
		f.Result = Again
		return f, nil
	default:
		f.Result, f.State = Unexpected, d.State
		return f, nil
	}
	bounced := r.step(d, letters.Accepted, letters.Bounced, letters.ByReceipt, reference(f.Report, ref))
	bounced.Why = string(f.Reason)
	err := r.Ledger.Steps(ctx, append(steps, bounced))
	if errors.Is(err, letters.ErrConflict) { // somebody was faster; the next reading says what it is now
		f.Result, f.State = Unexpected, d.State
		return f, nil
	}
	if err != nil {
		return f, fmt.Errorf("book bounce of letter %s: %w", d.LetterID, err)
	}
	f.Result = Proposed
	return f, nil
}

func (r *Reader) step(d letters.Dispatch, from, to letters.State, guard letters.Guard, ref string) letters.Step {
	return letters.Step{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token, From: from, To: to, Guard: guard,
		Actor: r.Actor, At: r.Now().UnixMicro(), Ref: ref}
}

// reference is what the event keeps of the evidence: class, reason, code, and
// by what the letter was recognised.
func reference(r Report, ref Ref) string {
	code := r.Status
	if code == "" && r.Code != 0 {
		code = fmt.Sprint(r.Code)
	}
	return fmt.Sprintf("%s %s %s %s", r.Class, r.Reason, code, ref.How)
}
