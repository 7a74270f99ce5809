package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oshirase/letters/audit"
)

// opened opens the office's home as a command would.
func (o *office) opened() *house {
	o.t.Helper()
	p := &program{out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: func() time.Time { return o.now }, random: rand.Reader,
		env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }, homeDir: o.home, dbURL: o.db}
	w, err := readWords(os.DirFS("../../templates"))
	if err != nil {
		o.t.Fatal(err)
	}
	p.words = w
	h, err := p.openWithin(context.Background(), noWait)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { h.close() })
	return h
}

func sampleLook(i int) audit.Entry {
	return audit.Entry{Actor: "hana", Action: "show", Object: fmt.Sprintf("%016d", i), Reason: "content <1>", Outcome: "shown", Client: "192.0.2.1"}
}

// chainRow is a stored record and the number beside it; a file has the line alone.
type chainRow struct {
	N    int64
	Line string
}

// keeper can rewrite a chain, as somebody with full rights over its storage.
type keeper interface {
	read() []chainRow
	write([]chainRow)
}

type fileKeeper struct {
	t    *testing.T
	path string
}

func (k fileKeeper) read() (rows []chainRow) {
	b, err := os.ReadFile(k.path)
	if err != nil {
		k.t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		rows = append(rows, chainRow{int64(len(rows) + 1), strings.TrimSuffix(line, "\n")})
	}
	return rows
}

func (k fileKeeper) write(rows []chainRow) {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(r.Line + "\n")
	}
	if err := os.WriteFile(k.path, []byte(b.String()), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

type tableKeeper struct {
	t  *testing.T
	db *sql.DB
}

// newTableKeeper finds that the table refuses every change, and drops the
// triggers as only its owner can.
func newTableKeeper(t *testing.T, url string) tableKeeper {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, q := range []string{`UPDATE audit_record SET line = 'x' WHERE n = 3`, `DELETE FROM audit_record WHERE n = 3`, `TRUNCATE audit_record`} {
		if _, err := db.Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want a refusal", q, err)
		}
	}
	if _, err := db.Exec(`DROP TRIGGER audit_record_no_change ON audit_record; DROP TRIGGER audit_record_no_truncate ON audit_record`); err != nil {
		t.Fatal(err)
	}
	return tableKeeper{t, db}
}

