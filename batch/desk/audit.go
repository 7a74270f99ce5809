package desk

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"oshirase/letters"
)

// AuditReader reads the audit chain for 監査.
type AuditReader interface {
	// Entries returns the newest records that a filter lets through, at most
	// most of them, and whether there are older ones.
	Entries(ctx context.Context, f AuditFilter, most int) (list []AuditEntry, more bool, err error)
	// Chain tells how the chain stands without reading it through.
	Chain(ctx context.Context) (ChainState, error)
	// Verify reads the whole chain and every signed anchor.
	Verify(ctx context.Context) (ChainVerdict, error)
	// Access analyses a month. ErrBrokenChain when the chain is not whole.
	Access(ctx context.Context, m letters.Month) (AccessMonth, error)
}

// AuditFilter is what an auditor asks for; an empty member lets all through.
// Before is a record's number: only older ones.
type AuditFilter struct {
	From, To                       letters.Date
	Actor, Action, Object, Outcome string
	Reason                         string // a part of it
	Role                           letters.Role
	Before                         int64
}

// AuditEntry is a record of the chain with the role that its person has now.
type AuditEntry struct {
	N                                              int64
	At                                             int64
	Actor, Action, Object, Reason, Outcome, Client string
	Role                                           letters.Role
}

// auditMost is how many records a page shows.
const auditMost = 100

// auditPage is what audit.html gets.
type auditPage struct {
	Filter  AuditFilter
	Roles   []letters.Role
	Actions []string
	Entries []AuditEntry
	More    bool
	Last    int64
	Wrong   bool // a date could not be read
}

func auditRoutes() []Route {
	audit := []letters.Role{letters.RoleAudit}
	return []Route{
		{Method: http.MethodGet, Path: "/audit", Roles: audit, Nav: "audit", Serve: (*Desk).auditLog},
		{Method: http.MethodGet, Path: "/access", Roles: audit, Nav: "access", Serve: (*Desk).access},
		{Method: http.MethodGet, Path: "/chain", Roles: audit, Nav: "chain", Serve: (*Desk).chain},
		{Method: http.MethodPost, Path: "/chain", Roles: audit, Serve: (*Desk).verifyChain},
	}
}

func auditViews() []view {
	return []view{{"audit", auditPage{Entries: []AuditEntry{{}}}}, {"access", accessPage{Users: []accessLine{{}}}}, {"chain", chainPage{}}}
}

// auditActions are the actions that the chain knows, for the filter.
func (w words) auditActions() []string { return sortedKeys(w.Label["action"]) }

// auditLog shows the newest records; looking at them is itself recorded.
func (d *Desk) auditLog(v *Visit) error {
	page := auditPage{Roles: roles(), Actions: d.words.auditActions()}
	page.Filter, page.Wrong = v.auditFilter()
	if page.Wrong {
		return v.Problems("audit", page, v.problem("from", "audit_date"))
	}
	if err := v.Record("audit_log", "log", "", "done"); err != nil {
		return err
	}
	var err error
	page.Entries, page.More, err = d.o.Chain.Entries(v.Context(), page.Filter, auditMost)
	if err != nil {
		return err
	}
	if n := len(page.Entries); n > 0 {
		page.Last = page.Entries[n-1].N
	}
	return v.Show("audit", page)
}

// auditFilter reads the filter; without days it is the last week.
func (v *Visit) auditFilter() (f AuditFilter, wrong bool) {
	today := letters.DateOf(v.d.o.Now())
	f = AuditFilter{From: today.AddDays(-6), To: today, Actor: v.Query("actor"), Action: v.Query("action"),
		Object: v.Query("object"), Outcome: v.Query("outcome"), Reason: v.Query("reason"), Role: letters.Role(v.Query("role"))}
	if id, err := letters.ParseID(f.Object); err == nil {
		f.Object = string(id)
	}
	for _, day := range []struct {
		typed string
		to    *letters.Date
	}{{v.Query("from"), &f.From}, {v.Query("to"), &f.To}} {
		if day.typed == "" {
			continue
		}
		read, err := letters.ParseDate(day.typed)
		if err != nil {
			wrong = true
			continue
		}
		*day.to = read
	}
	f.Before, _ = strconv.ParseInt(v.Query("before"), 10, 64) // nonsense asks for the newest
	return f, wrong
}

// Matches reports whether the filter lets a record through.
func (f AuditFilter) Matches(e AuditEntry, day letters.Date) bool {
	for _, c := range [][2]string{{f.Actor, e.Actor}, {f.Action, e.Action}, {f.Object, e.Object}, {f.Outcome, e.Outcome}, {string(f.Role), string(e.Role)}} {
		if c[0] != "" && c[0] != c[1] {
			return false
		}
	}
	return (f.From == "" || day >= f.From) && (f.To == "" || day <= f.To) &&
		(f.Before == 0 || e.N < f.Before) && strings.Contains(e.Reason, f.Reason)
}
