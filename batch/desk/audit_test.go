package desk

import (
	"fmt"
	"strings"
	"testing"

	"oshirase/letters"
)

func TestAuditorSeesTheRecordAndIsRecorded(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	td.as(letters.RoleAdmin)
	b := td.as(letters.RoleAudit)
	p := b.get("/audit?action=sign_in")
	if got := strings.Count(p.body, "<td>サインイン</td>"); got != 2 {
		t.Errorf("%d sign-ins shown, want 2\n%s", got, p.body)
	}
	all := td.audit.all()
	if last := all[len(all)-1]; last.Action != "audit_log" || last.Actor != "audit" {
		t.Errorf("looking at the log was recorded as %+v", last)
	}
	if p := b.get("/audit?from=yesterday"); p.status != 422 {
		t.Errorf("a date that is none: status %d", p.status)
	}
}

func TestBrokenChainIsToldAndNotAnalysed(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	b := td.as(letters.RoleAudit)
	verified := func() page { b.post("/chain", nil); return b.get("/chain") }
	if p := b.get("/chain"); strings.Contains(p.body, "そろっています") {
		t.Errorf("before it was verified:\n%s", p.body)
	}
	if p := verified(); !strings.Contains(p.body, "すべてそろっています") || p.header.Get("Refresh") != "" {
		t.Errorf("a whole chain:\n%s", p.body)
	}
	if p := b.get("/access?month=2023-02"); p.status != 200 || !strings.Contains(p.body, "お問合せの記録なし") {
		t.Errorf("analysis: status %d\n%s", p.status, p.body)
	}
	td.audit.bad = 3
	if p := verified(); !strings.Contains(p.body, "3番目の記録が") || !strings.Contains(p.body, "書き換えられています") {
		t.Errorf("a broken chain:\n%s", p.body)
	}
	if p := b.get("/access?month=2023-02"); p.status != 409 {
		t.Errorf("analysis of a broken chain: status %d", p.status)
	}
	td.audit.check = ChainCheck{Running: true, Read: 430_000}
	if p := b.get("/chain"); !strings.Contains(p.body, "430,000") || p.header.Get("Refresh") == "" || strings.Contains(p.body, "3番目の") {
		t.Errorf("while it is verified:\n%s", p.body)
	}
	td.audit.check = ChainCheck{At: 1675785600000000, Failed: true}
	if p := b.get("/chain"); !strings.Contains(p.body, "読み終えられませんでした") {
		t.Errorf("it could not be read:\n%s", p.body)
	}
}

// TestEverybodyStandsOnAPageOfTheAnalysis follows the analysis from page to page.
func TestEverybodyStandsOnAPageOfTheAnalysis(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	td.audit.people = 50
	b := td.as(letters.RoleAudit)
	all := ""
	for path := "/access?month=2023-02"; path != ""; {
		p := b.get(path)
		all += p.body
		_, next, ok := strings.Cut(p.body, `href="/access?month=2023-02&amp;skip=`)
		if path = ""; ok {
			n, _, _ := strings.Cut(next, `"`)
			path = "/access?month=2023-02&skip=" + n
		}
	}
	for i := range 50 {
		if name := fmt.Sprintf(">callcenter-%03d<", i); strings.Count(all, name) != 1 {
			t.Errorf("%s stands there %d times", name, strings.Count(all, name))
		}
	}
	if !strings.Contains(all, "サインインの失敗は2件です") || !strings.Contains(all, "ほか51件") {
		t.Error("failed sign-ins or the looks left out are not told")
	}
	if p := b.get("/audit?from=2023-02-01&to=2023-02-28&actor=callcenter-007&outcome=stopped"); p.status != 200 {
		t.Errorf("where the figure leads: status %d", p.status)
	}
}