func (k tableKeeper) read() (rows []chainRow) {
	got, err := k.db.Query(`SELECT n, line FROM audit_record ORDER BY n`)
	if err != nil {
		k.t.Fatal(err)
	}
	defer got.Close()
	for got.Next() {
		var r chainRow
		if err := got.Scan(&r.N, &r.Line); err != nil {
			k.t.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows
}

// write stores the rows under the numbers beside them; what a table cannot
// hold, two rows of one number, gets the next free one, as an inserter must.
func (k tableKeeper) write(rows []chainRow) {
	tx, err := k.db.Begin()
	if err != nil {
		k.t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`TRUNCATE audit_record`); err != nil {
		k.t.Fatal(err)
	}
	last, values, args := int64(0), []string{}, []any{}
	for _, r := range rows {
		last = max(last+1, r.N)
		values = append(values, fmt.Sprintf("($%d, $%d)", len(args)+1, len(args)+2))
		args = append(args, last, r.Line)
	}
	if len(rows) > 0 {
		if _, err := tx.Exec(`INSERT INTO audit_record (n, line) VALUES `+strings.Join(values, ", "), args...); err != nil {
			k.t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		k.t.Fatal(err)
	}
}

// forge edits a record and computes the hashes again from there to row `to`.
func forge(t *testing.T, rows []chainRow, i, to int) {
	t.Helper()
	prev := ""
	for k := i; k < to; k++ {
		var r audit.Record
		if err := json.Unmarshal([]byte(rows[k].Line), &r); err != nil {
			t.Fatal(err)
		}
		if k == i {
			r.Reason = "other"
		} else {
			r.Prev = prev
		}
		line, err := r.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		r.Hash = sha256Hex(line)
		prev = r.Hash
		if line, err = r.Line(); err != nil {
			t.Fatal(err)
		}
		rows[k].Line = string(line)
	}
}

// tampering changes rows and says between which records the finding must lie.
type tampering func(t *testing.T, rows []chainRow, i, j int) (changed []chainRow, from, to int)

func nextAnchor(i, n int) int { return min((i/10+1)*10, n) }

func chainTamperings() map[string]tampering {
	return map[string]tampering{
		"edit": func(_ *testing.T, rows []chainRow, i, _ int) ([]chainRow, int, int) {
			rows[i].Line = strings.Replace(rows[i].Line, `"actor":"`, `"actor":"not-`, 1)
			return rows, i + 1, i + 1
		},
		"member added": func(_ *testing.T, rows []chainRow, i, _ int) ([]chainRow, int, int) {
			rows[i].Line = strings.Replace(rows[i].Line, `{"n":`, `{"x":1,"n":`, 1)
			return rows, i + 1, i + 1
		},
		"delete": func(_ *testing.T, rows []chainRow, i, _ int) ([]chainRow, int, int) {
			return slices.Delete(rows, i, i+1), i + 1, i + 2
		},
		"swap": func(_ *testing.T, rows []chainRow, i, j int) ([]chainRow, int, int) {
			rows[i].Line, rows[j].Line = rows[j].Line, rows[i].Line
			return rows, min(i, j) + 1, min(i, j) + 1
		},
		"insert": func(_ *testing.T, rows []chainRow, i, _ int) ([]chainRow, int, int) {
			return slices.Insert(rows, i+1, rows[i]), i + 2, i + 2
		},
		"cut tail": func(_ *testing.T, rows []chainRow, i, _ int) ([]chainRow, int, int) {
			return rows[:i], i + 1, i + 1
		},
		"hash of the record anew": func(t *testing.T, rows []chainRow, i, _ int) ([]chainRow, int, int) {
			forge(t, rows, i, i+1)
			return rows, i + 1, min(i+2, len(rows))
		},
		"hashes to the end anew": func(t *testing.T, rows []chainRow, i, _ int) ([]chainRow, int, int) {
			forge(t, rows, i, len(rows))
			return rows, i + 1, nextAnchor(i, len(rows))
		},
	}
}

// anchored makes a chain of n records with an anchor after every tenth and
// after the last, each of its own day.
func anchored(t *testing.T, o *office, n int) *house {
	t.Helper()
	h := o.opened()
	w, closeLog, err := h.looks()
	if err != nil {
		t.Fatal(err)
	}
	defer closeLog()
	for i := range n {
		if err := w.Look(t.Context(), sampleLook(i)); err != nil {
			t.Fatal(err)
		}
		if (officeRecords+i+1)%10 == 0 || i == n-1 {
			o.now = o.now.AddDate(0, 0, 1)
			if _, made, err := h.anchorDay(t.Context()); err != nil || !made {
				t.Fatalf("anchor after %d: %v, %v", i+1, made, err)
			}
		}
	}
	return h
}

// TestTwoHundredTamperingsFound rewrites a real chain at random, on the file
// and on PostgreSQL, and the anchors beside it, and finds every change where
// it was made.
func TestTwoHundredTamperingsFound(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		const n = officeRecords + 47
		o := newOffice(t, db)
		h := anchored(t, o, n-officeRecords)
		anchors, pub := filepath.Join(o.home, "anchors.jsonl"), filepath.Join(o.home, "audit.pub")
		var k keeper = fileKeeper{t, filepath.Join(o.home, "audit.jsonl")}
		if db != "" {
			k = newTableKeeper(t, db)
		}
		if v, err := h.verifyChain(t.Context(), anchorFiles{anchors, pub}); err != nil || v.Bad != nil || v.Records != n || v.Anchors != 5 || v.Unanchored != 0 {
			t.Fatalf("untouched: %+v, %v", v, err)
		}
		whole, signed := k.read(), fileKeeper{t, anchors}
		wholeAnchors := signed.read()
		all := chainTamperings()
		names := []string{"edit", "member added", "delete", "swap", "insert", "cut tail", "hash of the record anew", "hashes to the end anew", "anchor"}
		if len(names) != len(all)+1 {
			t.Fatal("a tampering is not tried")
		}
		r, found := mathrand.New(mathrand.NewPCG(7, uint64(len(db)))), 0
		for try := range 200 {
			name := names[try%len(names)]
			i := r.IntN(n)
			j := (i + 1 + r.IntN(n-1)) % n
			from, to := 0, n
			if name == "anchor" {
				changed := slices.Clone(wholeAnchors)
				a := &changed[r.IntN(len(changed))]
				a.Line = strings.Replace(a.Line, `"hash":"`, `"hash":"0`, 1)
				signed.write(changed)
			} else {
				var rows []chainRow
				rows, from, to = all[name](t, slices.Clone(whole), i, j)
				k.write(rows)
			}
			v, err := h.verifyChain(t.Context(), anchorFiles{anchors, pub})
			if err != nil {
				t.Fatal(err)
			}
			if v.Bad == nil || int(v.Bad.N) < from || int(v.Bad.N) > to {
				t.Errorf("%s at %d, %d: found %v, want a record of %d to %d", name, i+1, j+1, v.Bad, from, to)
			} else {
				found++
			}
			k.write(whole)
			signed.write(wholeAnchors)
		}
		t.Logf("%d of 200 tamperings found", found)
		if v, err := h.verifyChain(t.Context(), anchorFiles{anchors, pub}); err != nil || v.Bad != nil {
			t.Errorf("put back: %+v, %v", v, err)
		}
		if found != 200 {
			t.Errorf("%d of 200 tamperings found", found)
		}
	})
}

// TestAuditVerifyNamesTheRecord types the commands.
func TestAuditVerifyNamesTheRecord(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		anchored(t, o, 12)
		var v verdictJSON
		if err := json.Unmarshal([]byte(o.ok("audit", "verify", "--json")), &v); err != nil || !v.Whole || v.Records != officeRecords+12 || v.Anchors != 2 {
			t.Fatalf("verify: %+v, %v", v, err)
		}
		var a accessJSON
		if err := json.Unmarshal([]byte(o.ok("audit", "report", "2023-02", "--json")), &a); err != nil || a.Looks != 12 ||
			len(a.Users) != 1 || a.Users[0].User != "hana" || a.Users[0].Looks != 12 {
			t.Errorf("report: %+v, %v", a, err)
		}
		var k keeper = fileKeeper{t, filepath.Join(o.home, "audit.jsonl")}
		if db != "" {
			k = newTableKeeper(t, db)
		}
		rows := k.read()
		whole := slices.Clone(rows)
		rows[6].Line = strings.Replace(rows[6].Line, `"hana"`, `"jiro"`, 1)
		k.write(rows)
		out, errs := o.ends(4, "audit", "verify")
		if !strings.Contains(out, "7 番") || !strings.Contains(errs, "7 番") {
			t.Errorf("verify says %q, %q, want record 7 named", out, errs)
		}
		o.ends(4, "audit", "report", "2023-02")
		if out, _ := o.ends(1, "reconcile", "--json"); !strings.Contains(out, "I10") {
			t.Errorf("reconcile says %s, want I10", out)
		}
		k.write(whole)
		o.ok("audit", "verify")
		if err := os.Remove(filepath.Join(o.home, "anchors.jsonl")); err != nil {
			t.Fatal(err)
		}
		o.ends(4, "audit", "verify") // a key without anchors
	})
}

// TestManyProcessesOneChain lets several writers, each with a ledger of its
// own, append at the same time.
func TestManyProcessesOneChain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		const processes, people, each = 3, 8, 15
		const all = officeRecords + processes*people*each
		var wg sync.WaitGroup
		for p := range processes {
			w, closeLog, err := o.opened().looks()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { closeLog() })
			for q := range people {
				wg.Go(func() {
					for i := range each {
						if err := w.Look(t.Context(), sampleLook((p*people+q)*each+i)); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
		}
		wg.Wait()
		v, err := o.opened().verifyChain(t.Context(), anchorFiles{filepath.Join(o.home, "anchors.jsonl"), filepath.Join(o.home, "audit.pub")})
		if err != nil || v.Bad != nil || v.Records != all {
			t.Errorf("%+v, %v, want %d records", v, err, all)
		}
	})
}

func sha256Hex(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }
