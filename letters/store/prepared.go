package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// deskStatements are what a call at the desk asks of the ledger, over and over.
func deskStatements() []string {
	return []string{sqlSignedIn, sqlCall, sqlShelter, sqlOpenCall, sqlCountLook, sqlSumLooks, sqlForgetLooks, sqlSubject, sqlMissSum,
		sqlMatch, sqlPurpose, sqlLetter, sqlDispatchesOf, sqlEvents, sqlInquiriesOf, sqlWishesOf, sqlReveals,
		sqlLockHead, sqlAuditPutPostgres, sqlAuditMove}
}

// PrepareDesk has PostgreSQL parse and plan the desk's statements once a
// session rather than at every use. Without it all works the same, with more
// labour for the server. Call it before the store is shared; on SQLite it does
// nothing.
func (s *Store) PrepareDesk(ctx context.Context) error {
	if !s.postgres {
		return nil
	}
	ready := make(map[string]*sqlx.Stmt)
	for _, q := range deskStatements() {
		q = sqlx.Rebind(sqlx.DOLLAR, q)
		stmt, err := s.db.PreparexContext(ctx, q)
		if err != nil {
			return fmt.Errorf("prepare the desk's statements: %w", translate(err))
		}
		ready[q] = stmt
	}
	s.ready = ready
	return nil
}

// prepared is a connection, or a transaction on it, that sends what is
// prepared as such and all else as it is. A session that begins later prepares
// for itself.
type prepared struct {
	sqlx.ExtContext
	tx    *sqlx.Tx // nil outside a transaction
	ready map[string]*sqlx.Stmt
}

// with returns x, using the statements that PrepareDesk left.
func (s *Store) with(x sqlx.ExtContext, tx *sqlx.Tx) sqlx.ExtContext {
	if s.ready == nil {
		return x
	}
	return prepared{x, tx, s.ready}
}

func (p prepared) stmt(ctx context.Context, q string) *sqlx.Stmt {
	stmt := p.ready[q]
	if stmt != nil && p.tx != nil {
		return p.tx.StmtxContext(ctx, stmt)
	}
	return stmt
}

// ExecContext is database/sql's.
func (p prepared) ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error) {
	if stmt := p.stmt(ctx, q); stmt != nil {
		return stmt.ExecContext(ctx, args...)
	}
	return p.ExtContext.ExecContext(ctx, q, args...)
}

// QueryContext is database/sql's.
func (p prepared) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if stmt := p.stmt(ctx, q); stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return p.ExtContext.QueryContext(ctx, q, args...)
}

// QueryxContext is sqlx's.
func (p prepared) QueryxContext(ctx context.Context, q string, args ...any) (*sqlx.Rows, error) {
	if stmt := p.stmt(ctx, q); stmt != nil {
		return stmt.QueryxContext(ctx, args...)
	}
	return p.ExtContext.QueryxContext(ctx, q, args...)
}

// QueryRowxContext is sqlx's.
func (p prepared) QueryRowxContext(ctx context.Context, q string, args ...any) *sqlx.Row {
	if stmt := p.stmt(ctx, q); stmt != nil {
		return stmt.QueryRowxContext(ctx, args...)
	}
	return p.ExtContext.QueryRowxContext(ctx, q, args...)
}
