package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
	"oshirase/letters/store"
)

// supplyPoints are the ones of a list, to be looked for after a purge.
func supplyPoints(t *testing.T, list string) []string {
	t.Helper()
	raw, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(raw)) {
		if point, _, _ := strings.Cut(line, ","); len(point) == 22 && len(out) < 5 {
			out = append(out, point)
		}
	}
	if len(out) == 0 {
		t.Fatal("no supply point in the list")
	}
	return out
}

// settled brings a month to its end: every letter arrived, nothing waits, a
// call with a note and an agent's name is recorded. It returns the canaries.
func (o *office) settledMonth() canaries {
	t := o.t
	t.Helper()
	o.sendsTo()
	lists := filepath.Join(o.home, "lists")
	list, retailers := filepath.Join(lists, "list.csv"), filepath.Join(lists, "retailers.csv")
	o.ok("sample", "--contracts", "40", "--encoding", "utf8", "--out", lists)
	canaryList(t, list)
	o.file("bad.csv", strings.ReplaceAll(o.read(list), "コールセンターシステム", "知らないシステム"))
	o.ends(3, "import", "2023-02", "--as", "hana", "--retailers", retailers, filepath.Join(o.home, "bad.csv"))
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", retailers, list)
	o.ok("decide", "--waiting", "held_review", "--propose", "close_unreachable", "--reason", "保留のまま終える", "--as", "hana")
	o.ok("decide", "--decision", "1", "--confirm", "--as", "jiro")
	o.ok("proof", "2023-02", "--as", "hana", "--reason", "校正")
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08", "--keep")
	o.ok("approve", "2023-02", "--as", "jiro")
	o.releaseAll("2023-02")
	o.ok("work", "--once")
	o.ok("packets", "2023-02")
	ids, _ := o.printedIDs()
	lines := []string{"通知番号,状態,日付"}
	for _, id := range ids {
		lines = append(lines, id.Groups()+",差出済,2023-02-08")
	}
	o.ok("print", "receipt", o.cp932("receipt.csv", lines...))
	o.calls(ids[0])
	words := append(supplyPoints(t, list), canaryName, canaryKana, canaryPlace, canaryMail, canaryPhone+"00", "080-0000")
	for _, path := range []string{"lists", "bad.csv", "mails"} { // not of the program's making, or of the test's own
		if err := os.RemoveAll(filepath.Join(o.home, path)); err != nil {
			t.Fatal(err)
		}
	}
	return newCanaries(words...)
}

func (o *office) read(path string) string {
	o.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	return string(b)
}

// calls records an inquiry with everything personal that one can hold.
func (o *office) calls(id letters.ID) {
	o.t.Helper()
	o.ledger(func(s *store.Store) {
		ctx := o.t.Context()
		call, err := s.OpenCall(ctx, letters.Call{ID: strings.Repeat("c", 32), User: "hana", LetterID: id, FoundBy: "number"}, store.LookLimits{})
		if err != nil {
			o.t.Fatal(err)
		}
		o.exec(`UPDATE caller_call SET caller = 'agent', proxy = '` + canaryName + `', purpose = 'content', purpose_at = 1, matched_by = 'name', matched_at = 1`)
		o.exec(`INSERT INTO inquiry (inquiry_id, call_id, letter_id, user_name, at, caller, proxy, purpose, outcome, harm, note)
			VALUES (900, '` + call.ID + `', '` + string(id) + `', 'hana', ` + fmt.Sprint(o.now.UnixMicro()) + `, 'agent', '` + canaryName + `', 'content', 'explained', 1, '` + canaryPlace + `の件')`)
		o.exec(`INSERT INTO wish (wish_id, inquiry_id, letter_id, kind, postal_code, address, building, state, decided_by, decided_at, answer)
			VALUES (900, 900, '` + string(id) + `', 'address', '8100001', '` + canaryPlace + `', '', 'declined', 'jiro', 1, '` + canaryName + `様へ')`)
		o.exec(`INSERT INTO supervision (supervision_id, kind, user_name, letter_id, at, seen_by, seen_at, answer)
			VALUES (900, 'misses', 'hana', '` + string(id) + `', 1, 'jiro', 1, '` + canaryName + `')`)
	})
}

