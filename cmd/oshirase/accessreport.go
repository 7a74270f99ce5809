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
			return p.report("audit_report", accessOf(a))
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	return c
}

// access analyses a month's looks against the inquiries that were recorded. It
// verifies the chain in the same reading: the analysis of a broken one would
// prove nothing and is refused.
func (h *house) access(ctx context.Context, m letters.Month) (a audit.Access, err error) {
	handled, err := h.inquiries(ctx, m)
	if err != nil {
		return a, err
	}
	analysis := audit.NewAnalysis(m, handled)
	v, err := h.verifyChain(ctx, h.ownAnchors(), analysis.Watch)
	if err != nil {
		return a, err
	}
	if v.Bad != nil {
		return a, fail(exitRefused, "audit_broken", v.Bad, fmt.Sprint(v.Bad.N))
	}
	return analysis.Result(), nil
}

// inquiries tells for which looks of a month an inquiry was recorded.
func (h *house) inquiries(ctx context.Context, m letters.Month) (audit.Handled, error) {
	type handled struct {
		user   string
		letter string
		day    letters.Date
	}
	from := letters.Date(m + "-01").Time()
	list, err := h.store.Inquiries(ctx, from, from.AddDate(0, 1, 0))
	if err != nil {
		return nil, err
	}
	done := make(map[handled]bool, len(list))
	for _, in := range list {
		done[handled{in.User, string(in.LetterID), letters.DateOf(time.UnixMicro(in.At))}] = true
	}
	return func(actor, letter string, day letters.Date) bool { return done[handled{actor, letter, day}] }, nil
}

// accessJSON is what audit report says.
type accessJSON struct {
	Month letters.Month    `json:"month"`
	Looks int              `json:"looks"`
	Users []userAccessJSON `json:"users"`
}

type userAccessJSON struct {
	User           string       `json:"user"`
	Looks          int          `json:"looks"`
	Letters        int          `json:"letters"`
	WithoutInquiry int          `json:"without_inquiry"`
	Night          int          `json:"night"`
	Misses         int          `json:"caller_misses"`
	Stopped        int          `json:"stopped"`
	Hours          [24]int      `json:"hours"`
	Flags          []audit.Flag `json:"flags"`
}

func accessOf(a audit.Access) accessJSON {
	out := accessJSON{Month: a.Month, Looks: a.Looks, Users: []userAccessJSON{}}
	for _, u := range a.Users {
		out.Users = append(out.Users, userAccessJSON{u.Actor, u.Looks, u.Letters, u.WithoutInquiry, u.Night, u.Misses, u.Stopped,
			u.Hours, append([]audit.Flag{}, u.Flags...)})
	}
	return out
}
