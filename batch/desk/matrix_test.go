package desk

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// everyone marks a row that is open to all who are signed in, nobody one that
// is open before signing in.
const (
	everyone   = "everyone"
	beforehand = "before signing in"
)

// mayTable says, in a second hand, who may use each route. A route that is
// not in it fails the test.
func mayTable() map[string]string {
	return map[string]string{
		"GET /static/{name}": beforehand,
		"GET /signin":        beforehand,
		"POST /signin":       beforehand,
		"POST /signout":      beforehand,
		"GET /signin/oidc":   beforehand, "GET /signin/return": beforehand,
		"GET /prove/oidc": everyone, "POST /continue": everyone,
		"GET /prove":         everyone,
		"POST /prove":        everyone,
		"GET /{$}":           everyone,
		"GET /board":         "prepare approve",
		"GET /board/{month}": "prepare approve", "POST /board/{month}/proof": "prepare approve",
		"POST /board/{month}/approve": "approve",
		"GET /decisions":              "prepare approve", "POST /decisions": "prepare approve",
		"POST /decisions/{id}/confirm": "approve", "POST /decisions/{id}/withdraw": "prepare approve",
		"GET /users": "admin", "POST /users": "admin", "GET /new-user": "admin",
		"GET /users/{name}": "admin", "POST /users/{name}": "admin",
		"POST /users/{name}/password": "admin", "POST /users/{name}/stand": "admin",
		"POST /users/{name}/retailers": "admin",
		"GET /sessions":                "admin", "POST /sessions": "admin",
		"GET /audit": "audit", "GET /access": "audit", "GET /chain": "audit", "POST /chain": "audit",
		"GET /account": everyone, "POST /account": everyone,
		"GET /calls": "callcenter", "POST /calls": "callcenter", "GET /search": "callcenter", "POST /search": "callcenter",
		"GET /calls/{call}": "callcenter", "POST /calls/{call}/check": "callcenter", "POST /calls/{call}/purpose": "callcenter",
		"POST /calls/{call}/reveal": "callcenter", "GET /calls/{call}/pages/{page}": "callcenter",
		"POST /calls/{call}/pdf": "callcenter", "POST /calls/{call}/inquiry": "callcenter",
		"GET /supervision": "lead", "POST /supervision/{id}": "lead", "GET /retailers": "lead",
		"GET /wishes": "prepare", "POST /wishes/{id}": "prepare",
		"GET /packets": "retail", "GET /packets/{month}/{retailer}": "retail",
		"POST /packets/{month}/{retailer}/file": "retail", "POST /packets/{month}/{retailer}/briefing": "retail",
	}
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// address fills a route's pattern so that it can be asked for.
func (r Route) address() string {
	path := strings.TrimSuffix(r.Path, "{$}")
	path = strings.Replace(path, "{month}", "2023-02", 1)
	return wildcard.ReplaceAllString(path, "1")
}

func TestEveryRouteIsInTheTable(t *testing.T) {
	t.Parallel()
	table := mayTable()
	for _, r := range Routes() {
		key := r.Method + " " + r.Path
		if table[key] == "" {
			t.Errorf("%s has no row: say in the table who may use it", key)
		}
		delete(table, key)
		if !r.Public && !r.Anyone && len(r.Roles) == 0 {
			t.Errorf("%s is open to nobody", key)
		}
	}
	for key := range table {
		t.Errorf("%s is in the table and no route", key)
	}
}

// TestEveryRoleOnEveryRoute asks for every route as every role and as nobody:
// who may not, gets 403 or is asked to sign in, and nothing else.
func TestEveryRoleOnEveryRoute(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	asked := 0
	for _, role := range append(allRoles(), "") {
		for _, r := range Routes() {
			b := td.browser()
			if role != "" {
				b = td.as(role)
			}
			p := b.send(r.Method, r.address(), url.Values{})
			asked++
			if got, want := refused(p), !allowed(mayTable()[r.Method+" "+r.Path], role); got != want {
				t.Errorf("%s %s as %q: refused %v, want %v (status %d)", r.Method, r.Path, role, got, want, p.status)
			}
		}
	}
	t.Logf("%d routes × 7 = %d requests", len(Routes()), asked)
}

func allowed(row string, role letters.Role) bool {
	if row == beforehand {
		return true
	}
	if role == "" {
		return false
	}
	return row == everyone || slices.Contains(strings.Fields(row), string(role))
}

// refused reports whether an answer is one to somebody who may not.
func refused(p page) bool {
	switch p.status {
	case http.StatusForbidden:
		return true
	case http.StatusUnauthorized:
		return strings.Contains(p.body, `action="/signin"`) && !strings.Contains(p.body, "違います")
	case http.StatusSeeOther:
		return strings.HasPrefix(p.header.Get("Location"), "/signin?next=")
	}
	return false
}