// database opens the ledger's database itself, past the ledger.
func (o *office) database() *sql.DB {
	o.t.Helper()
	driver, target := "sqlite", filepath.Join(o.home, "ledger.db")
	if o.db != "" {
		driver, target = "postgres", o.db
	}
	db, err := sql.Open(driver, target)
	if err != nil {
		o.t.Fatal(err)
	}
	return db
}

func (o *office) exec(q string) {
	o.t.Helper()
	db := o.database()
	defer db.Close()
	if _, err := db.ExecContext(o.t.Context(), q); err != nil {
		o.t.Fatalf("%.80s: %v", q, err)
	}
}

// figures are what must be the same before and after.
func (o *office) figures() string {
	o.t.Helper()
	keep := map[string]map[string]float64{"report": counts(o.t, o.ok("report", "--json")), "month": counts(o.t, o.ok("report", "2023-02", "--json")),
		"status": counts(o.t, o.ok("status", "2023-02", "--json"))}
	b, err := json.Marshal(keep)
	if err != nil {
		o.t.Fatal(err)
	}
	return string(b)
}

// stored is every byte in which the ledger could still hold something: the
// database's files, or a dump of it.
func (o *office) stored() []byte {
	o.t.Helper()
	if o.db != "" {
		out, err := exec.CommandContext(o.t.Context(), "pg_dump", "--dbname", o.db).Output()
		if err != nil {
			o.t.Fatal(err)
		}
		return out
	}
	return nil // its files lie in the home
}

// TestPurge deletes a month by two people's word: not before its time, not
// while anything waits, not by one alone; afterwards no canary is left in the
// database or the home, and every figure, hash and record holds.
func TestPurge(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		c := o.settledMonth()
		before, file := o.figures(), o.printFiles()[0]
		kept := filepath.Join(t.TempDir(), "kept.pdf")
		if err := os.WriteFile(kept, []byte(o.read(file)), 0o600); err != nil {
			t.Fatal(err)
		}
		if len(c.inTree(t, o.home))+len(c.in(o.stored())) == 0 {
			t.Fatal("nothing personal is there to be deleted")
		}
		o.ends(2, "purge", "2023-02") // nobody has said how long it is kept
		o.env["OSHIRASE_RETENTION_DAYS"] = "365"
		_, errs := o.ends(4, "purge", "2023-02")
		if db == "" && !strings.Contains(errs, "2024-02-08") || !strings.Contains(errs, "まで保存します") {
			t.Errorf("too early: %s", errs)
		}
		o.ends(4, "purge", "2023-02", "--propose", "--reason", "満了", "--as", "hana")
		o.now = time.Now().AddDate(1, 0, 1) // PostgreSQL's own clock dates what workers claim
		o.ends(2, "purge", "2023-02", "--propose", "--as", "hana")
		o.ends(4, "purge", "2023-02", "--confirm", "--as", "jiro") // nobody has proposed it
		o.ok("purge", "2023-02", "--propose", "--reason", "保存期間の満了", "--as", "jiro")
		o.ends(4, "purge", "2023-02", "--propose", "--reason", "保存期間の満了", "--as", "hana")
		o.ends(5, "purge", "2023-02")
		o.ends(4, "purge", "2023-02", "--confirm", "--as", "jiro") // their own
		o.ends(4, "purge", "2023-02", "--confirm", "--as", "hana") // no approver
		o.ok("purge", "2023-02", "--withdraw", "--as", "hana")
		o.ok("purge", "2023-02", "--propose", "--reason", "保存期間の満了", "--as", "hana")
		if o.figures() != before {
			t.Error("a proposal changed the figures")
		}
		out := o.ok("purge", "2023-02", "--confirm", "--as", "jiro")
		if !strings.Contains(out, "削除しました") {
			t.Errorf("said:\n%s", out)
		}
		for _, f := range append(c.inTree(t, o.home), c.in(o.stored())...) {
			t.Errorf("left: %s", f)
		}
		if after := o.figures(); after != before {
			t.Errorf("figures\n%s\nbefore\n%s", after, before)
		}
		o.ok("reconcile")
		o.ok("audit", "verify")
		if v := o.verified(0, kept); v.Verdict != verdictSame {
			t.Errorf("a print file that was handed over: %+v", v)
		}
		o.afterPurge()
	})
}

