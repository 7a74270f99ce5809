package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"oshirase/letters"
)

// Why a decision is refused. Each comes wrapped with the letter it is about.
var (
	ErrDecided     = errors.New("the proposal is confirmed or withdrawn already")
	ErrPending     = errors.New("another proposal over this letter waits")
	ErrMoved       = errors.New("the letter has changed since it was proposed")
	ErrNoAddress   = errors.New("the recipient has no postal address")
	ErrSameAddress = errors.New("the letter came back from this address, which is wrong")
	ErrNoMail      = errors.New("the recipient has no mail address")
	ErrOwnProposal = errors.New("who proposed it cannot confirm it")
	ErrTold        = fmt.Errorf("another letter tells one of its cases: %w", ErrConflict)
)

// LetterError is a refusal with the letter it is about and the state in which
// it stands.
type LetterError struct {
	ID    letters.ID
	State letters.State
	Err   error
}

func (e *LetterError) Error() string { return fmt.Sprintf("letter %s (%s): %v", e.ID, e.State, e.Err) }

// Unwrap makes errors.Is find the reason.
func (e *LetterError) Unwrap() error { return e.Err }

const (
	sqlPropose = `INSERT INTO decision (action, reason, proposed_by, proposed_at) VALUES (?, ?, ?, ?)
		RETURNING decision_id`
	sqlStands = `SELECT l.letter_id AS id, l.month, d.generation, d.state, d.token, d.channel, rc.postal_code AS postal,
		rc.address, rc.building, rc.mail, COALESCE((SELECT s.why FROM suggestion s
		WHERE s.letter_id = d.letter_id AND s.generation = d.generation), '') AS why, (SELECT CAST(COUNT(x.decision_id) AS BIGINT) FROM decision_letter x
		WHERE x.letter_id = l.letter_id AND x.pending = 1) AS pending, ` + purgedMonth + ` AS purged
		FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		JOIN recipient rc ON rc.recipient_id = d.recipient_id WHERE l.letter_id = ?`
	sqlProposeLetter = `INSERT INTO decision_letter (decision_id, letter_id, generation, state, token, recipient_id, pending)
		VALUES (?, ?, ?, ?, ?, ?, 1)`
	sqlNewRecipient = `INSERT INTO recipient (letter_id, name, kana, kind, postal_code, address, building, mail, phone)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING recipient_id`
)

// standing is a letter's newest generation, as decisions look at it.
type standing struct {
	ID         letters.ID
	Month      letters.Month
	Generation int
	State      letters.State
	Token      int64
	Channel    letters.Channel
	Postal     string
	Address    string
	Building   string
	Mail       string
	Why        string // reason with which it came back, "" when none is known
	Pending    int
	Purged     bool
}

