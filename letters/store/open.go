package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // registers "postgres"
	_ "modernc.org/sqlite"
)

// Store is an open ledger. It is safe for use by many goroutines.
type Store struct {
	db       *sqlx.DB // on SQLite one connection: its only writer
	read     *sqlx.DB // the same as db on PostgreSQL
	postgres bool
	ready    map[string]*sqlx.Stmt // by text, after PrepareDesk
	now      func() time.Time
	ledgerID string
	epoch    string
}

// Options are what the ledger takes from outside.
type Options struct {
	Now    func() time.Time // must be given; leases on PostgreSQL use the database's clock
	Random io.Reader        // for the ledger's id; nil = crypto/rand
}

func (o Options) random() io.Reader {
	if o.Random == nil {
		return rand.Reader
	}
	return o.Random
}

// Open opens the ledger at target, a postgres:// URL or the path of an SQLite
// file. It returns ErrSchemaOlder on a ledger that Migrate must lift first, an
// empty database too, ErrSchemaNewer on one of a newer program, ErrUnreachable
// while the database is away, and ErrDenied when it does not know us.
func Open(ctx context.Context, target string, o Options) (*Store, error) {
	if o.Now == nil {
		return nil, errNoClock
	}
	s, err := connect(target, o)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err := s.start(ctx); err != nil {
		return nil, fmt.Errorf("open ledger: %w", translate(firstError(err, s.Close())))
	}
	return s, nil
}

const sqlMeta = `SELECT value FROM meta WHERE key = ?`

func (s *Store) start(ctx context.Context) error {
	if err := s.checkSchema(ctx); err != nil {
		return err
	}
	if err := s.reader().get(ctx, &s.ledgerID, sqlMeta, "ledger_id"); err != nil {
		return err
	}
	return s.reader().get(ctx, &s.epoch, sqlMeta, "epoch")
}

// LedgerID names this ledger; a copy of it has the same.
func (s *Store) LedgerID() string { return s.ledgerID }

// Epoch changes when a backup is restored (NewEpoch). A worker of another
// epoch refuses to send.
func (s *Store) Epoch() string { return s.epoch }

// Postgres reports whether the ledger is on PostgreSQL.
func (s *Store) Postgres() bool { return s.postgres }

// Close closes the ledger's connections.
func (s *Store) Close() error {
	if s.read == s.db {
		return s.db.Close()
	}
	return firstError(s.read.Close(), s.db.Close())
}

func connect(target string, o Options) (*Store, error) {
	sqlx.BindDriver("sqlite", sqlx.QUESTION) // sqlx knows only "sqlite3"
	if isPostgres(target) {
		return connectPostgres(target, o)
	}
	return connectSQLite(target, o)
}

func isPostgres(target string) bool {
	return strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://")
}

// poolSize is how many sessions a process has at most on PostgreSQL: enough
// for the desk's busiest minute, and four processes stay below the server's
// usual hundred.
const poolSize = 24

func connectPostgres(target string, o Options) (*Store, error) {
	dsn, err := secured(target)
	if err != nil {
		return nil, err
	}
	db, err := sqlx.Open("postgres", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize) // the default of two has every burst connect anew
	db.SetConnMaxIdleTime(time.Minute)
	return &Store{db: db, read: db, postgres: true, now: o.Now}, nil
}

// stillAfter ends the session of a process that stands still in a
// transaction, and frees the rows it has locked: else no other worker could
// end its leases.
const stillAfter = "60s"

// secured adds sslmode where the URL names none: verify-full to another
// machine, none on this one. The driver's own default is neither. It also has
// a statement and its arguments sent in one round trip rather than two.
func secured(target string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", fmt.Errorf("database URL is not a URL") // the URL may hold a password
	}
	q := u.Query()
	if !q.Has("idle_in_transaction_session_timeout") {
		q.Set("idle_in_transaction_session_timeout", stillAfter)
	}
	if !q.Has("binary_parameters") {
		q.Set("binary_parameters", "yes")
	}
	if !q.Has("sslmode") {
		q.Set("sslmode", "verify-full")
		if host := firstOf(u.Hostname(), q.Get("host")); isLocal(host) {
			q.Set("sslmode", "disable")
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

func isLocal(host string) bool {
	if host == "" || host == "localhost" || strings.HasPrefix(host, "/") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// connectSQLite opens one writing connection and a few reading ones. WAL lets
// readers see the last commit while the writer works; FULL makes a commit
// survive loss of power.
func connectSQLite(path string, o Options) (*Store, error) {
	const common = "&_pragma=busy_timeout(15000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)"
	file := (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String()
	db, err := sqlx.Open("sqlite", file+"?_txlock=immediate"+common+
		"&_pragma=journal_mode(WAL)&_pragma=temp_store(FILE)&_pragma=cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	read, err := sqlx.Open("sqlite", file+"?_txlock=deferred"+common+"&_pragma=query_only(ON)")
	if err != nil {
		return nil, firstError(err, db.Close())
	}
	read.SetMaxOpenConns(4)
	return &Store{db: db, read: read, now: o.Now}, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
