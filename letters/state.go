package letters

import (
	"errors"
	"fmt"
	"slices"
)

// State is where one generation of a letter stands.
type State string

const (
	Planned           State = "planned"
	HeldReview        State = "held_review" // 保留: a person must decide
	Rendered          State = "rendered"
	RenderFailed      State = "render_failed"
	Approved          State = "approved"
	QueuedPrint       State = "queued_print"
	InPrintRun        State = "in_print_run" // its run's folder is being made
	HandedOver        State = "handed_over"  // the folder stands whole before the printer
	Posted            State = "posted"       // 差出済
	Returned          State = "returned"     // 返戻
	Withdrawn         State = "withdrawn"    // 抜取, by the printer's receipt only
	QueuedEmail       State = "queued_email"
	Claimed           State = "claimed"
	HandingOver       State = "handing_over" // committed before the final dot
	Accepted          State = "accepted"
	Deferred          State = "deferred"   // 4xx, comes again
	Failed5xx         State = "failed_5xx" // refused for good
	Uncertain         State = "uncertain"  // nobody can know without evidence
	Bounced           State = "bounced"    // 不達
	Closed            State = "closed"
	ClosedUnreachable State = "closed_unreachable" // 代替措置
	Cancelled         State = "cancelled"          // only before any hand-over
	Superseded        State = "superseded"         // a decision made a new generation
)

// Guard is what must hold for a transition besides its states.
type Guard string

const (
	NoGuard        Guard = ""
	ByRendering    Guard = "rendering"     // hashes and page counts are stored with it
	BySecondPerson Guard = "second_person" // approver is not the preparer; hashes as rendered
	ByRelease      Guard = "release"       // --expect agreed, nothing held back
	ByClaim        Guard = "claim"         // token and lease
	ByToken        Guard = "token"         // the claim's fencing token still stands
	ByAnswer       Guard = "answer"        // the mail server's own reply
	ByEvidence     Guard = "evidence"      // relay log, receipt or DSN
	ByDecision     Guard = "decision"      // two persons, recorded with the reason
	ByReceipt      Guard = "receipt"       // the printer's or the post's list
	ByReplan       Guard = "replan"        // another list, a withdrawal, a changed wording
	ByTime         Guard = "time"
)

// Actor is who may make a transition.
type Actor string

const (
	Preparer Actor = "prepare"
	Approver Actor = "approve"
	Worker   Actor = "worker"
	Reader   Actor = "reader" // takes back what printer, post and servers say
)

// Transition is one edge of the state machine.
type Transition struct {
	From, To State
	Guard    Guard
	Who      Actor
}

// Transitions is the only list of edges. There is none out of Uncertain
// without evidence or a decision of two people, and none from a handed-over
// letter back to a queue.
func Transitions() []Transition {
	return slices.Concat(toTheQueue(), onPaper(), byMail(), afterRestoration(), outOfDoubt(), afterAll())
}

// toTheQueue is a letter's way from the list until it is released.
func toTheQueue() []Transition {
	return []Transition{
		{Planned, Rendered, ByRendering, Preparer},
		{Planned, RenderFailed, NoGuard, Preparer},
		{Planned, HeldReview, NoGuard, Preparer},
		{Planned, Cancelled, ByReplan, Preparer},
		{HeldReview, Planned, ByDecision, Approver},
		{HeldReview, Planned, ByReplan, Preparer},
		{HeldReview, Cancelled, ByDecision, Approver},
		{HeldReview, Cancelled, ByReplan, Preparer},
		{Rendered, Planned, ByReplan, Preparer},
		{Rendered, HeldReview, ByReplan, Preparer},
		{Rendered, Rendered, ByRendering, Preparer},
		{Rendered, Approved, BySecondPerson, Approver},
		{Rendered, Cancelled, ByReplan, Preparer},
		{RenderFailed, Planned, ByReplan, Preparer},
		{RenderFailed, HeldReview, ByReplan, Preparer},
		{RenderFailed, Rendered, ByRendering, Preparer},
		{RenderFailed, Cancelled, ByReplan, Preparer},
		{Approved, Rendered, ByReplan, Preparer},
		{Approved, QueuedPrint, ByRelease, Approver},
		{Approved, QueuedEmail, ByRelease, Approver},
		{Approved, Cancelled, ByDecision, Approver},
	}
}

// onPaper is the way of a letter that is printed.
func onPaper() []Transition {
	return []Transition{
		{QueuedPrint, InPrintRun, ByClaim, Worker},
		{QueuedPrint, Cancelled, ByDecision, Approver},
		{InPrintRun, QueuedPrint, ByToken, Worker}, // nothing was shown to the printer yet
		{InPrintRun, HandedOver, ByToken, Worker},
		{InPrintRun, Uncertain, NoGuard, Worker},
		{HandedOver, Posted, ByReceipt, Reader},
		{HandedOver, Withdrawn, ByReceipt, Reader},
		{HandedOver, Returned, ByReceipt, Reader},
		{Posted, Returned, ByReceipt, Reader},
		{Posted, Closed, ByTime, Worker},
	}
}