// Propose records one person's proposal over letters as their newest
// generations stand now, all or none, and returns its number. A corrected
// recipient is stored with it. *LetterError names the letter for which it is
// refused: ErrNotFound, letters.ErrTransition (the action is not for its
// state), ErrPending, ErrPurged, ErrNoAddress, ErrSameAddress, ErrNoMail.
func (s *Store) Propose(ctx context.Context, p letters.Proposal, at time.Time) (int64, error) {
	var id int64
	err := s.write(ctx, "propose decision", func(c conn) error {
		if err := c.get(ctx, &id, sqlPropose, p.Action, p.Reason, p.By, at.UnixMicro()); err != nil {
			return err
		}
		for _, l := range p.Letters {
			if err := c.proposeLetter(ctx, id, p.Action, l); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

func (c conn) proposeLetter(ctx context.Context, decision int64, action letters.Action, l letters.ProposedLetter) error {
	var now standing
	if err := c.get(ctx, &now, sqlStands, l.ID); err != nil {
		return &LetterError{ID: l.ID, Err: err}
	}
	if err := proposable(now, action, l.Recipient); err != nil {
		return &LetterError{ID: l.ID, State: now.State, Err: err}
	}
	var recipient any
	if r := l.Recipient; r != nil {
		var number int64
		err := c.get(ctx, &number, sqlNewRecipient, l.ID, r.Name, r.Kana, r.Kind, r.PostalCode, r.Address, r.Building, r.Mail, r.Phone)
		if err != nil {
			return fmt.Errorf("letter %s: corrected recipient: %w", l.ID, err)
		}
		recipient = number
	}
	return c.one(ctx, sqlProposeLetter, decision, l.ID, now.Generation, now.State, now.Token, recipient)
}

// readdressed reports whether a correction gives another postal address.
func (now standing) readdressed(r *letters.Recipient) bool {
	return r != nil && (r.PostalCode != now.Postal || r.Address != now.Address || r.Building != now.Building)
}

func proposable(now standing, action letters.Action, corrected *letters.Recipient) error {
	effect, err := action.Effect(now.State, now.Channel)
	if err != nil {
		return err
	}
	if now.Pending > 0 {
		return ErrPending
	}
	if now.Purged {
		return ErrPurged
	}
	wrong := now.State == letters.Returned && letters.WrongAddress(now.Why) && !now.readdressed(corrected)
	if corrected != nil {
		now.Postal, now.Address, now.Mail = corrected.PostalCode, corrected.Address, corrected.Mail
	}
	switch {
	case effect.Next == letters.Print && (now.Postal == "" || now.Address == ""):
		return ErrNoAddress
	case effect.Next == letters.Print && wrong:
		return ErrSameAddress
	case effect.Next == letters.Email && now.Mail == "":
		return ErrNoMail
	}
	return nil
}

const (
	sqlConfirm = `UPDATE decision SET confirmed_by = ?, confirmed_at = ?
		WHERE decision_id = ? AND confirmed_by = '' AND withdrawn_by = ''`
	sqlWithdrawDecision = `UPDATE decision SET withdrawn_by = ?, withdrawn_at = ?
		WHERE decision_id = ? AND confirmed_by = '' AND withdrawn_by = ''`
	sqlNotPending = `UPDATE decision_letter SET pending = 0 WHERE decision_id = ? AND pending = 1`
	sqlDecided    = `SELECT x.letter_id AS id, l.month, x.generation, x.state, x.token, COALESCE(x.recipient_id, 0) AS recipient,
		d.generation AS nowgeneration, d.state AS nowstate, d.token AS nowtoken, d.channel
		FROM decision_letter x JOIN letter l ON l.letter_id = x.letter_id
		JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE x.decision_id = ? ORDER BY x.letter_id`
)

// decided is a letter of a decision: as it was proposed, and as it is now.
type decided struct {
	ID            letters.ID
	Month         letters.Month
	Generation    int
	State         letters.State
	Token         int64
	Recipient     int64
	NowGeneration int
	NowState      letters.State
	NowToken      int64
	Channel       letters.Channel
}

func (d decided) moved() bool {
	return d.NowGeneration != d.Generation || d.NowState != d.State || d.NowToken != d.Token
}

// Confirm is the second person's word: in one transaction the decision is
// confirmed and carried out over every letter of it, or nothing is. It returns
// ErrOwnProposal when by made the proposal, ErrDecided when it waits no more,
// and *LetterError with ErrMoved when a letter is no longer as it was when it
// was proposed: then the proposal must be withdrawn and made anew.
func (s *Store) Confirm(ctx context.Context, id int64, by string, at time.Time) (letters.Decision, error) {
	var d letters.Decision
	err := s.write(ctx, fmt.Sprintf("confirm decision %d", id), func(c conn) (err error) {
		if d, err = c.decision(ctx, id); err != nil {
			return err
		}
		if !d.Open() {
			return ErrDecided
		}
		if d.ProposedBy == by {
			return ErrOwnProposal
		}
		if err := c.one(ctx, sqlConfirm, by, at.UnixMicro(), id); err != nil {
			return err
		}
		var list []decided
		if err := c.list(ctx, &list, sqlDecided, id); err != nil {
			return err
		}
		if _, err := c.exec(ctx, sqlNotPending, id); err != nil {
			return err
		}
		d.ConfirmedBy, d.ConfirmedAt = by, at.UnixMicro()
		return c.carryOut(ctx, d, list)
	})
	return d, err
}

// WithdrawDecision takes an open proposal back; whoever may decide may do so.
func (s *Store) WithdrawDecision(ctx context.Context, id int64, by string, at time.Time) error {
	return s.write(ctx, fmt.Sprintf("withdraw decision %d", id), func(c conn) error {
		if _, err := c.decision(ctx, id); err != nil {
			return err
		}
		if err := c.one(ctx, sqlWithdrawDecision, by, at.UnixMicro(), id); errors.Is(err, ErrConflict) {
			return ErrDecided
		} else if err != nil {
			return err
		}
		_, err := c.exec(ctx, sqlNotPending, id)
		return err
	})
}

// carryOut makes the step of every letter, then what follows from them all.
func (c conn) carryOut(ctx context.Context, d letters.Decision, list []decided) error {
	months := make(map[letters.Month]bool)
	for _, l := range list {
		if d.Action != letters.ActCorrect && l.moved() {
			return &LetterError{ID: l.ID, State: l.NowState, Err: ErrMoved}
		}
		if err := c.carryOutOne(ctx, d, l); err != nil {
			return &LetterError{ID: l.ID, State: l.NowState, Err: err}
		}
		months[l.Month] = true
	}
	if d.Action == letters.ActCancel { // what the retailers were told of these letters changes
		for m := range months {
			if err := c.dropPackets(ctx, m); err != nil {
				return err
			}
		}
	}
	if d.Action == letters.ActResume {
		if _, err := c.exec(ctx, sqlDecideRestored, d.ID); err != nil {
			return err
		}
	}
	return c.settleRuns(ctx, d.ConfirmedAt)
}

func (c conn) carryOutOne(ctx context.Context, d letters.Decision, l decided) error {
	effect, err := d.Action.Effect(l.NowState, l.Channel)
	if err != nil || effect.To == "" {
		return err
	}
	err = c.step(ctx, letters.Step{LetterID: l.ID, Generation: l.Generation, Token: l.Token, From: l.State, To: effect.To,
		Guard: letters.ByDecision, Actor: d.ConfirmedBy, At: d.ConfirmedAt, Ref: strconv.FormatInt(d.ID, 10)})
	if err != nil {
		return err
	}
	if effect.Next != "" {
		return c.again(ctx, d, l, effect.Next)
	}
	if l.Recipient != 0 { // a held letter that goes out to a corrected address
		return c.one(ctx, sqlReaddress, l.Recipient, l.ID, l.Generation)
	}
	return nil
}
