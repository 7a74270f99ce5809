package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// bulk is a table with the columns that many rows are loaded into at once,
// written "table (column, column)".
type bulk string

// insertSQL is the prepared insert of SQLite, copySQL the COPY of PostgreSQL.
func (b bulk) insertSQL() string {
	return "INSERT INTO " + string(b) + " VALUES (" + strings.Repeat("?, ", strings.Count(string(b), ",")) + "?)"
}

func (b bulk) copySQL() string { return "COPY " + string(b) + " FROM STDIN" }

func (b bulk) table() string {
	name, _, _ := strings.Cut(string(b), " ")
	return name
}

// selectSQL reads the whole table, by its first column.
func (b bulk) selectSQL() string {
	name, columns, _ := strings.Cut(string(b), " ")
	return "SELECT " + strings.Trim(columns, "()") + " FROM " + name + " ORDER BY 1"
}

// countSQL and clearSQL are for a table without columns.
func (b bulk) countSQL() string { return "SELECT CAST(COUNT(1) AS BIGINT) FROM " + string(b) }
func (b bulk) clearSQL() string { return "DELETE FROM " + string(b) }

// identity sets the counter of PostgreSQL that numbers a column.
func identity(table, column string) string {
	return "SELECT setval(pg_get_serial_sequence('" + table + "', '" + column + "'), COALESCE((SELECT MAX(" +
		column + ") FROM " + table + "), 0) + 1, false)"
}

// bulks lists every bulk load, for the test over all statements.
func bulks() []bulk {
	return []bulk{bulkRows, bulkRetailers, bulkPlanRows, bulkPlanCases, bulkPlanLetters, bulkPlanRefs,
		bulkPlanNotes, bulkPlanCancel, bulkNear, bulkRendered, bulkEvents, bulkItems, bulkRunTokens, bulkPacketFiles,
		bulkWanted, bulkReceiptLines, bulkStepWave, bulkPurgePoints}
}

// load sends n rows in the way that is fast on each database. COPY reports a
// bad row only at its end, so the last Exec and Close are checked.
func (c conn) load(ctx context.Context, b bulk, n int, row func(i int) []any) (err error) {
	if n == 0 {
		return nil
	}
	q := b.insertSQL()
	if c.postgres {
		q = b.copySQL()
	}
	stmt, err := c.tx.PrepareContext(ctx, q)
	if err != nil {
		return fmt.Errorf("load %s: %w", b.table(), unsaid(err))
	}
	defer func() { err = firstError(err, stmt.Close()) }()
	if err := sendRows(ctx, stmt, n, row); err != nil {
		return fmt.Errorf("load %s: %w", b.table(), unsaid(err))
	}
	if !c.postgres {
		return nil
	}
	if _, err := stmt.ExecContext(ctx); err != nil {
		return fmt.Errorf("load %s: %w", b.table(), unsaid(err))
	}
	return nil
}

func sendRows(ctx context.Context, stmt *sql.Stmt, n int, row func(i int) []any) error {
	for i := range n {
		if _, err := stmt.ExecContext(ctx, row(i)...); err != nil {
			return err
		}
	}
	return nil
}
