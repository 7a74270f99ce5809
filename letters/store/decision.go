package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"oshirase/letters"
)

// Decision is what two people decided about letters. ConfirmedBy is "" while
// the second person has not spoken. It is an alias of an unnamed type, so
// that other packages can name it for themselves.
type Decision = struct {
	ID          int64
	Action      string
	Reason      string
	ProposedBy  string
	ProposedAt  int64
	ConfirmedBy string
	ConfirmedAt int64
	Letters     []letters.ID
}

// Again is a new generation of a letter that a decision makes: over Channel,
// to Recipient or, when that is nil, to the same one. It is an alias of an
// unnamed type, so that other packages can name it for themselves.
type Again = struct {
	LetterID  letters.ID
	Channel   letters.Channel
	Recipient *letters.Recipient
}

const (
	sqlPropose = `INSERT INTO decision (action, reason, proposed_by, proposed_at) VALUES (?, ?, ?, ?)
		RETURNING decision_id`
	sqlProposeLetter = `INSERT INTO decision_letter (decision_id, letter_id, generation)
		SELECT CAST(? AS BIGINT), l.letter_id, l.generation FROM letter l WHERE l.letter_id = ?`
	decisionColumns = `decision_id AS id, action, reason, proposed_by AS proposedby, proposed_at AS proposedat,
		confirmed_by AS confirmedby, confirmed_at AS confirmedat`
	sqlDecision        = `SELECT ` + decisionColumns + ` FROM decision WHERE decision_id = ?`
	sqlDecisionsOpen   = `SELECT ` + decisionColumns + ` FROM decision WHERE confirmed_by = '' ORDER BY decision_id`
	sqlDecisionLetters = `SELECT letter_id FROM decision_letter WHERE decision_id = ? ORDER BY letter_id`
	sqlConfirm         = `UPDATE decision SET confirmed_by = ?, confirmed_at = ? WHERE decision_id = ? AND confirmed_by = ''`
	sqlDecided         = `SELECT CAST(COUNT(letter_id) AS BIGINT) FROM decision_letter
		WHERE decision_id = ? AND letter_id = ? AND generation = ?`
)

// Propose records the first person's proposal over letters, as their newest
// generations stand, and returns its number. An unknown letter is ErrNotFound.
func (s *Store) Propose(ctx context.Context, action, reason, by string, ids []letters.ID, at time.Time) (int64, error) {
	var id int64
	err := s.write(ctx, "propose decision", func(c conn) error {
		if err := c.get(ctx, &id, sqlPropose, action, reason, by, at.UnixMicro()); err != nil {
			return err
		}
		for _, letter := range ids {
			n, err := c.exec(ctx, sqlProposeLetter, id, letter)
			if err != nil {
				return err
			}
			if n == 0 {
				return fmt.Errorf("letter %s: %w", letter, ErrNotFound)
			}
		}
		return nil
	})
	return id, err
}

// Decision returns a decision with its letters, or ErrNotFound.
func (s *Store) Decision(ctx context.Context, id int64) (Decision, error) {
	return s.reader().decision(ctx, id)
}

func (c conn) decision(ctx context.Context, id int64) (Decision, error) {
	var d Decision
	if err := c.get(ctx, &d, sqlDecision, id); err != nil {
		return Decision{}, fmt.Errorf("decision %d: %w", id, err)
	}
	if err := c.list(ctx, &d.Letters, sqlDecisionLetters, id); err != nil {
		return Decision{}, fmt.Errorf("decision %d: %w", id, err)
	}
	return d, nil
}

// OpenDecisions returns the proposals that wait for a second person.
func (s *Store) OpenDecisions(ctx context.Context) ([]Decision, error) {
	c := s.reader()
	var list []Decision
	if err := c.list(ctx, &list, sqlDecisionsOpen); err != nil {
		return nil, fmt.Errorf("open decisions: %w", err)
	}
	for i := range list {
		if err := c.list(ctx, &list[i].Letters, sqlDecisionLetters, list[i].ID); err != nil {
			return nil, fmt.Errorf("open decisions: %w", err)
		}
	}
	return list, nil
}

