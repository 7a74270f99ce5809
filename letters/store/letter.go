package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	dispatchColumns = `d.letter_id, d.generation, d.month, d.channel, d.state, d.token, d.hold_reason,
	d.renderer, d.template_version, d.content_hash, d.file_hash, d.file_size, d.page_hashes, d.pages,
	d.envelope, d.barcode, d.class, d.post_on, d.run_id, d.message_id, d.reply, d.attempts, d.retry_at,
	COALESCE(d.decision_id, 0)`
	letterColumns = `l.kind,
	CASE d.printed_on WHEN '' THEN m.printed_on ELSE d.printed_on END,
	CASE d.printed_on WHEN '' THEN m.document_no ELSE d.document_no END,
	COALESCE((SELECT string_agg(r.refers_to, ',') FROM letter_ref r WHERE r.letter_id = l.letter_id), ''),
	rc.name, rc.kana, rc.kind, rc.postal_code, rc.address, rc.building,
	CASE d.channel WHEN 'email' THEN rc.mail ELSE '' END, rc.phone,
	k.case_id, k.supply_point, k.demand_place, k.system, k.retailer_code, k.retailer_name, k.supply,
	k.last_resort, k.version, k.confirmed, k.unrecorded, k.first_on, k.last_on`
	letterTables = `letter l
	JOIN month_batch m ON m.month = l.month
	JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
	JOIN recipient rc ON rc.recipient_id = d.recipient_id
	JOIN letter_case lc ON lc.letter_id = l.letter_id
	JOIN viewed_case k ON k.case_id = lc.case_id`
	sqlLetters = `SELECT ` + dispatchColumns + `, ` + letterColumns + ` FROM ` + letterTables + `
	WHERE l.month = ? AND (CAST(? AS TEXT) = '' OR CAST(? AS TEXT) LIKE '%,' || d.state || ',%')
	ORDER BY l.letter_id, k.supply_point, k.system, k.version, k.case_id`
	sqlLetter = `SELECT ` + dispatchColumns + `, ` + letterColumns + ` FROM ` + letterTables + `
	WHERE l.letter_id = ?
	ORDER BY l.letter_id, k.supply_point, k.system, k.version, k.case_id`
)

// Letters calls each for the month's letters whose newest dispatch is in one
// of states (none named = all), in the order of letter IDs, with recipient
// and cases. One letter at a time is in memory; each may write to the ledger.
func (s *Store) Letters(ctx context.Context, m letters.Month, states []letters.State,
	each func(letters.Letter, letters.Dispatch) error) error {
	in := ""
	if len(states) > 0 {
		in = "," + joined(states) + ","
	}
	a := assembler{each: each}
	err := s.reader().each(ctx, sqlLetters, a.row, m, in, in)
	if err == nil {
		err = a.flush()
	}
	if err != nil {
		return fmt.Errorf("letters of %s: %w", m, err)
	}
	return nil
}

// assembler joins the rows of one letter, one row a case, into the letter.
type assembler struct {
	each func(letters.Letter, letters.Dispatch) error
	l    letters.Letter
	d    letters.Dispatch
}

func (a *assembler) row(scan func(...any) error) error {
	var l letters.Letter
	var d letters.Dispatch
	var k letters.Case
	r := &l.Recipient
	err := scan(append(dispatchTargets(&d), &l.Kind, &l.Date, &l.DocumentNo, (*words[letters.ID])(&l.Refers),
		&r.Name, &r.Kana, &r.Kind, &r.PostalCode, &r.Address, &r.Building, &r.Mail, &r.Phone,
		&k.ID, &k.SupplyPoint, &k.DemandPlace, &k.System, &k.RetailerCode, &k.RetailerName, &k.Supply,
		&k.LastResort, &k.Version, (*words[letters.ItemCode])(&k.Confirmed), &k.Unrecorded, &k.First, &k.Last)...)
	if err != nil {
		return err
	}
	if d.LetterID != a.l.ID {
		if err := a.flush(); err != nil {
			return err
		}
		l.ID, l.Generation, l.Month, l.Channel = d.LetterID, d.Generation, d.Month, d.Channel
		a.l, a.d = l, d
	}
	a.l.Cases = append(a.l.Cases, k)
	return nil
}

func (a *assembler) flush() error {
	if a.l.ID == "" {
		return nil
	}
	sortIDs(a.l.Refers)
	return a.each(a.l, a.d)
}

func dispatchTargets(d *letters.Dispatch) []any {
	r := &d.Rendering
	return []any{&d.LetterID, &d.Generation, &d.Month, &d.Channel, &d.State, &d.Token, &d.HoldReason,
		&r.Renderer, &r.TemplateVersion, &r.ContentHash, &r.FileHash, &r.FileSize, (*words[string])(&r.PageHashes), &r.Pages,
		&r.Envelope, &r.Barcode, &r.Class, &d.PostOn, &d.RunID, &d.MessageID, &d.Reply, &d.Attempts, &d.RetryAt,
		&d.DecisionID}
}

const (
	sqlDispatchesOf = `SELECT ` + dispatchColumns + ` FROM dispatch d WHERE d.letter_id = ? ORDER BY d.generation`
	sqlDispatches   = `SELECT ` + dispatchColumns + ` FROM dispatch d WHERE d.month = ? ORDER BY d.letter_id, d.generation`
	sqlEvents       = `SELECT letter_id AS letterid, generation, seq, at, actor, from_state AS "from", to_state AS "to", guard, ref
		FROM letter_event WHERE letter_id = ? ORDER BY seq`
)

// Letter returns one letter with all its dispatches, the first generation
// first, or ErrNotFound.
func (s *Store) Letter(ctx context.Context, id letters.ID) (letters.Letter, []letters.Dispatch, error) {
	var found letters.Letter
	a := assembler{each: func(l letters.Letter, _ letters.Dispatch) error { found = l; return nil }}
	c := s.reader()
	err := c.each(ctx, sqlLetter, a.row, id)
	if err == nil {
		err = a.flush()
	}
	if err == nil && found.ID == "" {
		err = ErrNotFound
	}
	if err != nil {
		return letters.Letter{}, nil, fmt.Errorf("letter %s: %w", id, err)
	}
	var all []letters.Dispatch
	err = c.dispatches(ctx, func(d letters.Dispatch) error { all = append(all, d); return nil }, sqlDispatchesOf, id)
	return found, all, err
}

// Dispatches calls each for every dispatch of the month, all generations, by
// letter ID.
func (s *Store) Dispatches(ctx context.Context, m letters.Month, each func(letters.Dispatch) error) error {
	return s.reader().dispatches(ctx, each, sqlDispatches, m)
}

func (c conn) dispatches(ctx context.Context, each func(letters.Dispatch) error, q string, args ...any) error {
	err := c.each(ctx, q, func(scan func(...any) error) error {
		var d letters.Dispatch
		if err := scan(dispatchTargets(&d)...); err != nil {
			return err
		}
		return each(d)
	}, args...)
	if err != nil {
		return fmt.Errorf("dispatches: %w", err)
	}
	return nil
}

// Events returns what happened to a letter, the oldest first.
func (s *Store) Events(ctx context.Context, id letters.ID) ([]letters.Event, error) {
	var list []letters.Event
	if err := s.reader().list(ctx, &list, sqlEvents, id); err != nil {
		return nil, fmt.Errorf("events of %s: %w", id, err)
	}
	return list, nil
}

const sqlStateCounts = `SELECT d.channel, d.state, CAST(COUNT(d.letter_id) AS BIGINT)
	FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
	WHERE l.month = ? GROUP BY d.channel, d.state`

// StateCounts counts the month's letters by the state of their newest
// dispatch, in all and by channel.
func (s *Store) StateCounts(ctx context.Context, m letters.Month) (map[letters.State]int,
	map[letters.Channel]map[letters.State]int, error) {
	all := make(map[letters.State]int)
	by := map[letters.Channel]map[letters.State]int{letters.Print: {}, letters.Email: {}}
	err := s.reader().each(ctx, sqlStateCounts, func(scan func(...any) error) error {
		var channel letters.Channel
		var state letters.State
		var n int
		if err := scan(&channel, &state, &n); err != nil {
			return err
		}
		all[state] += n
		by[channel][state] += n
		return nil
	}, m)
	if err != nil {
		return nil, nil, fmt.Errorf("state counts: %w", err)
	}
	return all, by, nil
}

const (
	sqlNotes = `SELECT n.letter_id, n.kind, n.note FROM letter_note n JOIN letter l ON l.letter_id = n.letter_id
		WHERE l.month = ? ORDER BY n.letter_id, n.kind, n.note`
	sqlNear = `SELECT letter_a AS a, letter_b AS b, why FROM near_match WHERE month = ? ORDER BY letter_a, letter_b, why`
)

// Notes calls each for what a person should review of the month's letters:
// what the program decided (held = false), and each reason for which the plan
// holds a letter.
func (s *Store) Notes(ctx context.Context, m letters.Month, each func(id letters.ID, held bool, note letters.Reason) error) error {
	err := s.reader().each(ctx, sqlNotes, func(scan func(...any) error) error {
		var id letters.ID
		var kind string
		var note letters.Reason
		if err := scan(&id, &kind, &note); err != nil {
			return err
		}
		return each(id, kind == "held", note)
	}, m)
	if err != nil {
		return fmt.Errorf("notes of %s: %w", m, err)
	}
	return nil
}

// NearMatches returns the pairs of letters proposed for comparison.
func (s *Store) NearMatches(ctx context.Context, m letters.Month) ([]letters.NearMatch, error) {
	var list []letters.NearMatch
	if err := s.reader().list(ctx, &list, sqlNear, m); err != nil {
		return nil, fmt.Errorf("near matches of %s: %w", m, err)
	}
	return list, nil
}
