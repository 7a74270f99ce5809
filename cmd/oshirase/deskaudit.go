package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"oshirase/batch/desk"
	"oshirase/letters"
	"oshirase/letters/audit"
)

// deskChain reads the audit chain for the desk's pages of 監査.
type deskChain struct{ h *house }

// Entries is desk.AuditReader's. The chain is read from its start and the
// newest matching records are kept: it has no index, so that nothing stands
// beside it that could disagree.
func (d deskChain) Entries(ctx context.Context, f desk.AuditFilter, most int) (list []desk.AuditEntry, more bool, err error) {
	roles, err := d.roles(ctx)
	if err != nil {
		return nil, false, err
	}
	log, closeLog, err := d.h.chain()
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	for r, err := range log.Since(ctx, 0) {
		if err != nil {
			return nil, false, fmt.Errorf("read audit chain: %w", err)
		}
		e := desk.AuditEntry{N: r.N, At: r.At, Actor: r.Actor, Action: r.Action, Object: r.Object, Reason: r.Reason,
			Outcome: r.Outcome, Client: r.Client, Role: roles[r.Actor]}
		if !f.Matches(e, letters.DateOf(time.UnixMicro(r.At))) {
			continue
		}
		if list = append(list, e); len(list) > 4*most {
			list, more = slices.Delete(list, 0, len(list)-most), true
		}
	}
	if len(list) > most {
		list, more = list[len(list)-most:], true
	}
	slices.Reverse(list)
	return list, more, nil
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

// Chain is desk.AuditReader's.
func (d deskChain) Chain(ctx context.Context) (s desk.ChainState, err error) {
	log, closeLog, err := d.h.chain()
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	head, err := log.Head(ctx)
	if _, broken := errors.AsType[*audit.BadRow](err); err != nil && !broken {
		return s, err
	}
	anchors, err := audit.ReadAnchors(d.h.auditPath(d.h.cfg.Audit.AnchorFile))
	if err != nil {
		return s, err
	}
	s = desk.ChainState{Records: head.N, Hash: head.Hash}
	for _, a := range slices.Backward(anchors) {
		s.Anchors = append(s.Anchors, desk.Anchor{Date: a.Date, N: a.N, Hash: a.Hash})
	}
	return s, nil
}

// Verify is desk.AuditReader's.
func (d deskChain) Verify(ctx context.Context) (desk.ChainVerdict, error) {
	v, err := d.h.verifyChain(ctx, d.h.auditPath(d.h.cfg.Audit.AnchorFile), d.h.auditPath(d.h.cfg.Audit.PublicKeyFile))
	if err != nil {
		return desk.ChainVerdict{}, err
	}
	out := desk.ChainVerdict{Records: v.Records, Unanchored: v.Unanchored, Anchors: v.Anchors}
	if v.Bad != nil {
		out.Bad, out.Fault = max(v.Bad.N, 1), string(v.Bad.Fault)
	}
	return out, nil
}

// Access is desk.AuditReader's.
func (d deskChain) Access(ctx context.Context, m letters.Month) (desk.AccessMonth, error) {
	a, err := d.h.access(ctx, m)
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
	out := desk.AccessMonth{Looks: a.Looks}
	for _, u := range a.Users {
		line := desk.AccessUser{Name: u.Actor, Role: roles[u.Actor], Looks: u.Looks, Letters: u.Letters,
			WithoutInquiry: u.WithoutInquiry, Night: u.Night, Misses: u.Misses, Stopped: u.Stopped, Hours: u.Hours}
		for _, f := range u.Flags {
			line.Flags = append(line.Flags, string(f))
		}
		out.Users = append(out.Users, line)
	}
	return out, nil
}
