package desk

import (
	"context"
	"net/http"
	"strconv"

	"oshirase/letters"
)

// AuditReader reads the audit chain for 監査.
type AuditReader interface {
	// Entries returns the newest records that a filter lets through, at most
	// most of them.
	Entries(ctx context.Context, f AuditFilter, most int) (AuditList, error)
	// Chain tells how the chain stands without reading it through.
	Chain(ctx context.Context) (ChainState, error)
	// Verify begins to read the whole chain and every signed anchor, unless
	// that is under way, and waits a few seconds for its end. Chain tells how
	// far it is, and what was found.
	Verify(ctx context.Context) error
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

// AuditList is a page of records, the newest first.
type AuditList struct {
	Entries []AuditEntry
	More    bool  // there are older ones
	Bad     int64 // the first record found that is not as it was written, or 0
}

// auditMost is how many records a page shows.
const auditMost = 100

// auditPage is what audit.html gets.
type auditPage struct {
	Filter   AuditFilter
	Roles    []letters.Role
	Actions  []string
	Outcomes []string
	AuditList
	Last  int64
	Wrong bool // a date could not be read
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
	return []view{{"audit", auditPage{AuditList: AuditList{Entries: []AuditEntry{{}}}}}, {"access", accessPage{Lines: []accessLine{{}}, AccessMonth: AccessMonth{Unexplained: []Unexplained{{}}}}}, {"chain", ChainState{}}}
}

// auditLog shows the newest records; looking at them is itself recorded.
func (d *Desk) auditLog(v *Visit) error {
	page := auditPage{Roles: roles(), Actions: d.words.order["action"], Outcomes: d.words.order["outcome"]}
	page.Filter, page.Wrong = v.auditFilter()
	if page.Wrong {
		return v.Problems("audit", page, v.problem("from", "audit_date"))
	}
	if err := v.Record("audit_log", "log", "", "done"); err != nil {
		return err
	}
	var err error
	page.AuditList, err = d.o.Chain.Entries(v.Context(), page.Filter, auditMost)
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
		Object: v.d.words.objectTyped(v.Query("object")), Outcome: v.Query("outcome"), Reason: v.d.words.reasonTyped(v.Query("reason")),
		Role: letters.Role(v.Query("role"))}
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