// afterPurge: what needs a person is refused in one sentence, and nobody is
// told a second time.
func (o *office) afterPurge() {
	t := o.t
	for _, line := range [][]string{{"purge", "2023-02", "--confirm", "--as", "jiro"}, {"purge", "2023-02", "--propose", "--reason", "x", "--as", "hana"},
		{"proof", "2023-02", "--as", "hana", "--reason", "校正"}, {"packets", "2023-02"},
		{"pdf", string(o.in(letters.Posted)[0]), "--as", "hana", "--reason", "確認", "-o", filepath.Join(t.TempDir(), "x.pdf")}} {
		if _, errs := o.ends(4, line...); !strings.Contains(errs, "削除しました") || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: %s", line[0], errs)
		}
	}
	o.ok("purge", "2023-02")
	if text := o.ok("status", "2023-02"); !strings.Contains(text, "に削除") {
		t.Errorf("status:\n%s", text)
	}
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "40", "--encoding", "utf8", "--out", lists)
	canaryList(t, filepath.Join(lists, "list.csv"))
	path := o.file("again.csv", o.read(filepath.Join(lists, "list.csv"))+"\n")
	o.ends(4, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), path)
	later := string(letters.MonthOf(o.now))
	code, out, errs := o.run("import", later, "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), path, "--json")
	if n := counts(t, out); code != 0 && code != 5 || n["letters"] != 0 || n["letter_rows"] != 0 {
		t.Errorf("the same facts after the purge: status %d, %v letters\n%s", code, n["letters"], errs)
	}
	all, month := counts(t, o.ok("report", "--json")), counts(t, o.ok("report", later, "--json"))
	if all["viewed_contracts"] == 0 || all["viewed_contracts"] != month["viewed_contracts"] {
		t.Errorf("%v contracts in all, %v in the second month: they are the same", all["viewed_contracts"], month["viewed_contracts"])
	}
	o.ok("reconcile")
}

// TestPurgeWaitsForTheLastLetter: one letter on its way, and the month stays.
func TestPurgeWaitsForTheLastLetter(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.sentMonth(20) // printed letters wait for their receipt
	o.env["OSHIRASE_RETENTION_DAYS"] = "1"
	o.now = o.now.AddDate(2, 0, 0)
	if _, errs := o.ends(4, "purge", "2023-02", "--propose", "--reason", "満了", "--as", "hana"); !strings.Contains(errs, "待っているもの") {
		t.Errorf("said %s", errs)
	}
	o.ends(1, "purge", "2022-01") // there is no such month
}

// TestPurgedLettersAreUnknownAtTheDesk: their numbers answer as ones that never
// were.
func TestPurgedLettersAreUnknownAtTheDesk(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.settledMonth()
	o.ok("user", "add", "callcenter", "--role", "callcenter")
	o.env["OSHIRASE_RETENTION_DAYS"] = "30"
	o.now = time.Now()
	id := o.in(letters.Posted)[0]
	o.ok("purge", "2023-02", "--propose", "--reason", "満了", "--as", "hana")
	o.ok("purge", "2023-02", "--confirm", "--as", "jiro")
	v := o.visitor(o.serving(), "callcenter")
	status, page := v.send(http.MethodPost, "/calls", url.Values{"number": {id.Groups()}})
	if status != http.StatusOK || !strings.Contains(page, "見つかりません") {
		t.Errorf("status %d\n%s", status, page)
	}
	o.ends(1, "show", string(id), "--as", "callcenter", "--reason", "照会")
}
