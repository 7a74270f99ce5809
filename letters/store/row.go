package store

import (
	"context"
	"fmt"
	"slices"

	"oshirase/letters"
)

const bulkRows bulk = `source_row (file_id, row_no, rejected, supply_point, name, kana, kind, kind_given,
	postal_code, address, building, demand_place, phone, mail, channel, retailer_code, retailer_name,
	supply, system, items, first_on, last_on, views, viewers, disaster, last_resort, handling,
	held, notes, case_key, person_key, fold_key, mail_key, kana_key, phone_key, place_key,
	outcome, reason)`

// reasonUnplanned is the reason of a row whose file no plan has taken up yet.
const reasonUnplanned letters.Reason = "unplanned"

func rowValues(fileID int64, r *letters.KeyedRow) []any {
	if r.Rejected {
		return rejectedValues(fileID, r.No)
	}
	return []any{fileID, r.No, 0, r.SupplyPoint, r.Name, r.Kana, r.Kind, flag(kindGiven(&r.Row)),
		r.PostalCode, r.Address, r.Building, r.DemandPlace, r.Phone, r.Mail, r.Channel, r.RetailerCode, r.RetailerName,
		r.Supply, r.System, joined(r.Items), r.First, r.Last, r.Views, joined(r.Viewers), flag(r.Disaster), flag(r.LastResort),
		r.Handling, joined(r.Held), joined(r.Notes), r.CaseKey, r.PersonKey, r.FoldKey,
		mark(r.Mail), mark(r.Kana), mark(r.Phone), mark(r.DemandPlace), letters.OutHeld, reasonUnplanned}
}

// rejectedValues carry the row's number alone: its facts are unsure.
func rejectedValues(fileID int64, no int) []any {
	return []any{fileID, no, 1, "", "", "", "", 0,
		"", "", "", "", "", "", "", "", "",
		"", "", "", "", "", 0, "", 0, 0, "",
		"", "", "", "", "", "", "", "", "",
		letters.OutRejected, letters.ReasonProblem}
}

// kindGiven reports whether the list itself said 個人 or 法人.
func kindGiven(r *letters.Row) bool { return !slices.Contains(r.Notes, letters.NoteKindGuessed) }

const sqlPlanRows = `SELECT r.row_no, r.case_key, r.person_key, r.fold_key, r.supply, r.system, r.items,
	r.first_on, r.last_on, r.channel, r.mail_key, r.kana_key, r.phone_key, r.kind, r.kind_given, r.place_key,
	r.disaster, r.last_resort, r.rejected, r.held, r.supply_point,
	CASE WHEN EXISTS (SELECT 1 FROM no_contact n WHERE n.fold_key = r.fold_key) THEN 1 ELSE 0 END
	FROM source_row r JOIN source_file f ON f.file_id = r.file_id
	WHERE r.file_id = ? AND f.month = ? AND f.finished_at > 0 AND f.state <> 'withdrawn'
	ORDER BY r.row_no`

// PlanRows calls each for every row of exactly these files of the month, in
// the order of files and then of row numbers, rejected rows too. A file that
// is not of the month, not finished or withdrawn gives ErrConflict.
func (s *Store) PlanRows(ctx context.Context, m letters.Month, files []int64, each func(letters.PlanRow) error) error {
	c := s.reader()
	for _, id := range files {
		if err := c.usable(ctx, m, id); err != nil {
			return fmt.Errorf("plan rows of file %d: %w", id, err)
		}
		if err := c.planRows(ctx, m, id, each); err != nil {
			return fmt.Errorf("plan rows of file %d: %w", id, err)
		}
	}
	return nil
}

const sqlUsableFile = `SELECT CAST(COUNT(file_id) AS BIGINT) FROM source_file
	WHERE file_id = ? AND month = ? AND finished_at > 0 AND state <> 'withdrawn'`

func (c conn) usable(ctx context.Context, m letters.Month, fileID int64) error {
	var n int
	if err := c.get(ctx, &n, sqlUsableFile, fileID, m); err != nil {
		return err
	}
	if n != 1 {
		return ErrConflict
	}
	return nil
}

func (c conn) planRows(ctx context.Context, m letters.Month, fileID int64, each func(letters.PlanRow) error) error {
	return c.each(ctx, sqlPlanRows, func(scan func(...any) error) error {
		r := letters.PlanRow{FileID: fileID}
		var point string
		var noContact bool
		err := scan(&r.No, &r.CaseKey, &r.PersonKey, &r.FoldKey, &r.Supply, &r.System,
			(*words[letters.ItemCode])(&r.Items), &r.First, &r.Last, &r.Channel, &r.MailKey, &r.Kana, &r.Phone,
			&r.Kind, &r.KindGiven, &r.PlaceKey, &r.Disaster, &r.LastResort, &r.Rejected,
			(*words[letters.Reason])(&r.Held), &point, &noContact)
		if err != nil {
			return err
		}
		r.PointKey = mark(point)
		if noContact {
			r.Held = append(r.Held, letters.ReasonNoContact)
		}
		return each(r)
	}, fileID, m)
}

const sqlTold = `SELECT k.case_key, l.fold_key, k.version, k.confirmed, k.unrecorded, k.first_on, k.last_on,
	l.letter_id, l.month, l.kind, CASE WHEN EXISTS (SELECT 1 FROM decision x
	JOIN decision_letter xl ON xl.decision_id = x.decision_id
	WHERE x.action = 'correct' AND x.confirmed_by <> '' AND xl.letter_id = l.letter_id) THEN 1 ELSE 0 END
	FROM letter_case lc
	JOIN viewed_case k ON k.case_id = lc.case_id
	JOIN letter l ON l.letter_id = lc.letter_id
	WHERE lc.link = 'told' AND l.month <> ?
	ORDER BY k.case_key, k.version, l.letter_id`

// Told calls each for every case that a letter of another month tells, all
// versions: letters whose newest dispatch is neither cancelled nor held.
func (s *Store) Told(ctx context.Context, m letters.Month, each func(letters.ToldCase) error) error {
	err := s.reader().each(ctx, sqlTold, func(scan func(...any) error) error {
		var t letters.ToldCase
		err := scan(&t.CaseKey, &t.FoldKey, &t.Version, (*words[letters.ItemCode])(&t.Confirmed), &t.Unrecorded,
			&t.First, &t.Last, &t.LetterID, &t.Month, &t.Kind, &t.Wrong)
		if err != nil {
			return err
		}
		return each(t)
	}, m)
	if err != nil {
		return fmt.Errorf("told cases: %w", err)
	}
	return nil
}

const sqlStored = `SELECT l.letter_id AS id, l.person_key AS personkey, l.facts, d.state, d.token
	FROM letter l JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
	WHERE l.month = ? AND d.state <> 'cancelled' ORDER BY l.letter_id`

// StoredLetters returns the month's letters that are not cancelled.
func (s *Store) StoredLetters(ctx context.Context, m letters.Month) ([]letters.StoredLetter, error) {
	var list []letters.StoredLetter
	if err := s.reader().list(ctx, &list, sqlStored, m); err != nil {
		return nil, fmt.Errorf("stored letters: %w", err)
	}
	return list, nil
}
