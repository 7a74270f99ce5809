package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"
)

// office is a home in which tests type commands as its staff would.
type office struct {
	t    *testing.T
	home string
	db   string
	now  time.Time
	env  map[string]string
}

// newOffice opens a demo home, so that placeholders hold nobody up, on a
// ledger: "" is SQLite.
func newOffice(t *testing.T, db string) *office {
	t.Helper()
	o := &office{t: t, home: filepath.Join(t.TempDir(), "home"), db: db, env: map[string]string{},
		now: time.Date(2023, 2, 8, 1, 0, 0, 0, time.UTC)}
	if err := os.MkdirAll(o.home, 0o700); err != nil {
		t.Fatal(err)
	}
	o.file("demo", "")
	o.env["OSHIRASE_PASSWORD_FILE"] = o.file("password", "correct horse battery\n")
	o.after("people", func() {
		if db != "" {
			o.ok("migrate")
		}
		o.ok("user", "add", "hana", "--role", "prepare")
		o.ok("user", "add", "jiro", "--role", "approve")
		o.cheapPasswords()
	})
	return o
}

func (o *office) file(name, content string) string {
	o.t.Helper()
	path := filepath.Join(o.home, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// run types one command and returns its exit status and what it said.
func (o *office) run(line ...string) (int, string, string) {
	o.t.Helper()
	var out, errs bytes.Buffer
	p := &program{out: &out, err: &errs, now: o.clock, random: rand.Reader, account: "keeper",
		env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }}
	all := append([]string{"--home", o.home}, line...)
	if o.db != "" {
		all = append([]string{"--db", o.db}, all...)
	}
	code := p.run(context.Background(), all)
	return code, out.String(), errs.String()
}

// ends types a command that must end with a status.
func (o *office) ends(want int, line ...string) (string, string) {
	o.t.Helper()
	code, out, errs := o.run(line...)
	if code != want {
		o.t.Fatalf("oshirase %s ended with %d, want %d\n%s\n%s", strings.Join(line, " "), code, want, out, errs)
	}
	return out, errs
}

func (o *office) ok(line ...string) string { o.t.Helper(); out, _ := o.ends(0, line...); return out }

// counts reads the count keys of a JSON answer.
func counts(t *testing.T, answer string) map[string]float64 {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(answer), &all); err != nil {
		t.Fatalf("not one JSON object: %v\n%s", err, answer)
	}
	out := make(map[string]float64)
	for k, v := range all {
		if n, ok := v.(float64); ok {
			out[k] = n
		}
	}
	return out
}

// approved brings a month of made-up lists up to its approval. Nothing may have
// been done in the office before.
func (o *office) approved(contracts int) {
	o.t.Helper()
	o.after(fmt.Sprintf("%d approved", contracts), func() {
		lists := filepath.Join(o.home, "lists")
		o.ok("sample", "--contracts", fmt.Sprint(contracts), "--out", lists)
		o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
		o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
		o.ok("approve", "2023-02", "--as", "jiro")
	})
}

func countKeys() []string {
	return []string{"rows", "viewed_contracts", "last_resort_contracts", "disaster_contracts", "retailers_cc", "retailers_nw",
		"retailers", "letter_rows", "merged_rows", "excluded_rows", "held_rows", "rejected_rows", "letters"}
}

// postgres makes a database of its own on the server that `make test` starts.
func postgres(t *testing.T) string {
	t.Helper()
	name, u := stocked.newDatabase(), testServer(t)
	onServer(t, "CREATE DATABASE "+name)
	u.Path = "/" + name
	return u.String()
}

// onBoth runs a test on both kinds of ledger, beside each other.
func onBoth(t *testing.T, test func(t *testing.T, db string)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, "") })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, postgres(t)) })
}
