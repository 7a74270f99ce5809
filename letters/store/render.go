package store

import (
	"context"
	"fmt"
	"time"

	"oshirase/letters"
)

const (
	sqlPosting        = `SELECT printed_on AS date, document_no AS documentno FROM month_batch WHERE month = ?`
	sqlSetPosting     = `UPDATE month_batch SET printed_on = ?, document_no = ? WHERE month = ?`
	sqlUnrenderEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), d.state, 'planned', 'replan', ''
		FROM dispatch d WHERE d.month = ? AND d.state = 'rendered'`
	sqlUnrender = `UPDATE dispatch SET state = 'planned', token = token + 1,
		renderer = '', template_version = '', content_hash = '', file_hash = '', file_size = 0, page_hashes = '',
		pages = 0, envelope = '', barcode = 0, class = '', printed_on = '', document_no = ''
		WHERE month = ? AND state = 'rendered'`
)

// systemActor stands in events that follow from a change of the month itself.
const systemActor = "ledger"

// SetPosting stores the printed date and the document number of an open
// month. Letters rendered with another date or number go back to planned.
func (s *Store) SetPosting(ctx context.Context, m letters.Month, date letters.Date, documentNo string) error {
	return s.write(ctx, "set posting of "+string(m), func(c conn) error {
		if err := c.lockOpen(ctx, m); err != nil {
			return err
		}
		var old letters.MonthInfo
		if err := c.get(ctx, &old, sqlPosting, m); err != nil {
			return err
		}
		if old.Date == date && old.DocumentNo == documentNo {
			return nil
		}
		if err := c.one(ctx, sqlSetPosting, date, documentNo, m); err != nil {
			return err
		}
		n, err := c.exec(ctx, sqlUnrenderEvents, s.now().UnixMicro(), systemActor, m)
		if err != nil {
			return err
		}
		return c.exactly(ctx, n, sqlUnrender, m)
	})
}

const (
	sqlMakeRendered = `CREATE TEMP TABLE rendered_in (letter_id TEXT NOT NULL, generation BIGINT NOT NULL,
		token BIGINT NOT NULL, to_state TEXT NOT NULL, hold_reason TEXT NOT NULL, renderer TEXT NOT NULL,
		template_version TEXT NOT NULL, content_hash TEXT NOT NULL, file_hash TEXT NOT NULL, file_size BIGINT NOT NULL,
		page_hashes TEXT NOT NULL, pages BIGINT NOT NULL, envelope TEXT NOT NULL, barcode BIGINT NOT NULL,
		class TEXT NOT NULL, PRIMARY KEY (letter_id, generation))`
	sqlDropRendered      = `DROP TABLE rendered_in`
	bulkRendered    bulk = `rendered_in (letter_id, generation, token, to_state, hold_reason, renderer,
		template_version, content_hash, file_hash, file_size, page_hashes, pages, envelope, barcode, class)`
	sqlRenderedEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), d.state, r.to_state,
		CASE WHEN r.to_state = 'rendered' THEN 'rendering' WHEN d.state = 'planned' THEN '' ELSE 'replan' END, ''
		FROM rendered_in r JOIN dispatch d ON d.letter_id = r.letter_id AND d.generation = r.generation
		WHERE d.token = r.token AND (d.state = 'planned'
		OR (d.state IN ('rendered','render_failed') AND r.to_state IN ('rendered','held_review')))`
	sqlStoreRendered = `UPDATE dispatch SET state = r.to_state, token = dispatch.token + 1, hold_reason = r.hold_reason,
		renderer = r.renderer, template_version = r.template_version, content_hash = r.content_hash,
		file_hash = r.file_hash, file_size = r.file_size, page_hashes = r.page_hashes, pages = r.pages,
		envelope = r.envelope, barcode = r.barcode, class = r.class,
		printed_on = CASE WHEN r.to_state <> 'rendered' THEN '' WHEN dispatch.printed_on <> '' THEN dispatch.printed_on
			ELSE m.printed_on END,
		document_no = CASE WHEN r.to_state <> 'rendered' THEN '' WHEN dispatch.printed_on <> '' THEN dispatch.document_no
			ELSE m.document_no END
		FROM rendered_in r, month_batch m
		WHERE r.letter_id = dispatch.letter_id AND r.generation = dispatch.generation
		AND m.month = dispatch.month AND r.token = dispatch.token`
	sqlHoldLinks = `UPDATE letter_case SET link = 'held'
		WHERE letter_id IN (SELECT r.letter_id FROM rendered_in r WHERE r.to_state = 'held_review')`
	sqlHoldRows = `UPDATE source_row SET outcome = 'held', reason = r.hold_reason
		FROM rendered_in r
		WHERE r.to_state = 'held_review' AND r.letter_id = source_row.letter_id AND source_row.outcome = 'letter'`
	sqlRenderedMonth = `UPDATE month_batch SET renderer = r.renderer, template_version = r.template_version
		FROM (SELECT d.month, MAX(i.renderer) AS renderer, MAX(i.template_version) AS template_version
			FROM rendered_in i JOIN dispatch d ON d.letter_id = i.letter_id AND d.generation = i.generation
			WHERE i.to_state = 'rendered' AND i.generation = 1 GROUP BY d.month) r
		WHERE month_batch.month = r.month AND month_batch.state = 'open'`
)

