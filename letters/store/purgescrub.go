package store

import (
	"context"
	"errors"
	"fmt"

	"oshirase/letters"
)

// gone stands where a text must not be empty and was personal.
const gone = "-"

// The statements of a purge. A month's letters, and calls and inquiries that
// belong to no letter and are old, lose what is personal; digests of names and
// places stay, by which a later list is known to be told already.
const (
	sqlMakePurgePoint = `CREATE TEMP TABLE purge_point (supply_point TEXT PRIMARY KEY, pseudonym TEXT NOT NULL)`
	sqlDropPurgePoint = `DROP TABLE purge_point`
	sqlPurgePoints    = `SELECT r.supply_point FROM source_file f JOIN source_row r ON r.file_id = f.file_id
		WHERE f.month = ? AND r.rejected = 0
		UNION SELECT k.supply_point FROM viewed_case k WHERE k.month = ?`
	sqlPurgeRows = `UPDATE source_row SET name = ?, kana = '', postal_code = '', address = '', building = '', demand_place = '',
		phone = '', mail = '', mail_key = '', kana_key = '', phone_key = '', place_key = '',
		supply_point = (SELECT p.pseudonym FROM purge_point p WHERE p.supply_point = source_row.supply_point)
		WHERE rejected = 0 AND file_id IN (SELECT f.file_id FROM source_file f WHERE f.month = ?)`
	sqlPurgeRejected = `UPDATE source_row SET kana = '', postal_code = '', building = '', demand_place = '',
		mail_key = '', kana_key = '', phone_key = '', place_key = ''
		WHERE rejected = 1 AND file_id IN (SELECT f.file_id FROM source_file f WHERE f.month = ?)`
	sqlPurgeCases = `UPDATE viewed_case SET demand_place = '',
		supply_point = (SELECT p.pseudonym FROM purge_point p WHERE p.supply_point = viewed_case.supply_point)
		WHERE month = ?`
	sqlPurgeRecipients = `UPDATE recipient SET name = ?, kana = '', postal_code = '', address = '', building = '', mail = '', phone = ''
		WHERE letter_id IN (SELECT l.letter_id FROM letter l WHERE l.month = ?)`
	sqlPurgeCalls = `UPDATE caller_call SET proxy = '' WHERE proxy <> ''
		AND (letter_id IN (SELECT l.letter_id FROM letter l WHERE l.month = ?) OR letter_id IS NULL AND opened_at < ?)`
	sqlPurgeInquiries = `UPDATE inquiry SET proxy = '', note = ''
		WHERE letter_id IN (SELECT l.letter_id FROM letter l WHERE l.month = ?) OR letter_id IS NULL AND at < ?`
	sqlPurgeWishes = `UPDATE wish SET postal_code = '', building = '',
		address = CASE kind WHEN 'address' THEN CAST(? AS TEXT) ELSE '' END,
		answer = CASE state WHEN 'open' THEN '' ELSE CAST(? AS TEXT) END
		WHERE letter_id IN (SELECT l.letter_id FROM letter l WHERE l.month = ?)
		OR letter_id IS NULL AND inquiry_id IN (SELECT i.inquiry_id FROM inquiry i WHERE i.at < ?)`
	sqlPurgeSupervision = `UPDATE supervision SET answer = CASE seen_at WHEN 0 THEN '' ELSE CAST(? AS TEXT) END
		WHERE letter_id IN (SELECT l.letter_id FROM letter l WHERE l.month = ?) OR letter_id IS NULL AND at < ?`
	sqlPurgeRetailers = `UPDATE retailer SET contact = '', mail = '' WHERE month = ?`
	sqlPurgeSessions  = `DELETE FROM desk_session WHERE seen_at < ?`
	sqlPurgeLooks     = `DELETE FROM look_count WHERE slot < ?`

	bulkPurgePoints bulk = `purge_point (supply_point, pseudonym)`
)

// scrub is the transaction's part of a purge.
func (c conn) scrub(ctx context.Context, m letters.Month, before int64, key string) error {
	if err := c.run(ctx, sqlMakePurgePoint); err != nil {
		return err
	}
	var points []string
	if err := c.list(ctx, &points, sqlPurgePoints, m, m); err != nil {
		return err
	}
	err := c.load(ctx, bulkPurgePoints, len(points), func(i int) []any { return []any{points[i], pseudonym(key, points[i])} })
	if err != nil {
		return err
	}
	for _, step := range []struct {
		q    string
		args []any
	}{
		{sqlPurgeRows, []any{gone, m}}, {sqlPurgeRejected, []any{m}}, {sqlPurgeCases, []any{m}}, {sqlPurgeRecipients, []any{gone, m}},
		{sqlPurgeCalls, []any{m, before}}, {sqlPurgeInquiries, []any{m, before}}, {sqlPurgeWishes, []any{gone, gone, m, before}},
		{sqlPurgeSupervision, []any{gone, m, before}}, {sqlPurgeRetailers, []any{m}},
		{sqlPurgeSessions, []any{before}}, {sqlPurgeLooks, []any{before / slotLength}},
	} {
		if _, err := c.exec(ctx, step.q, step.args...); err != nil {
			return err
		}
	}
	return c.run(ctx, sqlDropPurgePoint)
}

// ErrBusy says that another process reads the ledger, so that what was freed
// could not be cleared from its files.
var ErrBusy = errors.New("another process holds the ledger")

const (
	sqlVacuumSQLite     = `VACUUM`
	sqlCheckpointSQLite = `PRAGMA wal_checkpoint(TRUNCATE)`

	sqlVacuumRowsPostgres        = `VACUUM (FULL) source_row`
	sqlVacuumCasesPostgres       = `VACUUM (FULL) viewed_case`
	sqlVacuumRecipientsPostgres  = `VACUUM (FULL) recipient`
	sqlVacuumCallsPostgres       = `VACUUM (FULL) caller_call`
	sqlVacuumInquiriesPostgres   = `VACUUM (FULL) inquiry`
	sqlVacuumWishesPostgres      = `VACUUM (FULL) wish`
	sqlVacuumSupervisionPostgres = `VACUUM (FULL) supervision`
	sqlVacuumRetailersPostgres   = `VACUUM (FULL) retailer`
	sqlVacuumSessionsPostgres    = `VACUUM (FULL) desk_session`
)

// Compact writes the ledger's tables anew, so that nothing deleted is left in
// free pages. On PostgreSQL the write-ahead log and base backups keep it for as
// long as the server keeps them. It may be repeated.
func (s *Store) Compact(ctx context.Context) error {
	c := conn{x: s.db, postgres: s.postgres, now: s.now}
	if !s.postgres {
		return s.compactFile(ctx, c)
	}
	err := c.run(ctx, sqlVacuumRowsPostgres, sqlVacuumCasesPostgres, sqlVacuumRecipientsPostgres, sqlVacuumCallsPostgres,
		sqlVacuumInquiriesPostgres, sqlVacuumWishesPostgres, sqlVacuumSupervisionPostgres, sqlVacuumRetailersPostgres, sqlVacuumSessionsPostgres)
	if err != nil {
		return fmt.Errorf("compact: %w", translate(err))
	}
	return nil
}

func (s *Store) compactFile(ctx context.Context, c conn) error {
	if err := c.run(ctx, sqlVacuumSQLite); err != nil {
		return fmt.Errorf("compact: %w", translate(err))
	}
	var busy, log, moved int
	err := c.each(ctx, sqlCheckpointSQLite, func(scan func(...any) error) error { return scan(&busy, &log, &moved) })
	if err == nil && busy != 0 {
		err = ErrBusy
	}
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}
