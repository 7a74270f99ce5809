package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"oshirase/batch/figures"
	"oshirase/batch/workbook"
	"oshirase/letters"
	"oshirase/letters/text"
)

func (p *program) cmdReport() *cobra.Command {
	var asOf string
	c := p.command("report [MONTH]", func(cmd *cobra.Command, given []string) error {
		var m letters.Month
		var day letters.Date
		var err error
		if len(given) == 1 {
			if m, err = letters.ParseMonth(given[0]); err != nil {
				return err
			}
		}
		if asOf != "" {
			if day, err = letters.ParseDate(asOf); err != nil {
				return err
			}
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.figuresReport(cmd.Context(), m, day) })
	})
	c.Args = args(cobra.MaximumNArgs(1))
	c.Flags().StringVar(&asOf, "as-of", "", p.words.flag("as_of"))
	return c
}

// systemJSON is the number of retailers in one system.
type systemJSON struct {
	Code      letters.SystemCode `json:"code"`
	Name      string             `json:"name"`
	Retailers int                `json:"retailers"`
}

// reportJSON is what report says: the Commission's figures, cumulative, and
// the account of the month (of all months without one).
type reportJSON struct {
	Month letters.Month `json:"month"`
	AsOf  letters.Date  `json:"as_of"`
	letters.Counts
	Withdrawn int                   `json:"withdrawn_rows"`
	Harm      int                   `json:"secondary_harm_reports"` // 二次被害の申出
	Systems   []systemJSON          `json:"systems"`
	States    map[letters.State]int `json:"states"`
	Saved     []string              `json:"files"`
}

// figuresReport is the command report.
func (h *house) figuresReport(ctx context.Context, m letters.Month, asOf letters.Date) error {
	if m != "" {
		if _, err := h.store.Month(ctx, m); err != nil {
			return err
		}
	}
	out, err := h.countUp(ctx, m, asOf)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%s", orAll(m), out.AsOf)
	for _, f := range []struct {
		ending string
		write  func(io.Writer, reportJSON) error
	}{{".pdf", h.reportPDF}, {".xlsx", h.reportXLSX}} {
		path := h.p.inHome("reports", name+f.ending)
		if err := writeFile(path, func(w io.Writer) error { return f.write(w, out) }); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		out.Saved = append(out.Saved, path)
	}
	return h.p.report("report", out)
}

func orAll(m letters.Month) string {
	if m == "" {
		return "all"
	}
	return string(m)
}

// countUp counts the lists taken in by the end of the day, and the outcomes as
// they stood then.
func (h *house) countUp(ctx context.Context, m letters.Month, asOf letters.Date) (reportJSON, error) {
	out := reportJSON{Month: m, AsOf: asOf, Saved: []string{}}
	var until time.Time
	if asOf == "" {
		out.AsOf = letters.DateOf(h.p.now())
	} else {
		until = asOf.AddDays(1).Time().Add(-time.Microsecond)
	}
	n, err := h.outcomesAt(ctx, m, until)
	if err != nil {
		return out, err
	}
	counter := figures.NewCounter()
	err = h.store.FigureRows(ctx, until, func(r letters.FigureRow) error {
		counter.Add(r)
		return nil
	})
	if err != nil {
		return out, err
	}
	counter.Into(&n)
	out.Counts = n
	for _, s := range h.set.Incident().Systems {
		out.Systems = append(out.Systems, systemJSON{s.Code, s.Name, counter.In(s.Code)})
	}
	if out.Withdrawn, err = h.store.WithdrawnRows(ctx, m); err != nil {
		return out, err
	}
	if out.Harm, err = h.store.HarmReports(ctx, until); err != nil {
		return out, err
	}
	if m != "" {
		out.States, _, err = h.store.StateCounts(ctx, m)
	}
	return out, err
}

// outcomesAt is the account of rows: as it is, or as the last plan before the
// instant left it.
func (h *house) outcomesAt(ctx context.Context, m letters.Month, until time.Time) (letters.Counts, error) {
	if until.IsZero() {
		return h.store.Outcomes(ctx, m)
	}
	months := []letters.MonthInfo{{Month: m}}
	if m == "" {
		var err error
		if months, err = h.store.Months(ctx); err != nil {
			return letters.Counts{}, err
		}
	}
	var sum letters.Counts
	for _, info := range months {
		all, err := h.store.Snapshots(ctx, info.Month)
		if err != nil {
			return sum, err
		}
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].At <= until.UnixMicro() {
				addOutcomes(&sum, all[i].Counts)
				break
			}
		}
	}
	return sum, nil
}

func addOutcomes(sum *letters.Counts, n letters.Counts) {
	sum.Rows += n.Rows
	sum.LetterRows += n.LetterRows
	sum.MergedRows += n.MergedRows
	sum.ExcludedRows += n.ExcludedRows
	sum.HeldRows += n.HeldRows
	sum.RejectedRows += n.RejectedRows
	sum.Letters += n.Letters
}

// reportWord is a word of the group report.
func (h *house) reportWord(key string) string { return h.set.Words().Get("report", key) }

