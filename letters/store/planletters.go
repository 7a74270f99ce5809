package store

import (
	"context"
	"fmt"
)

// A planned letter's fate: new, change (other facts or another hold than
// stored) or keep.
const (
	sqlFates = `UPDATE plan_letter SET fate = CASE
		WHEN plan_letter.keep = 1 THEN 'keep'
		WHEN l.facts = plan_letter.facts AND l.kind = plan_letter.kind AND d.channel = plan_letter.channel
			AND d.hold_reason = plan_letter.hold_reason THEN 'keep'
		ELSE 'change' END
		FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE l.letter_id = plan_letter.letter_id AND l.month = ?`
	sqlKeepUnknown = `SELECT CAST(COUNT(letter_id) AS BIGINT) FROM plan_letter WHERE keep = 1 AND fate = 'new'`
	sqlPlanStale   = `SELECT CAST(COUNT(l.letter_id) AS BIGINT)
		FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
		WHERE l.month = ? AND d.state <> 'cancelled'
		AND NOT EXISTS (SELECT 1 FROM plan_letter p WHERE p.letter_id = l.letter_id)
		AND NOT EXISTS (SELECT 1 FROM plan_cancel p WHERE p.letter_id = l.letter_id)`
	sqlPlanLate = `SELECT CAST(COUNT(d.letter_id) AS BIGINT)
		FROM plan_letter p JOIN dispatch d ON d.letter_id = p.letter_id
		WHERE (p.fate = 'change' AND d.state NOT IN ('planned','held_review','rendered','render_failed'))
		OR (p.fate = 'keep' AND d.state = 'cancelled')`
	sqlCountFate = `SELECT CAST(COUNT(letter_id) AS BIGINT) FROM plan_letter WHERE fate = ?`
)

func (w planWriter) letters(ctx context.Context) error {
	if _, err := w.exec(ctx, sqlFates, w.plan.Month); err != nil {
		return fmt.Errorf("letters: %w", err)
	}
	if err := w.none(ctx, "letters to keep that are not stored", sqlKeepUnknown); err != nil {
		return err
	}
	if err := w.none(ctx, "letters the plan does not know", sqlPlanStale, w.plan.Month); err != nil {
		return err
	}
	if err := w.none(ctx, "letters that can no longer change", sqlPlanLate); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{w.newLetters, w.changed, w.cancelled} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

const (
	sqlNewLetters = `INSERT INTO letter (letter_id, month, kind, person_key, fold_key, facts, planned_at)
		SELECT p.letter_id, CAST(? AS TEXT), p.kind, p.person_key, p.fold_key, p.facts, CAST(? AS BIGINT)
		FROM plan_letter p WHERE p.fate = 'new'`
	sqlNewRecipients = `INSERT INTO recipient (letter_id, name, kana, kind, postal_code, address, building, mail, phone)
		SELECT p.letter_id, r.name, r.kana, r.kind, r.postal_code, r.address, r.building,
		CASE p.channel WHEN 'email' THEN r.mail ELSE '' END, r.phone
		FROM plan_letter p JOIN source_row r ON r.file_id = p.file_id AND r.row_no = p.row_no
		WHERE p.fate = 'new' AND r.rejected = 0`
	sqlNewDispatches = `INSERT INTO dispatch (letter_id, generation, month, recipient_id, channel, state, token, hold_reason)
		SELECT p.letter_id, 1, CAST(? AS TEXT), rc.recipient_id, p.channel,
		CASE p.hold_reason WHEN '' THEN 'planned' ELSE 'held_review' END, 1, p.hold_reason
		FROM plan_letter p JOIN recipient rc ON rc.letter_id = p.letter_id
		WHERE p.fate = 'new'`
	sqlFirstEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), '', d.state, '', ''
		FROM plan_letter p JOIN dispatch d ON d.letter_id = p.letter_id
		WHERE p.fate = 'new'`
)

func (w planWriter) newLetters(ctx context.Context) error {
	var n int
	if err := w.get(ctx, &n, sqlCountFate, "new"); err != nil || n == 0 {
		return err
	}
	if err := w.exactly(ctx, n, sqlNewLetters, w.plan.Month, w.at); err != nil {
		return fmt.Errorf("new letters: %w", err)
	}
	if err := w.exactly(ctx, n, sqlNewRecipients); err != nil {
		return fmt.Errorf("new recipients: %w", err)
	}
	if err := w.exactly(ctx, n, sqlNewDispatches, w.plan.Month); err != nil {
		return fmt.Errorf("new dispatches: %w", err)
	}
	if err := w.exactly(ctx, n, sqlFirstEvents, w.at, w.actor); err != nil {
		return fmt.Errorf("first events: %w", err)
	}
	return nil
}

// A letter that stays planned or held gets no event, but a new token: what
// was made from its old facts comes too late.
const (
	sqlChangeEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), d.state,
		CASE p.hold_reason WHEN '' THEN 'planned' ELSE 'held_review' END,
		CASE d.state WHEN 'planned' THEN '' ELSE 'replan' END, ''
		FROM plan_letter p JOIN dispatch d ON d.letter_id = p.letter_id
		WHERE p.fate = 'change' AND d.state <> CASE p.hold_reason WHEN '' THEN 'planned' ELSE 'held_review' END`
	sqlChangeDispatches = `UPDATE dispatch SET
		state = CASE p.hold_reason WHEN '' THEN 'planned' ELSE 'held_review' END,
		token = dispatch.token + 1, channel = p.channel, hold_reason = p.hold_reason,
		renderer = '', template_version = '', content_hash = '', file_hash = '', file_size = 0, page_hashes = '',
		pages = 0, envelope = '', barcode = 0, class = '', printed_on = '', document_no = ''
		FROM plan_letter p WHERE p.letter_id = dispatch.letter_id AND p.fate = 'change'`
	sqlChangeLetters = `UPDATE letter SET kind = p.kind, person_key = p.person_key, fold_key = p.fold_key, facts = p.facts
		FROM plan_letter p WHERE p.letter_id = letter.letter_id AND p.fate = 'change'`
	sqlChangeRecipients = `UPDATE recipient SET name = r.name, kana = r.kana, kind = r.kind,
		postal_code = r.postal_code, address = r.address, building = r.building,
		mail = CASE p.channel WHEN 'email' THEN r.mail ELSE '' END, phone = r.phone
		FROM plan_letter p JOIN source_row r ON r.file_id = p.file_id AND r.row_no = p.row_no
		JOIN dispatch d ON d.letter_id = p.letter_id
		WHERE d.recipient_id = recipient.recipient_id AND p.fate = 'change'`
)