// SaveRenderings stores what rendering made of letters: planned, rendered or
// failed letters become rendered, held for a reason, or failed, each with its
// event. The rows of a letter that is now held become held with the reason.
// It is one transaction; one letter that has changed since (its token) makes
// the whole call ErrConflict.
func (s *Store) SaveRenderings(ctx context.Context, results []letters.RenderResult, actor string, at time.Time) error {
	return s.write(ctx, "save renderings", func(c conn) error {
		if err := c.run(ctx, sqlMakeRendered); err != nil {
			return err
		}
		err := c.load(ctx, bulkRendered, len(results), func(i int) []any { return renderedValues(&results[i]) })
		if err != nil {
			return err
		}
		if err := c.exactly(ctx, len(results), sqlRenderedEvents, at.UnixMicro(), actor); err != nil {
			return err
		}
		if err := c.exactly(ctx, len(results), sqlStoreRendered); err != nil {
			return err
		}
		return c.run(ctx, sqlHoldLinks, sqlHoldRows, sqlRenderedMonth, sqlDropRendered)
	})
}

func renderedValues(r *letters.RenderResult) []any {
	to, g := letters.Rendered, r.Rendering
	switch {
	case r.Hold != "":
		to, g = letters.HeldReview, letters.Rendering{}
	case r.Failed:
		to, g = letters.RenderFailed, letters.Rendering{}
	}
	return []any{r.LetterID, r.Generation, r.Token, to, r.Hold, g.Renderer,
		g.TemplateVersion, g.ContentHash, g.FileHash, g.FileSize, joined(g.PageHashes), g.Pages,
		g.Envelope, flag(g.Barcode), g.Class}
}

const (
	sqlReplanHeldEvents = `INSERT INTO letter_event (letter_id, seq, generation, at, actor, from_state, to_state, guard, ref)
		SELECT d.letter_id, d.token + 1, d.generation, CAST(? AS BIGINT), CAST(? AS TEXT), 'held_review', 'planned', 'replan', ''
		FROM dispatch d WHERE d.month = ? AND d.state = 'held_review' AND d.hold_reason = ?`
	sqlReplanHeld = `UPDATE dispatch SET state = 'planned', token = token + 1, hold_reason = ''
		WHERE month = ? AND state = 'held_review' AND hold_reason = ?`
	sqlReplanLinks = `UPDATE letter_case SET link = 'told' WHERE link = 'held' AND letter_id IN
		(SELECT d.letter_id FROM dispatch d WHERE d.month = ? AND d.state = 'planned')`
	sqlReplanRows = `UPDATE source_row SET outcome = 'letter', reason = ''
		WHERE outcome = 'held' AND reason IN (?, 'companion')
		AND letter_id IN (SELECT d.letter_id FROM dispatch d WHERE d.month = ? AND d.state = 'planned')`
)

// ReplanHeld puts the open month's letters that rendering holds for one reason
// (a missing glyph, too many sheets, an address that does not fit) back to
// planned, so that they are tried again with another font, wording or
// geometry. It returns how many.
func (s *Store) ReplanHeld(ctx context.Context, m letters.Month, why letters.Reason, actor string, at time.Time) (int, error) {
	var n int
	err := s.write(ctx, fmt.Sprintf("replan held letters of %s", m), func(c conn) error {
		err := c.lockOpen(ctx, m)
		if err != nil {
			return err
		}
		if n, err = c.exec(ctx, sqlReplanHeldEvents, at.UnixMicro(), actor, m, why); err != nil {
			return err
		}
		if err := c.exactly(ctx, n, sqlReplanHeld, m, why); err != nil {
			return err
		}
		if _, err := c.exec(ctx, sqlReplanLinks, m); err != nil {
			return err
		}
		_, err = c.exec(ctx, sqlReplanRows, why, m)
		return err
	})
	return n, err
}
