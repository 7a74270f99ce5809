package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/letters"
)

func (p *program) cmdRender() *cobra.Command {
	var by, date, no string
	var keep bool
	c := p.command("render MONTH", func(cmd *cobra.Command, given []string) error {
		o := batch.RenderOrder{By: by, DocumentNo: no}
		var err error
		if o.Month, err = letters.ParseMonth(given[0]); err != nil {
			return err
		}
		if date != "" {
			if o.Date, err = letters.ParseDate(date); err != nil {
				return err
			}
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.render(cmd.Context(), o, keep) })
	})
	c.Args = args(cobra.ExactArgs(1))
	f := c.Flags()
	f.StringVar(&by, "as", "", p.words.flag("as"))
	f.StringVar(&date, "date", "", p.words.flag("date"))
	f.StringVar(&no, "document-no", "", p.words.flag("document_no"))
	f.BoolVar(&keep, "keep", false, p.words.flag("keep"))
	return c
}

// render is the command render.
func (h *house) render(ctx context.Context, o batch.RenderOrder, keep bool) error {
	if err := h.p.signIn(ctx, h.store, o.By, letters.RolePrepare); err != nil {
		return err
	}
	info, err := h.store.Month(ctx, o.Month)
	if err != nil {
		return err
	}
	h.posting(&o, info)
	if o.Edition, err = h.edition(); err != nil {
		return err
	}
	o.All = info.Template != "" && (info.Template != o.Edition.Template || info.Renderer != o.Edition.Renderer)
	if keep {
		if o.Keep, err = h.keeper(ctx, o.Month); err != nil {
			return err
		}
	}
	newPress, err := h.presses()
	if err != nil {
		return err
	}
	r := batch.Renderer{Ledger: h.store, NewPress: newPress, Workers: h.cfg.Render.Workers,
		Now: h.p.now, Progress: h.p.progress("render", -1), Log: h.p.log}
	sum, err := r.Render(ctx, o)
	if err != nil {
		return err
	}
	return h.rendered(o, sum)
}

// posting fills the printed date and document number: as given, else as kept
// from an earlier rendering, else the next working day. What an approved month
// sends again has a date of its own.
func (h *house) posting(o *batch.RenderOrder, info letters.MonthInfo) {
	if o.Date == "" && info.State == letters.MonthOpen {
		o.Date = info.Date
	}
	if o.Date == "" {
		o.Date = nextWorkingDay(h.p.now())
	}
	if o.DocumentNo == "" {
		o.DocumentNo = info.DocumentNo
	}
}

// keptName is where a letter's PDF stands in the archive.
func keptName(m letters.Month, id letters.ID, generation int) string {
	return fmt.Sprintf("%s/letters/%s.g%d.pdf", m, id, generation)
}

// keeper stores each letter's PDF in the archive.
func (h *house) keeper(ctx context.Context, m letters.Month) (func(letters.ID, int, func(io.Writer) error) error, error) {
	a, err := h.openArchive(ctx)
	if err != nil {
		return nil, err
	}
	return func(id letters.ID, generation int, write func(io.Writer) error) error {
		_, err := a.Put(keptName(m, id, generation), write)
		return err
	}, nil
}

func (h *house) rendered(o batch.RenderOrder, sum batch.RenderSummary) error {
	h.p.log.Info("rendered", slog.Int("letters", sum.Rendered), slog.Int("held", sum.Held), slog.Int("failed", sum.Failed))
	err := h.p.report("render", struct {
		Month    letters.Month `json:"month"`
		Date     letters.Date  `json:"date"`
		Rendered int           `json:"rendered"`
		Held     int           `json:"held"`
		Failed   int           `json:"failed"`
		Pages    int           `json:"pages"`
		Doubt    string        `json:"date_doubt,omitempty"` // release will refuse the date, or no mail is posted on that day
	}{o.Month, o.Date, sum.Rendered, sum.Held, sum.Failed, sum.Pages, dateDoubt(o.Date, h.p.now())})
	switch {
	case err != nil:
		return err
	case sum.Failed > 0:
		return fail(exitFailed, "render_failed", fmt.Errorf("%d letters failed", sum.Failed), thousands(sum.Failed))
	case sum.Held > 0:
		return errWaits
	}
	return nil
}

// dateDoubt says what is doubtful of a planned posting date: past or far,
// which release refuses, or holiday; "" = nothing.
func dateDoubt(d letters.Date, now time.Time) string {
	today := letters.DateOf(now)
	switch {
	case d < today:
		return "past"
	case d > today.AddDays(14):
		return "far"
	case !workingDays()(d.Time()):
		return "holiday"
	}
	return ""
}
