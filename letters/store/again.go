package store

import (
	"context"
	"strconv"

	"oshirase/letters"
)

const (
	sqlReaddress    = `UPDATE dispatch SET recipient_id = ? WHERE letter_id = ? AND generation = ? AND state = 'planned'`
	sqlNextDispatch = `INSERT INTO dispatch (letter_id, generation, month, recipient_id, channel, state, token, decision_id)
		SELECT d.letter_id, d.generation + 1, d.month,
		CASE CAST(? AS BIGINT) WHEN 0 THEN d.recipient_id ELSE CAST(? AS BIGINT) END,
		CAST(? AS TEXT), 'planned', d.token + 1, CAST(? AS BIGINT)
		FROM dispatch d WHERE d.letter_id = ? AND d.generation = ? AND d.state = 'superseded'`
	sqlNextLetter = `UPDATE letter SET generation = generation + 1 WHERE letter_id = ? AND generation = ?`
	// A run that nothing is left of was given back whole.
	sqlEmptyRuns = `UPDATE print_run SET state = 'given_back', finished_at = ? WHERE state = 'uncertain'
		AND NOT EXISTS (SELECT 1 FROM dispatch d WHERE d.run_id = print_run.run_id)`
)

// again adds the generation that a decision makes, planned. Its token
// continues the one before, since the letter's events are numbered through.
func (c conn) again(ctx context.Context, d letters.Decision, l decided, channel letters.Channel) error {
	err := c.one(ctx, sqlNextDispatch, l.Recipient, l.Recipient, channel, d.ID, l.ID, l.Generation)
	if err != nil {
		return err
	}
	if err := c.one(ctx, sqlNextLetter, l.ID, l.Generation); err != nil {
		return err
	}
	return c.one(ctx, sqlStepEvent, l.ID, l.Token+2, l.Generation+1, d.ConfirmedAt, d.ConfirmedBy, "", letters.Planned,
		letters.ByDecision, strconv.FormatInt(d.ID, 10))
}
