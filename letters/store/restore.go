package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrNotEmpty says that a backup can only be restored where no ledger is.
var ErrNotEmpty = errors.New("the ledger is not empty")

// Load takes the rows of a backup, parents before children.
type Load struct {
	ctx  context.Context
	c    conn
	stmt *sql.Stmt
	open bulk
}

// Restore makes a ledger at target from a backup of a schema's version: fill
// gives its rows to the Load, in one transaction. The ledger gets a new epoch,
// and a restoration that two people must decide before anything is sent. It is
// then lifted to this program's schema. ErrNotEmpty where a ledger has
// anything in it; ErrSchemaNewer when the backup is of a newer program.
func Restore(ctx context.Context, target string, o Options, schema, takenAt int64, fill func(*Load) error) error {
	s, err := connect(target, o)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	err = s.restore(ctx, o.random(), schema, takenAt, fill)
	if err = firstError(err, s.Close()); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func (s *Store) restore(ctx context.Context, random io.Reader, schema, takenAt int64, fill func(*Load) error) error {
	p, err := s.goose()
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if schema > want {
		return ErrSchemaNewer
	}
	if have > schema {
		return fmt.Errorf("schema %d, the backup has %d: %w", have, schema, ErrNotEmpty)
	}
	if _, err := p.UpTo(ctx, schema); err != nil {
		return err
	}
	epoch, err := token(random)
	if err != nil {
		return err
	}
	err = s.write(ctx, "load backup", func(c conn) error {
		if err := c.clear(ctx); err != nil {
			return err
		}
		l := &Load{ctx: ctx, c: c}
		if err := firstError(fill(l), l.end()); err != nil {
			return err
		}
		if err := c.resetIdentities(ctx); err != nil {
			return err
		}
		if err := c.one(ctx, sqlSetMeta, epoch, "epoch"); err != nil || schema < schemaRestored {
			return err
		}
		return c.restored(ctx, epoch, takenAt)
	})
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil || schema >= schemaRestored {
		return err
	}
	return s.write(ctx, "record restoration", func(c conn) error { return c.restored(ctx, epoch, takenAt) })
}

// schemaRestored is the first schema that keeps restorations: from it on one is
// recorded with the rows that it brings, so that a crash leaves no ledger that
// sends without a decision.
const schemaRestored = 8

func (c conn) restored(ctx context.Context, epoch string, takenAt int64) error {
	return c.one(ctx, sqlRestored, epoch, takenAt, c.now().UnixMicro())
}

const (
	sqlRestored   = `INSERT INTO restoration (epoch, taken_at, restored_at) VALUES (?, ?, ?)`
	sqlUnresolved = `SELECT epoch, taken_at AS takenat, restored_at AS restoredat FROM restoration
		WHERE decision_id IS NULL ORDER BY restored_at DESC, epoch LIMIT 1`
	sqlRestorationDecided = `SELECT CAST(COUNT(epoch) AS BIGINT) FROM restoration WHERE epoch = ? AND decision_id IS NOT NULL`
	sqlDecideRestored     = `UPDATE restoration SET decision_id = ? WHERE decision_id IS NULL`
)

// Restoration is a backup's return that two people have not decided yet.
type Restoration struct {
	Epoch      string
	TakenAt    int64
	RestoredAt int64
}

// Restored returns the restoration that waits for a decision; false when there
// is none, and work may go on.
func (s *Store) Restored(ctx context.Context) (Restoration, bool, error) {
	var r Restoration
	err := s.reader().get(ctx, &r, sqlUnresolved)
	if errors.Is(err, ErrNotFound) {
		return r, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("restoration: %w", err)
	}
	return r, true, nil
}

// Resumed reports whether two people have decided that sending goes on under
// the ledger's epoch of now.
func (s *Store) Resumed(ctx context.Context) (bool, error) {
	var n int
	if err := s.reader().get(ctx, &n, sqlRestorationDecided, s.epoch); err != nil {
		return false, fmt.Errorf("restoration: %w", err)
	}
	return n > 0, nil
}

// clear empties what the migrations put into a new ledger; a ledger with rows
// of its own is ErrNotEmpty.
func (c conn) clear(ctx context.Context) error {
	tables, err := c.tables(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Backward(tables) {
		var n int
		if err := c.get(ctx, &n, bulk(name).countSQL()); err != nil {
			return err
		}
		switch {
		case n == 0 || name == "audit_head":
		case name == "meta":
			if _, err := c.exec(ctx, bulk(name).clearSQL()); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%d rows in %s: %w", n, name, ErrNotEmpty)
		}
	}
	return nil
}

// Table begins a table. Its columns are those of the backup.
func (l *Load) Table(name string, columns []string) error {
	if err := l.end(); err != nil {
		return err
	}
	known, err := l.c.columns(l.ctx, name)
	if err != nil {
		return err
	}
	for _, column := range columns {
		if !slices.Contains(known, column) {
			return fmt.Errorf("table %s has no column %s: %w", name, column, ErrNotFound)
		}
	}
	l.open = allOf(name, columns)
	q := l.open.insertSQL()
	if l.c.postgres {
		q = l.open.copySQL()
	} else {
		q = l.c.bind(q)
	}
	if l.stmt, err = l.c.tx.PrepareContext(l.ctx, q); err != nil {
		return fmt.Errorf("load %s: %w", name, unsaid(err))
	}
	return nil
}

// Row adds a row to the table in hand.
func (l *Load) Row(values []any) error {
	if _, err := l.stmt.ExecContext(l.ctx, values...); err != nil {
		return fmt.Errorf("load %s: %w", l.open.table(), unsaid(err))
	}
	return nil
}

// Audit puts one record into the chain of a ledger on PostgreSQL, behind the
// ones before it. A ledger on SQLite has no chain.
func (l *Load) Audit(r ChainedLine) error {
	if err := l.end(); err != nil {
		return err
	}
	if !l.c.postgres {
		return errNotOnSQLite
	}
	if err := l.c.one(l.ctx, sqlAuditPut, r.N, r.Line); err != nil {
		return fmt.Errorf("load audit record %d: %w", r.N, err)
	}
	return l.c.one(l.ctx, sqlAuditMove, r.N, r.Hash)
}

func (l *Load) end() error {
	if l.stmt == nil {
		return nil
	}
	stmt := l.stmt
	l.stmt = nil
	var err error
	if l.c.postgres {
		_, err = stmt.ExecContext(l.ctx) // COPY reports its bad rows here
	}
	if err = firstError(err, stmt.Close()); err != nil {
		return fmt.Errorf("load %s: %w", l.open.table(), unsaid(err))
	}
	return nil
}

// resetIdentities lets PostgreSQL count on from the highest number of each
// table; SQLite does so by itself.
func (c conn) resetIdentities(ctx context.Context) error {
	if !c.postgres {
		return nil
	}
	var list []struct{ Tab, Col string }
	if err := c.list(ctx, &list, sqlIdentitiesPostgres); err != nil {
		return err
	}
	for _, i := range list {
		if _, err := c.exec(ctx, identity(i.Tab, i.Col)); err != nil {
			return err
		}
	}
	return nil
}
