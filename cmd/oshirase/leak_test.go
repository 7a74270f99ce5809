package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestALeakStopsThePrintRun seeds another letter's number into one address of
// many: the pages are as approved, and still nothing is printed.
func TestALeakStopsThePrintRun(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "40", "--encoding", "utf8", "--out", lists)
	list := filepath.Join(lists, "list.csv")
	b, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	leaked := seedBuilding(t, string(b), "1234-5678-9012-3428")
	if err := os.WriteFile(list, []byte(leaked), 0o600); err != nil {
		t.Fatal(err)
	}
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), list)
	o.run("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro")
	o.releaseAll("2023-02")
	_, errs := o.ends(1, "work", "--once")
	if !strings.Contains(errs, "page names another letter") {
		t.Errorf("said %s", errs)
	}
	if runs, err := filepath.Glob(filepath.Join(o.home, "print", "2023-02-*", "*.pdf")); err != nil || len(runs) > 3 {
		t.Errorf("%d files stand before the printer; %v", len(runs), err)
	}
}

// seedBuilding puts a text into the 方書 of the first row that goes on paper.
func seedBuilding(t *testing.T, list, text string) string {
	t.Helper()
	lines := strings.Split(list, "\r\n")
	at := -1
	for i, h := range strings.Split(lines[0], ",") {
		if strings.Contains(h, "方書") {
			at = i
		}
	}
	for i, l := range lines[1:] {
		cells := strings.Split(l, ",")
		if at >= 0 && at < len(cells) && strings.Contains(l, "個人") && !strings.Contains(l, "メール") && !strings.Contains(l, `"`) {
			cells[at] = text
			lines[i+1] = strings.Join(cells, ",")
			return strings.Join(lines, "\r\n")
		}
	}
	t.Fatal("no row to seed")
	return ""
}
