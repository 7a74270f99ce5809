package main

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"oshirase/letters/store"
)

// stocks are offices as they stand after commands with which many tests begin.
// Each is made by the first test that needs it and copied by the others: most
// of the time of these tests would go into making them again and again.
type stocks struct {
	dir       string
	mu        sync.Mutex
	all       map[string]*stock
	databases int // that were named
}

// stock is one office: its home, and its database on PostgreSQL.
type stock struct {
	once sync.Once
	home string // "" = it could not be made
	db   string // name of the database, "" = the ledger lies in the home
	now  time.Time
}

// stocked is the stock of this test process; TestMain makes and removes it.
var stocked *stocks

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "oshirase-stock-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	stocked = &stocks{dir: dir, all: make(map[string]*stock)}
	debug.SetGCPercent(400) // every command reads its fonts and wording anew, and ends at once
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func (s *stocks) get(name string) *stock {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[name] == nil {
		s.all[name] = &stock{}
	}
	return s.all[name]
}

// after brings an office to where make brings it. Nothing may have been done in
// it that another test with this name has not done too.
func (o *office) after(name string, make func()) {
	o.t.Helper()
	kind := "sqlite"
	if o.db != "" {
		kind = "postgres"
	}
	s, mine := stocked.get(name+" "+kind), false
	s.once.Do(func() {
		mine = true
		make()
		o.store(s, filepath.Join(stocked.dir, strings.ReplaceAll(name, " ", "-")+"-"+kind))
	})
	switch {
	case mine:
	case s.home == "":
		make() // the test that was to make it failed
	default:
		o.take(s)
	}
}

// store keeps a copy of the office. No command may be running.
func (o *office) store(s *stock, home string) {
	o.t.Helper()
	if o.db != "" {
		s.db = stocked.newDatabase()
		onServer(o.t, fmt.Sprintf(sqlAlone, o.databaseName()), fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", s.db, o.databaseName()))
	}
	copyHome(o.t, o.home, home)
	s.home, s.now = home, o.now
}

// take makes the office a copy of the stock.
func (o *office) take(s *stock) {
	o.t.Helper()
	if o.db != "" {
		onServer(o.t, "DROP DATABASE "+o.databaseName()+" WITH (FORCE)", fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", o.databaseName(), s.db))
	}
	copyHome(o.t, s.home, o.home)
	o.now = s.now
}

// sqlAlone waits until the last session on a database has ended on the server
// too: a database that is in use cannot be copied.
const sqlAlone = `DO $$ BEGIN WHILE EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '%s') LOOP
	PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$`

// databaseName is the name of the office's database.
func (o *office) databaseName() string {
	o.t.Helper()
	u, err := url.Parse(o.db)
	if err != nil {
		o.t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// newDatabase is a name that no other test of this process gets.
func (s *stocks) newDatabase() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.databases++
	return fmt.Sprintf("t_%d_%d", os.Getpid(), s.databases)
}

// testServer is the server that `make test` starts.
func testServer(t *testing.T) *url.URL {
	t.Helper()
	server := os.Getenv("OSHIRASE_TEST_POSTGRES")
	if server == "" {
		t.Fatal("OSHIRASE_TEST_POSTGRES is not set: run the tests with `make test`, which starts PostgreSQL")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// onServer runs statements on that server.
func onServer(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("postgres", testServer(t).String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range statements {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// copyHome copies a home over another, with the modes of its files.
func copyHome(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(at, info.Mode().Perm())
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(at, b, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// cheapPasswords gives the office's people hashes that cost nothing to check:
// each says itself what it costs. TestPasswordsAreCostly looks at real ones.
func (o *office) cheapPasswords() {
	o.t.Helper()
	hash, err := argon2id.CreateHash(officePassword, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		o.t.Fatal(err)
	}
	o.ledger(func(s *store.Store) {
		all, err := s.Users(context.Background())
		if err != nil {
			o.t.Fatal(err)
		}
		for _, u := range all {
			if err := s.SetPassword(context.Background(), u.Name, hash); err != nil {
				o.t.Fatal(err)
			}
		}
	})
}
