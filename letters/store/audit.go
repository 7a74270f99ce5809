package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// ChainedLine is one record of the audit chain as it is stored: its number,
// its hash and its line. It is an alias of an unnamed type, so that the
// package that chains need not know this one.
type ChainedLine = struct {
	N    int64
	Hash string
	Line string
}

const (
	sqlLockHead   = `UPDATE audit_head SET one = 1 WHERE one = 1 RETURNING n, hash`
	sqlAuditHead  = `SELECT n, hash FROM audit_head WHERE one = 1`
	sqlAuditPut   = `INSERT INTO audit_record (n, line) VALUES (?, ?)`
	sqlAuditMove  = `UPDATE audit_head SET n = ?, hash = ? WHERE one = 1`
	sqlAuditSince = `SELECT n, line FROM audit_record WHERE n > ? ORDER BY n`
	sqlAuditLines = `SELECT n, line FROM audit_record WHERE n > ? ORDER BY n LIMIT ?`

	// All the lines of a commit go in one statement: the head's row is locked meanwhile.
	sqlAuditPutPostgres = `INSERT INTO audit_record (n, line)
		SELECT u.n, u.line FROM unnest(CAST(? AS BIGINT[]), CAST(? AS TEXT[])) AS u (n, line)`
)

// AuditAppend gives build the chain's head, under the lock of the head's row,
// and stores the lines it returns, in one transaction: the lines are durable
// when it returns nil, and none is stored otherwise. Only a ledger on
// PostgreSQL carries the chain.
func (s *Store) AuditAppend(ctx context.Context, build func(n int64, hash string) ([]ChainedLine, error)) error {
	if !s.postgres {
		return errNotOnSQLite
	}
	return s.write(ctx, "append to audit chain", func(c conn) error {
		n, hash, err := c.auditHead(ctx, sqlLockHead)
		if err != nil {
			return err
		}
		lines, err := build(n, hash)
		if err != nil {
			return err
		}
		var numbers []int64
		var texts []string
		for _, l := range lines {
			if l.N != n+1 {
				return fmt.Errorf("audit record %d after %d: %w", l.N, n, ErrConflict)
			}
			n, hash = l.N, l.Hash
			numbers, texts = append(numbers, l.N), append(texts, l.Line)
		}
		if err := c.exactly(ctx, len(lines), sqlAuditPutPostgres, pq.Array(numbers), pq.Array(texts)); err != nil {
			return err
		}
		return c.one(ctx, sqlAuditMove, n, hash)
	})
}

// auditHead reads the head as q gives it: sqlAuditHead, or sqlLockHead, which
// also locks its row.
func (c conn) auditHead(ctx context.Context, q string) (n int64, hash string, err error) {
	var head struct {
		N    int64
		Hash string
	}
	err = c.get(ctx, &head, q)
	return head.N, head.Hash, err
}

// AuditHead returns the number and hash of the chain's last record; 0 and ""
// for an empty chain.
func (s *Store) AuditHead(ctx context.Context) (n int64, hash string, err error) {
	if n, hash, err = s.reader().auditHead(ctx, sqlAuditHead); err != nil {
		return 0, "", fmt.Errorf("audit head: %w", err)
	}
	return n, hash, nil
}

// AuditSince calls each for the records after number n, in order.
func (s *Store) AuditSince(ctx context.Context, n int64, each func(n int64, line string) error) error {
	err := s.reader().each(ctx, sqlAuditSince, func(scan func(...any) error) error {
		var at int64
		var line string
		if err := scan(&at, &line); err != nil {
			return err
		}
		return each(at, line)
	}, n)
	if err != nil {
		return fmt.Errorf("audit records: %w", err)
	}
	return nil
}

// AuditLines calls each for at most most records after number n, in order. The
// line is each's until it returns.
func (s *Store) AuditLines(ctx context.Context, n int64, most int, each func(n int64, line []byte) error) error {
	err := s.reader().each(ctx, sqlAuditLines, func(scan func(...any) error) error {
		var at int64
		var line sql.RawBytes
		if err := scan(&at, &line); err != nil {
			return err
		}
		return each(at, line)
	}, n, most)
	if err != nil {
		return fmt.Errorf("audit records: %w", err)
	}
	return nil
}
