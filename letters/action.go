package letters

import "fmt"

// Action is what two people may decide over a letter.
type Action string

const (
	ActReceived    Action = "received"          // 届いた: an uncertain letter did leave
	ActNotReceived Action = "not_received"      // 届いていない: it did not, and goes back to its queue
	ActResendPrint Action = "resend_print"      // a new generation on paper
	ActResendEmail Action = "resend_email"      // a new generation by e-mail
	ActUnreachable Action = "close_unreachable" // 代替措置
	ActRelease     Action = "release"           // a held letter goes out after all
	ActCancel      Action = "cancel"            // nothing is sent; its rows are held
	ActCorrect     Action = "correct"           // 訂正: the next list may tell its cases anew, naming it
	ActResume      Action = "resume"            // 再開: sending goes on after a backup was restored
)

// Actions returns every action once.
func Actions() []Action {
	return []Action{ActReceived, ActNotReceived, ActResendPrint, ActResendEmail, ActUnreachable, ActRelease,
		ActCancel, ActCorrect, ActResume}
}

// Effect is what a confirmed action does to a letter: it is led to the state
// To ("" = it stays where it is), and gets a new generation over Next ("" =
// none).
type Effect struct {
	To   State
	Next Channel
}

// Effect returns what the action does to a letter that was sent over channel
// and stands in from. ErrTransition when it is not for such letters. Every To
// is an edge of Transitions by a decision.
func (a Action) Effect(from State, channel Channel) (Effect, error) {
	e, ok := a.effect(from, channel)
	if !ok {
		return Effect{}, fmt.Errorf("%s over a letter that is %s: %w", a, from, ErrTransition)
	}
	if e.To == "" {
		return e, nil
	}
	return e, CheckTransition(from, e.To, ByDecision)
}

func (a Action) effect(from State, channel Channel) (Effect, bool) {
	switch a {
	case ActReceived:
		return Effect{To: map[Channel]State{Print: HandedOver, Email: Accepted}[channel]}, from == Uncertain
	case ActNotReceived:
		return Effect{To: map[Channel]State{Print: QueuedPrint, Email: QueuedEmail}[channel]}, from == Uncertain
	case ActResendPrint:
		return Effect{Superseded, Print}, from.cameBack()
	case ActResendEmail:
		return Effect{Superseded, Email}, from.cameBack()
	case ActUnreachable:
		return Effect{To: ClosedUnreachable}, from.cameBack() || from == HeldReview
	case ActRelease:
		return Effect{To: Planned}, from == HeldReview
	case ActCancel:
		return Effect{To: Cancelled}, from.cancellable()
	case ActCorrect:
		return Effect{}, from.Left()
	case ActResume:
		if from.toLeave() {
			return Effect{To: Uncertain}, true
		}
		return Effect{}, !from.BeforeApproval()
	}
	return Effect{}, false
}

// toLeave reports whether work would still hand the letter over.
func (s State) toLeave() bool {
	switch s {
	case Approved, QueuedPrint, QueuedEmail, Deferred, Claimed:
		return true
	}
	return false
}

// cameBack reports whether the letter did not reach its recipient, as far as
// is known, and may be sent again or given up by decision.
func (s State) cameBack() bool {
	switch s {
	case Uncertain, Returned, Bounced, Failed5xx, Withdrawn:
		return true
	}
	return false
}

// cancellable reports whether a decision may still stop the letter.
func (s State) cancellable() bool {
	switch s {
	case HeldReview, Approved, QueuedPrint, QueuedEmail, Deferred:
		return true
	}
	return false
}

// Suggested is what the program proposes for a letter that has come to a
// state, by the reason that printer, post or mail server gave; "" for states
// in which it proposes nothing. An uncertain letter gets no proposal: nothing
// is known of it.
func Suggested(to State, why string) Action {
	switch to {
	case Bounced, Failed5xx:
		return ActResendPrint
	case Returned:
		if why == "refused" { // 受取拒絶: the person does not want it
			return ActUnreachable
		}
		return ActResendPrint
	}
	return ""
}

// WrongAddress reports whether the reason of a return (返戻理由) says that the
// address itself is wrong: a letter to the same address would come back again.
// One that was kept too long (保管期間経過) may go there once more.
func WrongAddress(why string) bool {
	switch why {
	case "moved", "unknown_address", "incomplete": // 転居先不明, あて所に尋ねあたりません, あて名不完全
		return true
	}
	return false
}

// Proposal is what one person proposes over letters; another must confirm it.
type Proposal struct {
	Action  Action
	Reason  string // no personal data
	By      string
	Letters []ProposedLetter
}

// ProposedLetter is one letter of a proposal. Recipient is the corrected
// recipient (nil = the same), stored with the proposal.
type ProposedLetter struct {
	ID        ID
	Recipient *Recipient
}

// Decision is a proposal with what became of it: confirmed by a second
// person, withdrawn, or neither yet.
type Decision struct {
	ID          int64
	Action      Action
	Reason      string
	ProposedBy  string
	ProposedAt  int64
	ConfirmedBy string
	ConfirmedAt int64
	WithdrawnBy string
	WithdrawnAt int64
	Letters     []ID
}

// Open reports whether the proposal still waits for a second person.
func (d Decision) Open() bool { return d.ConfirmedBy == "" && d.WithdrawnBy == "" }

// Suggestion is what the program proposes for a letter that came back. People
// decide.
type Suggestion struct {
	LetterID   ID
	Generation int
	Month      Month
	State      State
	Action     Action
	Why        string
	MadeAt     int64
}
