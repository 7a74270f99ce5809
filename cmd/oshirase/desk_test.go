package main

import (
	"path/filepath"
	"strings"
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
	o := newOffice(t, "")
	o.now = time.Now()
	for _, role := range []string{"retail", "callcenter", "audit", "admin"} {
		o.ok("user", "add", role, "--role", role)
	}
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "60", "--out", lists)
	month := string(letters.MonthOf(o.now))
	o.run("import", month, "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.run("render", month, "--as", "hana", "--date", string(letters.DateOf(o.now)))
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
}
