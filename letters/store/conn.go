package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"oshirase/letters/failpoint"
)

// conn is a transaction or a connection that reads. Every statement of the
// package passes through it and is rebound here and nowhere else.
type conn struct {
	x        sqlx.ExtContext
	tx       *sqlx.Tx // nil outside a transaction
	postgres bool
	now      func() time.Time
}

func (s *Store) reader() conn { return conn{x: s.with(s.read, nil), postgres: s.postgres, now: s.now} }

// write runs fn in one transaction; any error leaves nothing behind.
func (s *Store) write(ctx context.Context, step string, fn func(conn) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: begin: %w", step, translate(err))
	}
	err = fn(conn{x: s.with(tx, tx), tx: tx, postgres: s.postgres, now: s.now})
	if err != nil {
		_ = tx.Rollback() // the first error tells more
		return fmt.Errorf("%s: %w", step, translate(err))
	}
	failpoint.Reach("before commit", step)
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: commit: %w", step, translate(err))
	}
	failpoint.Reach("after commit", step)
	return nil
}

func (c conn) bind(q string) string {
	if c.postgres {
		return sqlx.Rebind(sqlx.DOLLAR, q)
	}
	return q
}

// exec returns how many rows the statement changed.
func (c conn) exec(ctx context.Context, q string, args ...any) (int, error) {
	r, err := c.x.ExecContext(ctx, c.bind(q), args...)
	if err != nil {
		return 0, unsaid(err)
	}
	n, err := r.RowsAffected()
	return int(n), err
}

// one executes a statement that must change exactly one row.
func (c conn) one(ctx context.Context, q string, args ...any) error {
	return c.exactly(ctx, 1, q, args...)
}

// exactly executes a statement that must change exactly want rows; another
// number is ErrConflict.
func (c conn) exactly(ctx context.Context, want int, q string, args ...any) error {
	n, err := c.exec(ctx, q, args...)
	if err == nil && n != want {
		return fmt.Errorf("%d rows instead of %d: %w", n, want, ErrConflict)
	}
	return err
}

// get scans exactly one row, or one value, into dest.
func (c conn) get(ctx context.Context, dest any, q string, args ...any) error {
	return translate(sqlx.GetContext(ctx, c.x, dest, c.bind(q), args...))
}

// list scans all rows into the slice that dest points to.
func (c conn) list(ctx context.Context, dest any, q string, args ...any) error {
	return translate(sqlx.SelectContext(ctx, c.x, dest, c.bind(q), args...))
}

// each calls fn for every row; fn scans it. Rows are not held in memory.
func (c conn) each(ctx context.Context, q string, fn func(scan func(...any) error) error, args ...any) (err error) {
	rows, err := c.x.QueryContext(ctx, c.bind(q), args...)
	if err != nil {
		return translate(err)
	}
	defer func() { err = translate(errors.Join(err, rows.Close())) }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return unsaid(rows.Err())
}

// none returns ErrConflict when the counting statement finds anything.
func (c conn) none(ctx context.Context, what, q string, args ...any) error {
	var n int
	if err := c.get(ctx, &n, q, args...); err != nil {
		return err
	}
	if n != 0 {
		return fmt.Errorf("%s: %d: %w", what, n, ErrConflict)
	}
	return nil
}

const sqlClockPostgres = `SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)`

// clock is the time by which leases run, in µs: the database's own where
// several machines share it, this machine's on SQLite.
func (c conn) clock(ctx context.Context) (int64, error) {
	if !c.postgres {
		return c.now().UnixMicro(), nil
	}
	var at int64
	err := c.get(ctx, &at, sqlClockPostgres)
	return at, err
}