// byMail is the way of a letter that is mailed.
func byMail() []Transition {
	return []Transition{
		{QueuedEmail, Claimed, ByClaim, Worker},
		{QueuedEmail, Cancelled, ByDecision, Approver},
		{Claimed, QueuedEmail, ByToken, Worker}, // crash or stop before the hand-over
		{Claimed, HandingOver, ByToken, Worker},
		{Claimed, Deferred, ByAnswer, Worker},
		{Claimed, Failed5xx, ByAnswer, Worker},
		{HandingOver, Accepted, ByAnswer, Worker},
		{HandingOver, QueuedEmail, ByToken, Worker}, // committed ahead, and its dot certainly not sent
		{HandingOver, Deferred, ByAnswer, Worker},
		{HandingOver, Failed5xx, ByAnswer, Worker},
		{HandingOver, Uncertain, NoGuard, Worker},
		{Deferred, QueuedEmail, ByTime, Worker},
		{Deferred, Failed5xx, ByTime, Worker},
		{Deferred, Cancelled, ByDecision, Approver},
		{Accepted, Bounced, ByReceipt, Reader},
		{Accepted, Closed, ByTime, Worker},
	}
}

// afterRestoration: the ledger is that of a backup, and the journal says that
// the letter was handed over.
func afterRestoration() []Transition {
	return []Transition{
		{Approved, Uncertain, ByDecision, Approver},
		{QueuedPrint, Uncertain, ByDecision, Approver},
		{QueuedEmail, Uncertain, ByDecision, Approver},
		{Deferred, Uncertain, ByDecision, Approver},
		{Claimed, Uncertain, ByDecision, Approver},
	}
}

// outOfDoubt settles what is uncertain.
func outOfDoubt() []Transition {
	return []Transition{
		{Uncertain, Accepted, ByEvidence, Reader},
		{Uncertain, QueuedEmail, ByEvidence, Reader},
		{Uncertain, HandedOver, ByEvidence, Reader},
		{Uncertain, QueuedPrint, ByEvidence, Reader},
		{Uncertain, Accepted, ByDecision, Approver},
		{Uncertain, QueuedEmail, ByDecision, Approver},
		{Uncertain, HandedOver, ByDecision, Approver},
		{Uncertain, QueuedPrint, ByDecision, Approver},
	}
}

// afterAll ends a letter that did not reach its recipient: by a new generation,
// or as one that cannot be reached (代替措置).
func afterAll() []Transition {
	return []Transition{
		{Uncertain, Superseded, ByDecision, Approver},
		{Returned, Superseded, ByDecision, Approver},
		{Bounced, Superseded, ByDecision, Approver},
		{Failed5xx, Superseded, ByDecision, Approver},
		{Withdrawn, Superseded, ByDecision, Approver},
		{Uncertain, ClosedUnreachable, ByDecision, Approver},
		{Returned, ClosedUnreachable, ByDecision, Approver},
		{Bounced, ClosedUnreachable, ByDecision, Approver},
		{Failed5xx, ClosedUnreachable, ByDecision, Approver},
		{Withdrawn, ClosedUnreachable, ByDecision, Approver},
		{HeldReview, ClosedUnreachable, ByDecision, Approver},
	}
}

// ErrConflict says that a letter is no longer as it was read: another worker or
// person has changed it meanwhile.
var ErrConflict = errors.New("the ledger has changed since it was read")

// ErrTransition says that the state machine has no such edge.
var ErrTransition = errors.New("no such transition")

// CheckTransition returns ErrTransition unless the edge exists with that guard.
func CheckTransition(from, to State, guard Guard) error {
	for _, t := range Transitions() {
		if t.From == from && t.To == to && t.Guard == guard {
			return nil
		}
	}
	return fmt.Errorf("%s to %s by %q: %w", from, to, guard, ErrTransition)
}

// States returns every state once, in the order of a letter's life.
func States() []State {
	return []State{Planned, HeldReview, Rendered, RenderFailed, Approved,
		QueuedPrint, InPrintRun, HandedOver, Posted, Returned, Withdrawn,
		QueuedEmail, Claimed, HandingOver, Accepted, Deferred, Failed5xx,
		Uncertain, Bounced, Closed, ClosedUnreachable, Cancelled, Superseded}
}

// InHand reports whether a worker holds the letter.
func (s State) InHand() bool { return s == Claimed || s == HandingOver || s == InPrintRun }

// Left reports whether the letter is known to have left the house.
func (s State) Left() bool {
	switch s {
	case HandedOver, Posted, Returned, Accepted, Bounced, Closed:
		return true
	}
	return false
}

// BeforeApproval reports whether the letter can still be planned anew.
func (s State) BeforeApproval() bool {
	switch s {
	case Planned, HeldReview, Rendered, RenderFailed:
		return true
	}
	return false
}
