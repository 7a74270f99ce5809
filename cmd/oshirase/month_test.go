package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"oshirase/batch/email"
)

// officeRecords is how many records an office's audit chain begins with: its
// two people were added.
const officeRecords = 2

// TestMonthReachesTruth runs the whole month from a made-up list to the report
// and finds exactly the counts that the generator drew, in import, status and
// report, on both databases.
func TestMonthReachesTruth(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		sink, err := email.StartSink(filepath.Join(o.home, "mails"), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer sink.Close()
		o.env["OSHIRASE_MAIL_HOST"], o.env["OSHIRASE_MAIL_PORT"] = "127.0.0.1", strconv.Itoa(sink.Port())
		o.env["OSHIRASE_MAIL_FROM"], o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "oshirase@example.jp", "bounce.example.jp"
		o.env["OSHIRASE_MAIL_PER_MINUTE"] = "0"
		lists := filepath.Join(o.home, "lists")
		o.ok("sample", "--contracts", "120", "--out", lists)
		truth, err := os.ReadFile(filepath.Join(lists, "truth.json"))
		if err != nil {
			t.Fatal(err)
		}
		want := counts(t, string(truth))
		agree := func(step, answer string) {
			t.Helper()
			got := counts(t, answer)
			for _, k := range countKeys() {
				if got[k] != want[k] {
					t.Errorf("%s: %s = %v, truth %v", step, k, got[k], want[k])
				}
			}
		}
		retailers, list := filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv")
		out, _ := o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", retailers, list, "--json")
		agree("import", out)
		o.ends(4, "import", "2023-02", "--as", "hana", "--retailers", retailers, list) // the same content twice
		o.ends(5, "check", "2023-02")
		o.ok("proof", "2023-02", "--as", "hana", "--reason", "校正")
		o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08", "--document-no", "第1号")
		o.ends(4, "release", "2023-02")                 // not approved
		o.ends(4, "approve", "2023-02", "--as", "hana") // not an approver, and the preparer
		o.ok("approve", "2023-02", "--as", "jiro")
		o.ends(4, "import", "2023-02", "--as", "hana", "--retailers", retailers, list)
		dry := counts(t, o.ok("release", "2023-02", "--json"))
		o.ends(4, "release", "2023-02", "--as", "jiro", "--expect", fmt.Sprint(dry["total"]+1))
		o.ok("release", "2023-02", "--as", "jiro", "--expect", fmt.Sprint(dry["total"]))
		work := counts(t, o.ok("work", "--once", "--json"))
		received, err := sink.Entries()
		if err != nil {
			t.Fatal(err)
		}
		if n := int(dry["email"]); len(received) != n || int(work["accepted"]) != n {
			t.Errorf("%d mails released, %v accepted, %d at the server", n, work["accepted"], len(received))
		}
		if printed := lettersIn(t, filepath.Join(o.home, "print")); printed != int(dry["print"]) {
			t.Errorf("%d letters in print folders, %v released", printed, dry["print"])
		}
		o.ok("packets", "2023-02")
		o.ok("approve", "2023-02", "--packets", "--as", "jiro")
		agree("status", o.ok("status", "2023-02", "--json"))
		agree("report", o.ok("report", "2023-02", "--json"))
		o.ok("reconcile")
		if again := counts(t, o.ok("work", "--once", "--json")); again["accepted"] != 0 {
			t.Errorf("a second work sent %v mails", again["accepted"])
		}
	})
}

// TestToldOnceOverMonths takes the same facts in again a month later, in
// another file: every case that was told is excluded as 通知済, and only what
// was held the first time is planned.
func TestToldOnceOverMonths(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		first, second := filepath.Join(o.home, "a"), filepath.Join(o.home, "b")
		o.ok("sample", "--contracts", "40", "--encoding", "utf16", "--out", first)
		o.ok("sample", "--contracts", "40", "--encoding", "utf8", "--out", second)
		take := func(month, dir string) map[string]float64 {
			out, _ := o.ends(5, "import", month, "--as", "hana", "--retailers", filepath.Join(dir, "retailers.csv"), filepath.Join(dir, "list.csv"), "--json")
			return counts(t, out)
		}
		before := take("2023-02", first)
		o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
		o.ok("approve", "2023-02", "--as", "jiro")
		o.now = o.now.AddDate(0, 1, 0)
		after := take("2023-03", second)
		if after["letters"] != 0 || after["letter_rows"] != 0 {
			t.Errorf("%v letters of %v rows planned a second time", after["letters"], after["letter_rows"])
		}
		if after["rows"] != before["rows"] || after["excluded_rows"]+after["held_rows"]+after["merged_rows"] != after["rows"] {
			t.Errorf("second month %v, first %v", after, before)
		}
		cumulative := counts(t, o.ok("report", "--json"))
		if cumulative["viewed_contracts"] != before["viewed_contracts"] {
			t.Errorf("%v contracts in all, want %v: the same contracts", cumulative["viewed_contracts"], before["viewed_contracts"])
		}
		o.ok("reconcile")
	})
}

