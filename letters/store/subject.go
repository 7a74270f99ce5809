package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

// A letter is under 支援措置 when one of its rows is, or any row of the same
// person at the same address in any month.
const (
	shelterOf = `CASE WHEN EXISTS (SELECT 1 FROM source_row r WHERE r.handling = 'shelter' AND r.fold_key = l.fold_key)
		OR EXISTS (SELECT 1 FROM source_row r WHERE r.letter_id = l.letter_id AND r.handling = 'shelter') THEN 1 ELSE 0 END`
	subjectColumns = `l.letter_id AS letterid, l.month, rc.kind, rc.name, rc.kana, rc.postal_code AS postalcode, rc.phone,
		` + shelterOf + ` AS shelter`
	subjectTables = `recipient rc
		JOIN dispatch d ON d.recipient_id = rc.recipient_id
		JOIN letter l ON l.letter_id = d.letter_id AND l.generation = d.generation`
	sqlShelter        = `SELECT ` + shelterOf + ` FROM letter l WHERE l.letter_id = ? AND ` + purgedMonth + ` = 0`
	sqlSubject        = `SELECT ` + subjectColumns + ` FROM ` + subjectTables + ` WHERE l.letter_id = ? AND ` + purgedMonth + ` = 0`
	sqlSubjectsPostal = `SELECT ` + subjectColumns + ` FROM ` + subjectTables + `
		WHERE rc.postal_code = ? AND d.state <> 'cancelled' ORDER BY l.month, l.letter_id`
	sqlSubjectsPhone = `SELECT ` + subjectColumns + ` FROM ` + subjectTables + `
		WHERE length(rc.phone) >= 4 AND substr(rc.phone, length(rc.phone) - 3) = ? AND d.state <> 'cancelled'
		ORDER BY l.month, l.letter_id`
)

func (c conn) shelter(ctx context.Context, id letters.ID) (shelter bool, err error) {
	err = c.get(ctx, &shelter, sqlShelter, id)
	return shelter, err
}

// Subject returns what a caller about the letter is checked by, or ErrNotFound:
// also of a month whose personal data were deleted.
func (s *Store) Subject(ctx context.Context, id letters.ID) (letters.Subject, error) {
	var found letters.Subject
	if err := s.reader().get(ctx, &found, sqlSubject, id); err != nil {
		return letters.Subject{}, fmt.Errorf("subject of %s: %w", id, err)
	}
	return found, nil
}

// SubjectsAt returns the subjects of a postcode, letters.SameName decides
// which of them is meant.
func (s *Store) SubjectsAt(ctx context.Context, postcode string) ([]letters.Subject, error) {
	return s.subjects(ctx, sqlSubjectsPostal, postcode)
}

// SubjectsOf returns the subjects whose contact number ends in four digits.
func (s *Store) SubjectsOf(ctx context.Context, lastFour string) ([]letters.Subject, error) {
	return s.subjects(ctx, sqlSubjectsPhone, lastFour)
}

func (s *Store) subjects(ctx context.Context, q string, by string) ([]letters.Subject, error) {
	var list []letters.Subject
	if err := s.reader().list(ctx, &list, q, by); err != nil {
		return nil, fmt.Errorf("subjects: %w", err)
	}
	return list, nil
}
