package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"oshirase/batch/desk"
	"oshirase/letters"
	"oshirase/letters/audit"
)

// deskChain reads the audit chain for the desk's pages of 監査. Its index is
// this process's own and stands in memory.
type deskChain struct {
	h     *house
	log   audit.Log
	index *audit.Index
	check *chainCheck
}

// deskChain opens the chain for the desk and keeps its index up to date until
// it is closed.
func (h *house) deskChain(ctx context.Context) (deskChain, func() error, error) {
	log, closeLog, err := h.chain()
	if err != nil {
		return deskChain{}, nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	d := deskChain{h, log, audit.NewIndex(log), &chainCheck{life: ctx}}
	d.check.wait.Go(func() { d.keepUp(ctx) })
	return d, func() error {
		stop()
		d.check.wait.Wait()
		return closeLog()
	}, nil
}

// keepUp reads on in the background, so that nobody waits for it at a page.
func (d deskChain) keepUp(ctx context.Context) {
	minutely := time.NewTicker(time.Minute)
	defer minutely.Stop()
	for {
		if err := d.index.CatchUp(ctx); err != nil && ctx.Err() == nil {
			d.h.p.log.LogAttrs(ctx, slog.LevelError, "index the audit chain", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-minutely.C:
		}
	}
}

// Entries is desk.AuditReader's.
func (d deskChain) Entries(ctx context.Context, f desk.AuditFilter, most int) (desk.AuditList, error) {
	roles, err := d.roles(ctx)
	if err != nil {
		return desk.AuditList{}, err
	}
	found, err := d.index.Newest(ctx, queryOf(f, roles), most)
	if err != nil {
		return desk.AuditList{}, err
	}
	list := desk.AuditList{More: found.More}
	if found.Bad != nil {
		list.Bad = max(found.Bad.N, 1)
	}
	for _, r := range found.Records {
		list.Entries = append(list.Entries, desk.AuditEntry{N: r.N, At: r.At, Actor: r.Actor, Action: r.Action, Object: r.Object,
			Reason: r.Reason, Outcome: r.Outcome, Client: r.Client, Role: roles[r.Actor]})
	}
	return list, nil
}

// queryOf asks the chain what an auditor asks the desk: days in Japan, and a
// role's people by name.
func queryOf(f desk.AuditFilter, roles map[string]letters.Role) audit.Query {
	q := audit.Query{From: f.From.Time(), Action: f.Action, Object: f.Object, Outcome: f.Outcome, Reason: f.Reason, Before: f.Before}
	if f.To != "" {
		q.To = f.To.AddDays(1).Time()
	}
	if f.Actor != "" {
		q.Actors = []string{f.Actor}
	}
	if f.Role == "" {
		return q
	}
	asked := q.Actors
	q.Actors = []string{}
	for name, role := range roles {
		if role == f.Role && (asked == nil || asked[0] == name) {
			q.Actors = append(q.Actors, name)
		}
	}
	return q
}

func (d deskChain) roles(ctx context.Context) (map[string]letters.Role, error) {
	users, err := d.h.store.Users(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]letters.Role, len(users))
	for _, u := range users {
		out[u.Name] = u.Role
	}
	return out, nil
}

// Access is desk.AuditReader's.
func (d deskChain) Access(ctx context.Context, m letters.Month) (desk.AccessMonth, error) {
	a, err := d.access(ctx, m)
	if _, broken := errors.AsType[*audit.BadRow](err); broken {
		return desk.AccessMonth{}, fmt.Errorf("%w: %w", desk.ErrBrokenChain, err)
	}
	if err != nil {
		return desk.AccessMonth{}, err
	}
	roles, err := d.roles(ctx)
	if err != nil {
		return desk.AccessMonth{}, err
	}
	out := desk.AccessMonth{Looks: a.Looks, LookUps: a.LookUps, FailedSignIns: a.FailedSignIns, OfficeHolidays: d.h.cfg.Audit.OfficeHolidays}
	out.OfficeFrom, out.OfficeTo, _ = strings.Cut(d.h.cfg.Audit.OfficeHours, "-")
	for _, u := range a.Users {
		line := desk.AccessUser{Name: u.Actor, Role: roles[u.Actor], LookUps: u.LookUps, Searches: u.Searches, Looks: u.Looks, Letters: u.Letters,
			Unmasked: u.Unmasked, WithoutInquiry: u.WithoutInquiry, Outside: u.Outside, Night: u.Night, Misses: u.Misses, Refused: u.Refused,
			Stopped: u.Stopped, Hours: u.Hours}
		for _, f := range u.Flags {
			line.Flags = append(line.Flags, string(f))
		}
		out.Users = append(out.Users, line)
	}
	for _, n := range a.Unexplained {
		out.Unexplained = append(out.Unexplained, desk.Unexplained{Actor: n.Actor, Letter: n.Letter, Day: n.Day, First: n.First, Looks: n.Looks, Outside: n.Outside})
	}
	return out, nil
}

// access analyses a month of the chain and reads no more than that month: the
// rest was read through when the index was made, and every signed anchor is
// held against it.
func (d deskChain) access(ctx context.Context, m letters.Month) (audit.Access, error) {
	anchors, pub, bad, err := d.h.ownAnchors().read()
	if err == nil && bad == nil {
		bad, err = d.index.Anchored(ctx, anchors, pub)
	}
	if err == nil && bad != nil {
		err = bad
	}
	if err != nil {
		return audit.Access{}, err
	}
	rules, err := d.h.accessRules(ctx, m)
	if err != nil {
		return audit.Access{}, err
	}
	from := letters.Date(m + "-01").Time()
	return audit.Analyse(d.index.Between(ctx, audit.Query{From: from, To: from.AddDate(0, 1, 0)}), m, rules)
}
