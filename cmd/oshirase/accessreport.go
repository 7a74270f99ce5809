package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"oshirase/letters"
	"oshirase/letters/audit"
)

func (p *program) auditReport() *cobra.Command {
	c := p.subcommand("audit", "report MONTH", func(cmd *cobra.Command, given []string) error {
		m, err := letters.ParseMonth(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error {
			a, err := h.access(cmd.Context(), m)
			if err != nil {
				return err
			}
			return p.report("audit_report", h.accessOf(a))
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	return c
}

// access analyses a month's looks against the inquiries that were recorded. It
// verifies the chain in the same reading: the analysis of a broken one would
// prove nothing and is refused.
func (h *house) access(ctx context.Context, m letters.Month) (a audit.Access, err error) {
	rules, err := h.accessRules(ctx, m)
	if err != nil {
		return a, err
	}
	analysis := audit.NewAnalysis(m, rules)
	v, err := h.verifyChain(ctx, h.ownAnchors(), analysis.Watch)
	if err != nil {
		return a, err
	}
	if v.Bad != nil {
		return a, fail(exitRefused, "audit_broken", v.Bad, fmt.Sprint(v.Bad.N))
	}
	return analysis.Result(), nil
}

// accessRules tell for which looks of a month an inquiry was recorded, and when
// the office works.
func (h *house) accessRules(ctx context.Context, m letters.Month) (audit.Rules, error) {
	hours, err := h.cfg.Audit.hours()
	if err != nil {
		return audit.Rules{}, fail(exitUsage, "setting_hours", err, "audit.office_hours")
	}
	type handled struct {
		user   string
		letter string
		day    letters.Date
	}
	from := letters.Date(m + "-01").Time()
	list, err := h.store.Inquiries(ctx, from, from.AddDate(0, 1, 0).Add(letters.CallLimit))
	if err != nil {
		return audit.Rules{}, err
	}
	done := make(map[handled]bool, len(list))
	for _, in := range list {
		at := time.UnixMicro(in.At)
		for _, day := range []letters.Date{letters.DateOf(at), letters.DateOf(at.Add(-letters.CallLimit))} { // a call may begin before midnight
			done[handled{in.User, string(in.LetterID), day}] = true
		}
	}
	return audit.Rules{Open: hours.open(),
		Handled: func(actor, letter string, day letters.Date) bool { return done[handled{actor, letter, day}] }}, nil
}

// accessJSON is what audit report says.
type accessJSON struct {
	Month         letters.Month     `json:"month"`
	OfficeHours   string            `json:"office_hours"`
	Looks         int               `json:"looks"`
	LookUps       int               `json:"look_ups"`
	FailedSignIns int               `json:"failed_sign_ins"`
	Users         []userAccessJSON  `json:"users"`
	Unexplained   []unexplainedJSON `json:"unexplained"`
}

type userAccessJSON struct {
	User           string       `json:"user"`
	LookUps        int          `json:"look_ups"`
	Searches       int          `json:"searches"`
	Looks          int          `json:"looks"`
	Letters        int          `json:"letters"`
	Unmasked       int          `json:"unmasked"`
	WithoutInquiry int          `json:"without_inquiry"`
	Outside        int          `json:"outside_hours"`
	Night          int          `json:"night"`
	Misses         int          `json:"caller_misses"`
	Refused        int          `json:"refused"`
	Stopped        int          `json:"stopped"`
	Hours          [24]int      `json:"hours"`
	Flags          []audit.Flag `json:"flags"`
}

// unexplainedJSON is a letter looked at on a day without an inquiry.
type unexplainedJSON struct {
	User    string       `json:"user"`
	Letter  letters.ID   `json:"letter_id"`
	Day     letters.Date `json:"day"`
	First   time.Time    `json:"first"`
	Looks   int          `json:"looks"`
	Outside bool         `json:"outside_hours"`
}

func (h *house) accessOf(a audit.Access) accessJSON {
	out := accessJSON{Month: a.Month, OfficeHours: h.cfg.Audit.OfficeHours, Looks: a.Looks, LookUps: a.LookUps, FailedSignIns: a.FailedSignIns,
		Users: []userAccessJSON{}, Unexplained: []unexplainedJSON{}}
	for _, u := range a.Users {
		out.Users = append(out.Users, userAccessJSON{u.Actor, u.LookUps, u.Searches, u.Looks, u.Letters, u.Unmasked, u.WithoutInquiry, u.Outside,
			u.Night, u.Misses, u.Refused, u.Stopped, u.Hours, append([]audit.Flag{}, u.Flags...)})
	}
	for _, n := range a.Unexplained {
		out.Unexplained = append(out.Unexplained, unexplainedJSON{n.Actor, n.Letter, n.Day, time.UnixMicro(n.First).In(letters.Tokyo()), n.Looks, n.Outside})
	}
	return out
}
