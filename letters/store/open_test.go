package store

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

// start is the clock of the tests: 2023-01-31 09:00 in Japan.
func start() time.Time { return time.Date(2023, 1, 31, 0, 0, 0, 0, time.UTC) }

func testOptions() Options { return Options{Now: start} }

// backend gives each test a fresh, empty database.
type backend struct {
	name   string
	target func(t testing.TB) string
}

func backends() []backend {
	return []backend{{"sqlite", sqliteTarget}, {"postgres", postgresTarget}}
}

func sqliteTarget(t testing.TB) string { return filepath.Join(t.TempDir(), "ledger.db") }

var schemaNumber atomic.Int64 // one schema a test

func postgresTarget(t testing.TB) string {
	t.Helper()
	server := os.Getenv("OSHIRASE_TEST_POSTGRES")
	if server == "" {
		t.Fatal("OSHIRASE_TEST_POSTGRES names no PostgreSQL server: run `make test`, which starts one")
	}
	schema := fmt.Sprintf("t_%d_%d", os.Getpid(), schemaNumber.Add(1))
	db, err := sqlx.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return withSearchPath(t, server, schema)
}

func withSearchPath(t testing.TB, server, schema string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// onBoth runs a test on an empty ledger of each database.
func onBoth(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			test(t, openAt(t, b.target(t)))
		})
	}
}

// openAt makes the schema at target and opens it.
func openAt(t testing.TB, target string) *Store {
	t.Helper()
	ctx := context.Background()
	if err := Migrate(ctx, target, testOptions()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(ctx, target, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