// accountRows is the account of the month.
func (h *house) accountRows(r reportJSON) [][2]string {
	w := h.reportWord
	return [][2]string{
		{w("rows"), thousands(r.Rows)}, {w("letter_rows"), thousands(r.LetterRows)},
		{w("merged_rows"), thousands(r.MergedRows)}, {w("excluded_rows"), thousands(r.ExcludedRows)},
		{w("held_rows"), thousands(r.HeldRows)}, {w("rejected_rows"), thousands(r.RejectedRows)},
		{w("letters"), thousands(r.Letters)},
	}
}

// reportPDF writes the report as pages: the table of the incident report made
// from the ledger, then the account.
func (h *house) reportPDF(out io.Writer, r reportJSON) error {
	s, err := h.shared()
	if err != nil {
		return err
	}
	w := h.reportWord
	account := w("account_all")
	if r.Month != "" {
		account = fmt.Sprintf(w("account"), r.Month)
	}
	doc := text.Document{Title: w("title"), Date: fmt.Sprintf(w("as_of"), h.set.Date(r.AsOf)), Body: []text.Block{
		text.Heading{Level: 1, Text: plain(w("table"))},
		h.commissionTable(r),
		text.List{Small: true, Items: []text.ListItem{
			{Marker: "※1", Text: plain(fmt.Sprintf(w("note_as_of"), h.set.Date(r.AsOf)))},
			{Marker: "※2", Text: plain(fmt.Sprintf(w("note_other"), thousands(r.LastResortContracts), thousands(r.DisasterContracts)))},
			{Marker: "※3", Text: plain(fmt.Sprintf(w("note_union"), thousands(r.Retailers)))},
			{Marker: "※4", Text: plain(fmt.Sprintf(w("note_left"), thousands(r.RejectedRows), thousands(r.Withdrawn)))},
			{Marker: "※5", Text: plain(fmt.Sprintf(w("note_harm"), h.set.Date(r.AsOf), thousands(r.Harm)))},
		}},
		text.Heading{Level: 1, Text: plain(account)},
		twoColumns(w("what"), w("count"), h.accountRows(r)),
	}}
	return s.NewRenderer().Briefing(doc, out)
}

func plain(s string) []text.Inline { return []text.Inline{{Text: s}} }

// commissionTable is 各システムにおける新電力顧客情報の閲覧状況.
func (h *house) commissionTable(r reportJSON) text.Table {
	w := h.reportWord
	in := h.set.Incident()
	t := text.Table{Keep: true, Columns: []text.Column{{Head: w("item"), Width: 3, Align: text.Left}}}
	contracts := []text.Cell{{Text: plain(w("contracts")), Head: true}, {Text: plain(fmt.Sprintf(w("contracts_value"), thousands(r.ViewedContracts))), Span: len(r.Systems)}}
	retailers := []text.Cell{{Text: plain(w("retailers")), Head: true}}
	period := []text.Cell{{Text: plain(w("period")), Head: true}}
	for _, s := range r.Systems {
		t.Columns = append(t.Columns, text.Column{Head: s.Name, Width: 4, Align: text.Center})
		retailers = append(retailers, text.Cell{Text: plain(fmt.Sprintf(w("retailers_value"), thousands(s.Retailers)))})
		sys := in.System(s.Code)
		period = append(period, text.Cell{Text: plain(fmt.Sprintf(w("period_value"), h.set.Date(sys.From), h.set.Date(sys.To)))})
	}
	t.Rows = [][]text.Cell{contracts, retailers, period}
	return t
}

// reportXLSX writes the same figures as a workbook.
func (h *house) reportXLSX(out io.Writer, r reportJSON) error {
	w := h.reportWord
	rows := [][]string{{w("contracts"), thousands(r.ViewedContracts)}}
	for _, s := range r.Systems {
		rows = append(rows, []string{w("retailers") + " " + s.Name, thousands(s.Retailers)})
	}
	rows = append(rows, []string{w("retailers_all"), thousands(r.Retailers)},
		[]string{w("last_resort"), thousands(r.LastResortContracts)}, []string{w("disaster"), thousands(r.DisasterContracts)},
		[]string{w("harm"), thousands(r.Harm)})
	account := [][]string{}
	for _, a := range h.accountRows(r) {
		account = append(account, []string{a[0], a[1]})
	}
	note := []string{fmt.Sprintf(w("as_of"), h.set.Date(r.AsOf))}
	table := func(name string, rows [][]string) workbook.Table {
		return workbook.Table{Name: name, Title: w("title"), Notes: note, Heads: []string{w("item"), w("count")},
			Widths: []float64{44, 16}, Right: []bool{false, true}, Rows: rows}
	}
	return workbook.Write(out, workbook.Properties{Title: w("title"), Creator: h.set.Words().Get("packet", "creator"), Date: string(r.AsOf) + "T00:00:00+09:00"},
		[]workbook.Table{table(w("sheet_figures"), rows), table(w("sheet_account"), account)})
}
