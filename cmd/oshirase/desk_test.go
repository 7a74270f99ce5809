package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"oshirase/batch/desk"
	"oshirase/letters"
)

const officePassword = "correct horse battery"

// newDeskOffice is an office in the middle of a month: letters rendered and
// waiting for the second person, one person of each role.
func newDeskOffice(t *testing.T) *office {
	t.Helper()
	return officeInMonth(newOffice(t, ""))
}

func officeInMonth(o *office) *office {
	o.t.Helper()
	o.after("month at the desk", func() {
		o.now = time.Now()
		for _, role := range []string{"retail", "callcenter", "audit", "admin"} {
			o.ok("user", "add", role, "--role", role)
		}
		o.cheapPasswords()
		lists := filepath.Join(o.home, "lists")
		o.ok("sample", "--contracts", "60", "--out", lists)
		month := string(letters.MonthOf(o.now))
		o.run("import", month, "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
		o.run("render", month, "--as", "hana", "--date", string(letters.DateOf(o.now)))
	})
	return o
}

// person is who has a role in the office.
func person(r letters.Role) string {
	switch r {
	case letters.RolePrepare:
		return "hana"
	case letters.RoleApprove:
		return "jiro"
	}
	return string(r)
}

// TestEveryPageInABrowser opens every page of the route table as somebody who
// may, and looks at it: axe finds nothing, it fits screen and paper, and is
// small. The pictures are artifacts of the test.
func TestEveryPageInABrowser(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	c := newChrome(t, o.serving())
	c.open("/signin")
	c.look("signin")
	pages := map[string][]desk.Route{}
	var order []string
	for _, r := range desk.Routes() {
		if r.Method != "GET" || r.Public || r.Path == "/{$}" {
			continue
		}
		who := "hana"
		if !r.Anyone {
			who = person(r.Roles[0])
		}
		if pages[who] == nil {
			order = append(order, who)
		}
		pages[who] = append(pages[who], r)
	}
	for _, who := range order {
		c.signIn(who, officePassword)
		for _, r := range pages[who] {
			path := o.pagePath(r.Path)
			c.open(path)
			c.look(strings.Trim(strings.NewReplacer("/", "_", "{", "", "}", "").Replace(r.Path), "_"))
		}
		c.signOut()
	}
}

// pagePath fills a route's pattern with what the office has.
func (o *office) pagePath(pattern string) string {
	return strings.NewReplacer("{month}", string(letters.MonthOf(o.now)), "{name}", "retail").Replace(pattern)
}

// TestAxeFindsAPlantedFault: the check of the pages can fail.
func TestAxeFindsAPlantedFault(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	c := newChrome(t, o.serving())
	c.open("/signin")
	ask(c, chromedp.Evaluate[int](`document.querySelector("label[for=name]").remove(); document.querySelector(".hint").style.color = "#ddd"; 0`))
	var found []string
	for _, v := range c.violations() {
		found = append(found, v.ID)
	}
	if got := strings.Join(found, " "); !strings.Contains(got, "label") || !strings.Contains(got, "color-contrast") {
		t.Errorf("axe found %q, want label and color-contrast", got)
	}
	if said := c.fails(func(c *chrome) { c.press("#no-such-button") }); !strings.Contains(said, "#no-such-button") || !strings.Contains(said, "/signin") {
		t.Errorf("of a missing button the test says %q", said)
	}
}

// doomed is a test that is to fail, and keeps what it says then.
type doomed struct {
	testing.TB
	said string
}

func (d *doomed) Fatalf(format string, args ...any) {
	d.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// fails returns what a step says that fails.
func (c *chrome) fails(step func(*chrome)) string {
	d := &doomed{TB: c.t}
	other := *c
	other.t = d
	var ended sync.WaitGroup
	ended.Go(func() { step(&other) })
	ended.Wait()
	return d.said
}

// TestJourneyApproval: 広報 sees why they cannot approve, 承認 reads the proof
// set and approves, and a second approver who comes late is told so.
func TestJourneyApproval(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	o.ok("user", "add", "saburo", "--role", "approve")
	base := o.serving()
	month := "/board/" + string(letters.MonthOf(o.now))
	c, late := newChrome(t, base), newChrome(t, base)
	c.signIn("hana", officePassword)
	c.press("a[href='" + month + "']")
	c.says("準備した方は、承認することができません")
	c.signOut()
	c.signIn("jiro", officePassword)
	late.signIn("saburo", officePassword)
	c.open(month)
	late.open(month)
	c.look("month-before-approval")
	c.press(".approval form button")
	c.says("承認しました。", "jiro")
	c.look("month-approved")
	late.press(".approval form button")
	late.says("この月は、すでに承認されています", "前の画面に戻る")
	late.look("two-approve")
	c.open("/audit")
	c.says("この画面は、お使いの役割では開けません")
	c.look("wrong-role")
	o.ok("reconcile")
}

// TestJourneyDecision: one person proposes over a held letter, mistypes
// first, and cannot confirm alone; the second person confirms, the third is
// told that it was done.
func TestJourneyDecision(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	o.ok("user", "add", "saburo", "--role", "approve")
	base := o.serving()
	c, late := newChrome(t, base), newChrome(t, base)
	c.signIn("jiro", officePassword)
	c.open("/decisions")
	held := ask(c, chromedp.Evaluate[string](`document.querySelector("[aria-labelledby=d4] .ids li").textContent`))
	c.fill("#decide_letters", "1234-5678", "#decide_reason", "送付先の確認ができないため")
	c.set("#decide_action", "cancel")
	c.press("[aria-labelledby=d3] button")
	c.says("はお問合せ番号ではありません")
	if got := ask(c, chromedp.Evaluate[string](`document.querySelector("#decide_reason").value`)); got != "送付先の確認ができないため" {
		t.Errorf("the reason came back as %q", got)
	}
	c.look("decision-mistyped")
	elsewhere, err := letters.NewID(strings.NewReader("otherhouse"))
	if err != nil {
		t.Fatal(err)
	}
	c.set("#decide_letters", held+"\n"+string(elsewhere))
	c.press("[aria-labelledby=d3] button")
	c.says(elsewhere.Groups() + "の手紙はありません")
	c.set("#decide_letters", held)
	c.press("[aria-labelledby=d3] button")
	c.says("提案を記録しました", "ご自分の提案は、別の承認の方が確定します")
	c.look("decision-proposed")
	c.signOut()
	c.signIn("saburo", officePassword)
	late.signIn("saburo", officePassword)
	c.open("/decisions")
	late.open("/decisions")
	c.press(".decision form[action$=confirm] button")
	c.says("確定し、実行しました")
	late.press(".decision form[action$=confirm] button")
	late.says("すでに確定または取り下げられています")
	o.ok("reconcile")
}

// TestJourneyOldSession: the session ends while a form is being filled in, and
// nothing of it is lost.
func TestJourneyOldSession(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	base := o.serving()
	c, admin := newChrome(t, base), newChrome(t, base)
	c.signIn("hana", officePassword)
	c.open("/decisions")
	held := ask(c, chromedp.Evaluate[string](`document.querySelector("[aria-labelledby=d4] .ids li").textContent`))
	c.fill("#decide_letters", held, "#decide_reason", "時間をかけて書いた理由")
	c.set("#decide_action", "cancel")
	admin.signIn("admin", officePassword)
	admin.open("/sessions")
	admin.press("form[action='/sessions'] button")
	c.press("[aria-labelledby=d3] button")
	c.says("入力した内容はお預かりしています")
	c.look("session-old")
	c.fill("#password", officePassword)
	c.press("main form button")
	c.says("提案を記録しました", "時間をかけて書いた理由")
}

// TestJourneyPeople: 管理 adds a person, gives retailers, stops them.
func TestJourneyPeople(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	c := newChrome(t, o.serving())
	c.signIn("admin", officePassword)
	c.open("/new-user")
	c.fill("#name", "Shiro", "#password", "short")
	c.tick("input[value=retail]")
	c.press("main form button")
	c.says("半角の英小文字", "12文字以上にしてください")
	c.look("new-user-mistyped")
	c.set("#name", "shiro")
	c.fill("#password", officePassword)
	c.press("main form button")
	c.says("利用者を加えました")
	c.tick("[name=retailer]")
	c.press("form[action$=retailers] button")
	c.says("保存しました")
	c.look("user-retailers")
	c.press("form[action$=stand] button")
	c.says("利用を止めました", "停止中")
	d := newChrome(t, c.base)
	d.open("/signin")
	d.fill("#name", "shiro", "#password", officePassword)
	d.press("main form button")
	d.says("お名前かパスワードが違います")
	d.look("signin-refused")
}
