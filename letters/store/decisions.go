package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	decisionColumns = `decision_id AS id, action, reason, proposed_by AS proposedby, proposed_at AS proposedat,
		confirmed_by AS confirmedby, confirmed_at AS confirmedat, withdrawn_by AS withdrawnby, withdrawn_at AS withdrawnat`
	sqlDecision      = `SELECT ` + decisionColumns + ` FROM decision WHERE decision_id = ?`
	sqlDecisionsOpen = `SELECT ` + decisionColumns + ` FROM decision WHERE confirmed_by = '' AND withdrawn_by = '' ORDER BY decision_id`
	sqlDecisionsOf   = `SELECT ` + decisionColumns + ` FROM decision WHERE decision_id IN
		(SELECT x.decision_id FROM decision_letter x WHERE x.letter_id = ?) ORDER BY decision_id`
	sqlDecisionLetters = `SELECT letter_id FROM decision_letter WHERE decision_id = ? ORDER BY letter_id`
)

// Decision returns a decision with its letters, or ErrNotFound.
func (s *Store) Decision(ctx context.Context, id int64) (letters.Decision, error) {
	return s.reader().decision(ctx, id)
}

func (c conn) decision(ctx context.Context, id int64) (letters.Decision, error) {
	var d letters.Decision
	if err := c.get(ctx, &d, sqlDecision, id); err != nil {
		return d, fmt.Errorf("decision %d: %w", id, err)
	}
	if err := c.list(ctx, &d.Letters, sqlDecisionLetters, id); err != nil {
		return d, fmt.Errorf("decision %d: %w", id, err)
	}
	return d, nil
}

// OpenDecisions returns the proposals that wait for a second person.
func (s *Store) OpenDecisions(ctx context.Context) ([]letters.Decision, error) {
	return s.reader().decisions(ctx, sqlDecisionsOpen)
}

// DecisionsOf returns every proposal over a letter, the oldest first.
func (s *Store) DecisionsOf(ctx context.Context, id letters.ID) ([]letters.Decision, error) {
	return s.reader().decisions(ctx, sqlDecisionsOf, id)
}

func (c conn) decisions(ctx context.Context, q string, args ...any) ([]letters.Decision, error) {
	var list []letters.Decision
	if err := c.list(ctx, &list, q, args...); err != nil {
		return nil, fmt.Errorf("decisions: %w", err)
	}
	for i := range list {
		if err := c.list(ctx, &list[i].Letters, sqlDecisionLetters, list[i].ID); err != nil {
			return nil, fmt.Errorf("decisions: %w", err)
		}
	}
	return list, nil
}

const (
	sqlSuggest = `INSERT INTO suggestion (letter_id, generation, action, why, made_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (letter_id, generation) DO NOTHING`
	sqlSuggestions = `SELECT s.letter_id AS letterid, s.generation, d.month, d.state, s.action, s.why, s.made_at AS madeat
		FROM suggestion s JOIN letter l ON l.letter_id = s.letter_id AND l.generation = s.generation
		JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE d.state IN ('returned','bounced','failed_5xx') AND NOT EXISTS (SELECT 1 FROM decision_letter x
		WHERE x.letter_id = s.letter_id AND x.pending = 1)
		ORDER BY s.letter_id`
	sqlSuggestionsOf = `SELECT s.letter_id AS letterid, s.generation, d.month, d.state, s.action, s.why, s.made_at AS madeat
		FROM suggestion s JOIN dispatch d ON d.letter_id = s.letter_id AND d.generation = s.generation
		WHERE s.letter_id = ? ORDER BY s.generation`
	sqlUndecided = `SELECT d.letter_id FROM letter l
		JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE d.state = ? AND (CAST(? AS TEXT) = '' OR d.month = CAST(? AS TEXT)) AND NOT EXISTS
		(SELECT 1 FROM decision_letter x WHERE x.letter_id = d.letter_id AND x.pending = 1)
		ORDER BY d.letter_id`
)

// suggest records what the program proposes for a letter that came back. It is
// part of the step that says so: whoever leads a letter to bounced, failed_5xx
// or returned gets the proposal with it, once a generation, with Step.Why as
// its reason.
func (c conn) suggest(ctx context.Context, st letters.Step) error {
	action := letters.Suggested(st.To, st.Why)
	if action == "" {
		return nil
	}
	_, err := c.exec(ctx, sqlSuggest, st.LetterID, st.Generation, action, st.Why, st.At)
	return err
}

// Suggestions returns what the program proposes for letters that came back and
// that nobody has taken up yet, by letter ID.
func (s *Store) Suggestions(ctx context.Context) ([]letters.Suggestion, error) {
	var list []letters.Suggestion
	if err := s.reader().list(ctx, &list, sqlSuggestions); err != nil {
		return nil, fmt.Errorf("suggestions: %w", err)
	}
	return list, nil
}

// SuggestionsOf returns what was proposed for a letter's generations.
func (s *Store) SuggestionsOf(ctx context.Context, id letters.ID) ([]letters.Suggestion, error) {
	var list []letters.Suggestion
	if err := s.reader().list(ctx, &list, sqlSuggestionsOf, id); err != nil {
		return nil, fmt.Errorf("suggestions of %s: %w", id, err)
	}
	return list, nil
}

// Undecided returns the letters of a month, or of all with "", whose newest
// generation stands in a state and over which no proposal waits.
func (s *Store) Undecided(ctx context.Context, state letters.State, m letters.Month) ([]letters.ID, error) {
	var list []letters.ID
	if err := s.reader().list(ctx, &list, sqlUndecided, state, m, m); err != nil {
		return nil, fmt.Errorf("undecided letters: %w", err)
	}
	return list, nil
}