// lettersIn counts the letters of all manifests below a folder.
func lettersIn(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "manifest.json" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var m struct {
			Items []any `json:"items"`
		}
		err = json.Unmarshal(b, &m)
		n += len(m.Items)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReconcileFindsOneMissingRow takes one row out of the ledger behind the
// program's back.
func TestReconcileFindsOneMissingRow(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "20", "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.ok("reconcile")
	db, err := sql.Open("sqlite", filepath.Join(o.home, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DELETE FROM source_row WHERE row_no = (SELECT MAX(row_no) FROM source_row WHERE outcome = 'excluded')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	out, _ := o.ends(1, "reconcile")
	if !strings.Contains(out, "I1") {
		t.Errorf("reconcile did not name I1:\n%s", out)
	}
}

// TestProblemsMakeNothing: one bad cell, and no letter is planned; the
// workbook for the investigators is there. Leaving the row out is a decision.
func TestProblemsMakeNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "20", "--encoding", "utf8", "--out", lists)
	list := filepath.Join(lists, "list.csv")
	b, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Replace(b, []byte("コールセンターシステム"), []byte("ほかのシステム"), 1)
	if err := os.WriteFile(list, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	retailers := filepath.Join(lists, "retailers.csv")
	out, _ := o.ends(3, "import", "2023-02", "--as", "hana", "--retailers", retailers, list, "--json")
	var answer struct {
		Problems []problemJSON `json:"problems"`
		Made     bool          `json:"made"`
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Problems) != 1 || answer.Made || answer.Problems[0].Row == 0 || answer.Problems[0].Advice == "" {
		t.Errorf("problems %+v, made %v; want the one planted, with its row and what to do", answer.Problems, answer.Made)
	}
	if books, _ := filepath.Glob(filepath.Join(o.home, "problems", "*.xlsx")); len(books) != 1 {
		t.Errorf("%d workbooks for the investigators, want 1", len(books))
	}
	out, _ = o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", retailers, list, "--leave-out-problem-rows", "--json")
	if n := counts(t, out); n["rejected_rows"] != 1 {
		t.Errorf("rejected_rows = %v, want 1", n["rejected_rows"])
	}
}

// TestExpectationsAndWithdraw: wrong control totals make nothing; a withdrawn
// list leaves no letter behind, and its rows are told as 取下げ.
func TestExpectationsAndWithdraw(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	n := counts(t, o.ok("sample", "--contracts", "20", "--out", lists, "--json"))
	base := []string{"import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"), "--json"}
	o.ends(4, append(base, "--expect-rows", fmt.Sprint(n["rows"]+1))...)
	out, _ := o.ends(5, append(base, "--expect-rows", fmt.Sprint(n["rows"]), "--expect-contracts", fmt.Sprint(n["viewed_contracts"]))...)
	var imported struct {
		Files []fileJSON `json:"files"`
	}
	if err := json.Unmarshal([]byte(out), &imported); err != nil {
		t.Fatal(err)
	}
	left := counts(t, o.ok("withdraw", "2023-02", imported.Files[0].SHA256, "--as", "hana", "--json"))
	if left["letters"] != 0 || left["viewed_contracts"] != 0 || left["excluded_rows"] != n["rows"] {
		t.Errorf("after withdrawal %v letters, %v contracts, %v rows excluded; want 0, 0, %v", left["letters"], left["viewed_contracts"], left["excluded_rows"], n["rows"])
	}
	o.ok("reconcile")
}

// TestLooksAreRecordedFirst: no reason, no look; with one, the chain holds it;
// when the chain cannot be written nothing is shown.
func TestLooksAreRecordedFirst(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "10", "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	id := anyLetter(t, o)
	o.ends(2, "show", id, "--as", "hana")
	out := o.ok("show", id, "--as", "hana", "--reason", "照会 12")
	if !strings.Contains(out, "〒") {
		t.Errorf("show did not show the letter:\n%s", out)
	}
	chain, err := os.ReadFile(filepath.Join(o.home, "audit.jsonl"))
	if err != nil || !bytes.Contains(chain, []byte(id)) || !bytes.Contains(chain, []byte("hana")) {
		t.Errorf("the look is not in the chain: %v\n%s", err, chain)
	}
	if err := os.Rename(filepath.Join(o.home, "audit.jsonl"), filepath.Join(o.home, "gone")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(o.home, "audit.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, _ := o.ends(1, "show", id, "--as", "hana", "--reason", "照会 12"); out != "" {
		t.Errorf("without a record it showed:\n%s", out)
	}
}

func anyLetter(t *testing.T, o *office) string { return letterIn(t, o, "planned") }

// letterIn is the first letter in a state.
func letterIn(t *testing.T, o *office, state string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(o.home, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var id string
	if err := db.QueryRow(`SELECT MIN(letter_id) FROM dispatch WHERE state = ?`, state).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestNothingLeavesWithOpenPlaceholders: in a real home the shipped incident
// has texts that only the house can fill; check names them and approve
// refuses. When all are filled, release still waits for the window.
func TestNothingLeavesWithOpenPlaceholders(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	if err := os.Remove(filepath.Join(o.home, "demo")); err != nil {
		t.Fatal(err)
	}
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "10", "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	out, _ := o.ends(5, "check", "2023-02", "--json")
	for _, code := range []string{"placeholder", "window_unconfirmed"} {
		if !strings.Contains(out, code) {
			t.Errorf("check does not name %s", code)
		}
	}
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	if _, errs := o.ends(4, "approve", "2023-02", "--as", "jiro"); !strings.Contains(errs, "未記入") {
		t.Errorf("approve does not say that something is not filled: %s", errs)
	}
	if out, _ := o.ends(5, "config", "check"); !strings.Contains(out, "二次被害") {
		t.Errorf("config check does not name what is open:\n%s", out)
	}
	o.overlay("incident/settings.toml", `value = ""`, `value = "2023-02-07"`)
	o.overlay("incident/settings.toml", "30 または 60、単位は日）\"\nvalue = \"2023-02-07\"", "30 または 60、単位は日）\"\nvalue = \"30\"")
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro")
	total := counts(t, o.ok("release", "2023-02", "--json"))["total"]
	if _, errs := o.ends(4, "release", "2023-02", "--as", "jiro", "--expect", fmt.Sprint(total)); errs == "" {
		t.Error("release refused without a word")
	}
}

// TestLedgerOlderThanJournalSendsNothing puts yesterday's copy of the ledger
// in the place of today's: the journal knows a print run that it does not.
func TestLedgerOlderThanJournalSendsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "10", "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro")
	n := counts(t, o.ok("release", "2023-02", "--json"))["print"]
	o.ok("release", "2023-02", "--as", "jiro", "--only", "print", "--expect", fmt.Sprint(n))
	ledger := filepath.Join(o.home, "ledger.db")
	before, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	o.ok("work", "--once")
	for _, end := range []string{"-wal", "-shm"} {
		_ = os.Remove(ledger + end) // there may be none
	}
	if err := os.WriteFile(ledger, before, 0o600); err != nil {
		t.Fatal(err)
	}
	printed := lettersIn(t, filepath.Join(o.home, "print"))
	o.ends(4, "work", "--once")
	if again := lettersIn(t, filepath.Join(o.home, "print")); again != printed || printed != int(n) {
		t.Errorf("%v released, %d printed, %d after the restored ledger", n, printed, again)
	}
}

// TestUsageAndUnknownSettings: each wrong call is one sentence and status 2.
func TestUsageAndUnknownSettings(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for _, line := range [][]string{
		{"import"}, {"nonsense"}, {"status", "2023-13"}, {"show", "1234"}, {"render", "2023-02", "--date", "8.2.2023", "--as", "hana"},
		{"user", "add", "taro", "--role", "king"}, {"user", "add", "山田", "--role", "prepare"}, {"release", "2023-02", "--only", "fax"},
	} {
		_, errs := o.ends(2, line...)
		if strings.TrimSpace(errs) == "" {
			t.Errorf("oshirase %s said nothing", strings.Join(line, " "))
		}
	}
	o.file("oshirase.toml", "[mail]\nhsot = \"example.jp\"\n")
	if _, errs := o.ends(2, "status"); !strings.Contains(errs, "mail.hsot") {
		t.Errorf("the unknown setting is not named: %s", errs)
	}
}
