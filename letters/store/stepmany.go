package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	sqlMakeStepWave = `CREATE TEMP TABLE step_wave (letter_id TEXT NOT NULL, generation BIGINT NOT NULL, token BIGINT NOT NULL,
		at_us BIGINT NOT NULL, actor TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL, guard TEXT NOT NULL,
		ref TEXT NOT NULL, action TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (letter_id, generation))`
	sqlDropStepWave      = `DROP TABLE step_wave`
	bulkStepWave    bulk = `step_wave (letter_id, generation, token, at_us, actor, from_state, to_state, guard, ref, action, why)`
	sqlWaveStray         = `SELECT s.letter_id FROM step_wave s LEFT JOIN dispatch d ON d.letter_id = s.letter_id
		AND d.generation = s.generation AND d.state = s.from_state AND d.token = s.token
		WHERE d.letter_id IS NULL ORDER BY s.letter_id LIMIT 1`
	sqlWaveLetters = `UPDATE dispatch SET state = s.to_state, token = dispatch.token + 1, lease_owner = '', leased_until = 0, retry_at = 0
		FROM step_wave s WHERE s.letter_id = dispatch.letter_id AND s.generation = dispatch.generation
		AND dispatch.state = s.from_state AND dispatch.token = s.token`
	sqlWaveEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT s.letter_id, s.token + 1, s.generation, s.at_us, s.actor, s.from_state, s.to_state, s.guard, s.ref FROM step_wave s`
	sqlWaveSuggest = `INSERT INTO suggestion (letter_id, generation, action, why, made_at)
		SELECT s.letter_id, s.generation, s.action, s.why, s.at_us FROM step_wave s WHERE s.action <> ''
		ON CONFLICT (letter_id, generation) DO NOTHING`
)

// stepMany makes many changes of state as step does each, in a few statements:
// a receipt tells of a whole month's letters. Steps of one letter follow each
// other, wave by wave. A letter that has changed is ErrConflict with its ID.
// made is called for every step.
func (c conn) stepMany(ctx context.Context, steps []letters.Step, made func()) error {
	for _, st := range steps {
		if !plainStep(st) {
			return fmt.Errorf("%s to %s is no step of many: %w", st.LetterID, st.To, letters.ErrTransition)
		}
		if err := letters.CheckTransition(st.From, st.To, st.Guard); err != nil {
			return fmt.Errorf("%s: %w", st.LetterID, err)
		}
	}
	for len(steps) > 0 {
		wave, later := firstOfEach(steps)
		if err := c.wave(ctx, wave, made); err != nil {
			return err
		}
		steps = later
	}
	return nil
}

// plainStep reports whether a step changes nothing but the state, as those of
// receipts do.
func plainStep(st letters.Step) bool {
	return st.From != letters.HeldReview && !st.To.InHand() && st.To != letters.QueuedPrint && st.To != letters.Cancelled &&
		st.RetryAt == 0 && st.MessageID == "" && st.Reply == "" && st.RunID == ""
}

// firstOfEach takes the first step of each letter out, in the order given.
func firstOfEach(steps []letters.Step) (first, later []letters.Step) {
	seen := make(map[letters.ID]bool, len(steps))
	for _, st := range steps {
		if seen[st.LetterID] {
			later = append(later, st)
			continue
		}
		seen[st.LetterID] = true
		first = append(first, st)
	}
	return first, later
}

func (c conn) wave(ctx context.Context, steps []letters.Step, made func()) error {
	if err := c.run(ctx, sqlMakeStepWave); err != nil {
		return err
	}
	err := c.load(ctx, bulkStepWave, len(steps), func(i int) []any {
		made()
		st := &steps[i]
		return []any{st.LetterID, st.Generation, st.Token, st.At, st.Actor, st.From, st.To, st.Guard, st.Ref,
			letters.Suggested(st.To, st.Why), st.Why}
	})
	if err != nil {
		return err
	}
	var stray []letters.ID
	if err := c.list(ctx, &stray, sqlWaveStray); err != nil {
		return err
	}
	if len(stray) > 0 {
		return fmt.Errorf("%s: %w", stray[0], ErrConflict)
	}
	if err := c.exactly(ctx, len(steps), sqlWaveLetters); err != nil {
		return err
	}
	if err := c.exactly(ctx, len(steps), sqlWaveEvents); err != nil {
		return err
	}
	if _, err := c.exec(ctx, sqlWaveSuggest); err != nil {
		return err
	}
	return c.run(ctx, sqlDropStepWave)
}