// Confirm is the second person's word: in one transaction the decision is
// confirmed, every step is made, and every letter of again that a step has
// superseded gets its next generation, planned. The steps' guard, actor,
// instant and reference are set here. A step over a letter that the decision
// does not cover, in the generation that was proposed, is ErrConflict;
// ErrSamePerson when by made the proposal.
func (s *Store) Confirm(ctx context.Context, id int64, by string, steps []letters.Step, again []Again, at time.Time) error {
	return s.write(ctx, fmt.Sprintf("confirm decision %d", id), func(c conn) error {
		d, err := c.decision(ctx, id)
		if err != nil {
			return err
		}
		if d.ProposedBy == by {
			return ErrSamePerson
		}
		if err := c.one(ctx, sqlConfirm, by, at.UnixMicro(), id); err != nil {
			return err
		}
		for _, st := range steps {
			st.Guard, st.Actor, st.At, st.Ref = letters.ByDecision, by, at.UnixMicro(), strconv.FormatInt(id, 10)
			if err := c.decidedStep(ctx, id, st); err != nil {
				return fmt.Errorf("%s: %w", st.LetterID, err)
			}
		}
		for _, a := range again {
			if err := c.next(ctx, id, by, a, at); err != nil {
				return fmt.Errorf("%s: %w", a.LetterID, err)
			}
		}
		return nil
	})
}

func (c conn) decidedStep(ctx context.Context, id int64, st letters.Step) error {
	var n int
	if err := c.get(ctx, &n, sqlDecided, id, st.LetterID, st.Generation); err != nil {
		return err
	}
	if n != 1 {
		return ErrConflict
	}
	return c.step(ctx, st)
}

const (
	sqlNewRecipient = `INSERT INTO recipient (letter_id, name, kana, kind, postal_code, address, building, mail, phone)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING recipient_id`
	sqlSuperseded = `SELECT d.generation, d.token, d.recipient_id AS recipient
		FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		JOIN decision_letter x ON x.letter_id = d.letter_id AND x.generation = d.generation
		WHERE l.letter_id = ? AND x.decision_id = ? AND d.state = 'superseded'`
	sqlNextDispatch = `INSERT INTO dispatch (letter_id, generation, month, recipient_id, channel, state, token, decision_id)
		SELECT l.letter_id, l.generation + 1, l.month, CAST(? AS BIGINT), CAST(? AS TEXT), 'planned', CAST(? AS BIGINT),
		CAST(? AS BIGINT) FROM letter l WHERE l.letter_id = ?`
	sqlNextLetter = `UPDATE letter SET generation = generation + 1 WHERE letter_id = ?`
)

// next adds a generation. Its token continues the one before, since the
// letter's events are numbered through.
func (c conn) next(ctx context.Context, decision int64, by string, a Again, at time.Time) error {
	var old struct {
		Generation int
		Token      int64
		Recipient  int64
	}
	if err := c.get(ctx, &old, sqlSuperseded, a.LetterID, decision); err != nil {
		return err
	}
	if r := a.Recipient; r != nil {
		err := c.get(ctx, &old.Recipient, sqlNewRecipient, a.LetterID, r.Name, r.Kana, r.Kind, r.PostalCode, r.Address,
			r.Building, r.Mail, r.Phone)
		if err != nil {
			return err
		}
	}
	token := old.Token + 1
	if err := c.one(ctx, sqlNextDispatch, old.Recipient, a.Channel, token, decision, a.LetterID); err != nil {
		return err
	}
	if err := c.one(ctx, sqlNextLetter, a.LetterID); err != nil {
		return err
	}
	return c.one(ctx, sqlStepEvent, a.LetterID, token, old.Generation+1, at.UnixMicro(), by, "", letters.Planned,
		letters.ByDecision, strconv.FormatInt(decision, 10))
}
