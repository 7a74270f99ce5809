package store

import (
	"context"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// Migrate makes the schema in an empty database and lifts an older one to
// this program's. It returns ErrSchemaNewer and changes nothing on a newer
// one. A ledger gets its id and its first epoch here.
func Migrate(ctx context.Context, target string, o Options) error {
	s, err := connect(target, o)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	err = s.migrate(ctx, o.random())
	if err = firstError(err, s.Close()); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (s *Store) migrate(ctx context.Context, random io.Reader) error {
	p, err := s.goose()
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > want {
		return ErrSchemaNewer
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	return s.writeMeta(ctx, random)
}

func (s *Store) goose() (*goose.Provider, error) {
	folder, dialect := "migrations/sqlite", goose.DialectSQLite3
	if s.postgres {
		folder, dialect = "migrations/postgres", goose.DialectPostgres
	}
	sub, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, s.db.DB, sub, goose.WithDisableGlobalRegistry(true))
}

func (s *Store) checkSchema(ctx context.Context) error {
	p, err := s.goose()
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return err
	case have > want:
		return fmt.Errorf("version %d, this program knows %d: %w", have, want, ErrSchemaNewer)
	case have < want:
		return fmt.Errorf("version %d, this program needs %d: %w", have, want, ErrSchemaOlder)
	}
	return nil
}

const (
	sqlPutMeta = `INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING`
	sqlSetMeta = `UPDATE meta SET value = ? WHERE key = ?`
)

func (s *Store) writeMeta(ctx context.Context, random io.Reader) error {
	return s.write(ctx, "write ledger id", func(c conn) error {
		for _, key := range []string{"ledger_id", "epoch"} {
			value, err := token(random)
			if err != nil {
				return err
			}
			if _, err := c.exec(ctx, sqlPutMeta, key, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// NewEpoch gives the ledger a new epoch, drawn from random. It is called when
// a backup was restored: every worker then refuses to send until two people
// have decided.
func (s *Store) NewEpoch(ctx context.Context, random io.Reader) error {
	epoch, err := token(random)
	if err != nil {
		return err
	}
	err = s.write(ctx, "new epoch", func(c conn) error {
		return c.one(ctx, sqlSetMeta, epoch, "epoch")
	})
	if err == nil {
		s.epoch = epoch
	}
	return err
}

func token(random io.Reader) (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("draw id: %w", err)
	}
	return hex.EncodeToString(b), nil
}

const sqlBackupSQLite = `VACUUM INTO ?`

// Backup writes a whole copy of an SQLite ledger to a new file at path. A
// ledger on PostgreSQL is backed up by pg_dump.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.postgres {
		return errNotOnPostgre
	}
	if _, err := (conn{x: s.db}).exec(ctx, sqlBackupSQLite, path); err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	return nil
}
