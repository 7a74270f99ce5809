package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// Dump takes the rows of a ledger, table by table.
type Dump interface {
	Table(name string, columns []string) error
	Row(values []any) error // int64, string, []byte or nil for each column
}

// Constants of a snapshot. The tables are found in the database itself, so
// that a backup has what every later migration adds.
const (
	sqlTablesSQLite = `SELECT name FROM sqlite_master WHERE type = 'table'
		AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'goose%' ORDER BY name`
	sqlTablesPostgres = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()
		AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'goose%' ORDER BY table_name`
	sqlColumnsSQLite   = `SELECT name FROM pragma_table_info(?) ORDER BY cid`
	sqlColumnsPostgres = `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()
		AND table_name = ? ORDER BY ordinal_position`
	sqlParentsSQLite   = `SELECT DISTINCT f."table" FROM pragma_foreign_key_list(?) f ORDER BY 1`
	sqlParentsPostgres = `SELECT DISTINCT p.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE k.contype = 'f' AND n.nspname = current_schema() AND c.relname = ? ORDER BY 1`
	sqlIdentitiesPostgres = `SELECT table_name AS tab, column_name AS col FROM information_schema.columns
		WHERE table_schema = current_schema() AND is_identity = 'YES' ORDER BY table_name`
)

// notKept are tables that a backup does not carry: the audit chain of a ledger
// on PostgreSQL, which goes with the backup as the file that a ledger on SQLite
// has (AuditSince, AuditAppend), who is signed in, and who was wrong lately.
func notKept() []string {
	return []string{"audit_record", "audit_head", "desk_session", "sign_in_door"}
}

// Schema is the version of the ledger's schema.
func (s *Store) Schema(ctx context.Context) (int64, error) {
	p, err := s.goose()
	if err != nil {
		return 0, fmt.Errorf("schema: %w", err)
	}
	have, _, err := p.GetVersions(ctx)
	return have, err
}

// Snapshot gives every row to d as the ledger stands at one moment, while it
// is at work: parents before children, the audit chain apart.
func (s *Store) Snapshot(ctx context.Context, d Dump) error {
	tx, err := s.read.BeginTxx(ctx, s.snapshotOptions())
	if err != nil {
		return fmt.Errorf("snapshot: %w", translate(err))
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	c := conn{x: tx, tx: tx, postgres: s.postgres, now: s.now}
	tables, err := c.tables(ctx)
	for _, name := range tables {
		if err == nil && !slices.Contains(notKept(), name) {
			err = c.dump(ctx, name, d)
		}
	}
	if err != nil {
		return fmt.Errorf("snapshot: %w", translate(err))
	}
	return nil
}

// snapshotOptions: SQLite's reading transactions see one moment as they are.
func (s *Store) snapshotOptions() *sql.TxOptions {
	if !s.postgres {
		return nil
	}
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// tables lists every table behind those that it refers to.
func (c conn) tables(ctx context.Context) ([]string, error) {
	all, parents := sqlTablesSQLite, sqlParentsSQLite
	if c.postgres {
		all, parents = sqlTablesPostgres, sqlParentsPostgres
	}
	var names, ordered []string
	if err := c.list(ctx, &names, all); err != nil {
		return nil, err
	}
	refers := make(map[string][]string, len(names))
	for _, name := range names {
		var list []string
		if err := c.list(ctx, &list, parents, name); err != nil {
			return nil, err
		}
		refers[name] = list
	}
	var add func(name string)
	add = func(name string) {
		if slices.Contains(ordered, name) {
			return
		}
		for _, parent := range refers[name] {
			if parent != name {
				add(parent)
			}
		}
		ordered = append(ordered, name)
	}
	for _, name := range names {
		add(name)
	}
	return ordered, nil
}

func (c conn) columns(ctx context.Context, table string) (list []string, err error) {
	q := sqlColumnsSQLite
	if c.postgres {
		q = sqlColumnsPostgres
	}
	return list, c.list(ctx, &list, q, table)
}

// dump gives the rows of one table.
func (c conn) dump(ctx context.Context, table string, d Dump) error {
	columns, err := c.columns(ctx, table)
	if err != nil {
		return err
	}
	if err := d.Table(table, columns); err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	return c.each(ctx, allOf(table, columns).selectSQL(), func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		return d.Row(values)
	})
}

// allOf is a table with all its columns. Both come from the database itself.
func allOf(table string, columns []string) bulk {
	return bulk(table + " (" + strings.Join(columns, ", ") + ")")
}