func (w planWriter) changed(ctx context.Context) error {
	var n int
	if err := w.get(ctx, &n, sqlCountFate, "change"); err != nil || n == 0 {
		return err
	}
	if _, err := w.exec(ctx, sqlChangeEvents, w.at, w.actor); err != nil {
		return fmt.Errorf("changed letters: %w", err)
	}
	for _, q := range []string{sqlChangeDispatches, sqlChangeLetters, sqlChangeRecipients} {
		if err := w.exactly(ctx, n, q); err != nil {
			return fmt.Errorf("changed letters: %w", err)
		}
	}
	return nil
}

const (
	sqlCancelUnknown = `SELECT CAST(COUNT(p.letter_id) AS BIGINT) FROM plan_cancel p
		WHERE NOT EXISTS (SELECT 1 FROM dispatch d WHERE d.letter_id = p.letter_id AND d.month = ?
		AND d.state IN ('planned','held_review','rendered','render_failed','cancelled'))`
	sqlCancelEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), d.state, 'cancelled', 'replan', ''
		FROM plan_cancel p JOIN dispatch d ON d.letter_id = p.letter_id
		WHERE d.state <> 'cancelled'`
	sqlCancel = `UPDATE dispatch SET state = 'cancelled', token = dispatch.token + 1
		FROM plan_cancel p WHERE p.letter_id = dispatch.letter_id AND dispatch.state <> 'cancelled'`
)

func (w planWriter) cancelled(ctx context.Context) error {
	if len(w.plan.Cancel) == 0 {
		return nil
	}
	if err := w.none(ctx, "letters that can no longer be cancelled", sqlCancelUnknown, w.plan.Month); err != nil {
		return err
	}
	n, err := w.exec(ctx, sqlCancelEvents, w.at, w.actor)
	if err != nil {
		return fmt.Errorf("cancelled letters: %w", err)
	}
	return w.exactly(ctx, n, sqlCancel)
}

const (
	sqlDropRefs = `DELETE FROM letter_ref WHERE letter_id IN (SELECT p.letter_id FROM plan_letter p)`
	sqlPutRefs  = `INSERT INTO letter_ref (letter_id, refers_to)
		SELECT DISTINCT p.letter_id, p.refers_to FROM plan_ref p`
	sqlDropNotes = `DELETE FROM letter_note WHERE letter_id IN (SELECT p.letter_id FROM plan_letter p)
		OR letter_id IN (SELECT p.letter_id FROM plan_cancel p)`
	sqlPutNotes = `INSERT INTO letter_note (letter_id, kind, note)
		SELECT DISTINCT p.letter_id, p.kind, p.note FROM plan_note p`
	sqlDropNear      = `DELETE FROM near_match WHERE month = ?`
	bulkNear    bulk = `near_match (month, letter_a, letter_b, why)`
)

// companions are what stands beside a letter: the letters it names, what a
// person should review, and the pairs to be compared.
func (w planWriter) companions(ctx context.Context) error {
	if err := w.run(ctx, sqlDropRefs, sqlPutRefs, sqlDropNotes, sqlPutNotes); err != nil {
		return fmt.Errorf("references and notes: %w", err)
	}
	if _, err := w.exec(ctx, sqlDropNear, w.plan.Month); err != nil {
		return err
	}
	near := w.plan.Near
	return w.conn.load(ctx, bulkNear, len(near), func(i int) []any {
		return []any{w.plan.Month, near[i].A, near[i].B, near[i].Why}
	})
}
