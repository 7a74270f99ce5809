package store

import (
	"fmt"
	"testing"
	"time"

	"oshirase/letters"
)

const feb = letters.Month("2023-02")

// sampleRow is contract n of person p, in system CC of retailer A0001.
func sampleRow(no, p, n int) letters.KeyedRow {
	r := letters.Row{
		No: no, SupplyPoint: fmt.Sprintf("09%020d", n), Name: fmt.Sprintf("電力 太郎%d", p), Kind: letters.Individual,
		PostalCode: "8100004", Address: "福岡市中央区見本1-2-3", Phone: "0920000000", Channel: letters.Print,
		RetailerCode: "A0001", RetailerName: "見本小売", Supply: letters.Low, System: "CC",
		Items: []letters.ItemCode{"name", "address"}, First: "2022-10-03", Last: "2022-10-04", Views: 1,
		Viewers: []letters.Viewer{letters.ByAffiliate},
	}
	if p%10 == 3 {
		r.Channel, r.Mail = letters.Email, fmt.Sprintf("taro%d@example.jp", p)
	}
	return keyed(r, p)
}

func keyed(r letters.Row, p int) letters.KeyedRow {
	return letters.KeyedRow{Row: r, CaseKey: fmt.Sprintf("case-%s-%s-%s", r.SupplyPoint, r.System, r.RetailerCode),
		PersonKey: fmt.Sprintf("person-%d", p), FoldKey: fmt.Sprintf("fold-%d", p)}
}

// sampleID is a letter ID of the right form; its check digits do not matter
// to the ledger.
func sampleID(n int) letters.ID { return letters.ID(fmt.Sprintf("%016d", 1_000_000_000_000_000+n)) }

func sha(n int) string { return fmt.Sprintf("%064x", n) }

// stage takes rows in as a finished file of the month.
func stage(t testing.TB, s *Store, m letters.Month, n int, rows ...letters.KeyedRow) int64 {
	t.Helper()
	ctx := t.Context()
	must(t, s.EnsureMonth(ctx, m))
	id, err := s.StageFile(ctx, letters.SourceFile{Month: m, SHA256: sha(n), Bytes: 100, Name: "list.csv",
		Format: "csv", Encoding: "cp932", ImportedBy: "hiro"})
	must(t, err)
	must(t, s.StageRows(ctx, id, rows))
	must(t, s.FinishStaging(ctx, id, len(rows)))
	return id
}

// planOf is the plainest plan of rows: one letter for each person, one case
// for each row, in the order of the rows.
func planOf(t testing.TB, s *Store, m letters.Month, base int, files ...int64) letters.Plan {
	t.Helper()
	p := letters.Plan{Month: m, Activate: files}
	at := make(map[string]letters.ID)
	err := s.PlanRows(t.Context(), m, files, func(r letters.PlanRow) error {
		ref := letters.RowRef{FileID: r.FileID, No: r.No}
		p.Counts.Rows++
		if r.Rejected {
			p.Rows = append(p.Rows, letters.PlannedRow{RowRef: ref, Outcome: letters.OutRejected,
				Reason: letters.ReasonProblem, Case: -1})
			p.Counts.RejectedRows++
			return nil
		}
		id, ok := at[r.PersonKey]
		if !ok {
			id = sampleID(base + len(at))
			at[r.PersonKey] = id
			p.Letters = append(p.Letters, letters.PlannedLetter{ID: id, Lead: ref, PersonKey: r.PersonKey,
				FoldKey: r.FoldKey, Kind: letters.First, Channel: r.Channel, Facts: "facts-" + r.PersonKey})
			p.Counts.Letters++
		}
		p.Rows = append(p.Rows, letters.PlannedRow{RowRef: ref, Outcome: letters.OutLetter, Case: len(p.Cases), Letter: id})
		p.Cases = append(p.Cases, letters.PlannedCase{Lead: ref, CaseKey: r.CaseKey, Version: 1,
			Confirmed: r.Items, First: r.First, Last: r.Last, Letter: id})
		p.Counts.LetterRows++
		return nil
	})
	must(t, err)
	return p
}

// planned is a month of n persons with one contract each, planned.
func planned(t testing.TB, s *Store, m letters.Month, base, n int) letters.Plan {
	t.Helper()
	rows := make([]letters.KeyedRow, n)
	for i := range rows {
		rows[i] = sampleRow(i+2, base+i, base+i)
	}
	p := planOf(t, s, m, base, stage(t, s, m, base+1, rows...))
	must(t, s.ApplyPlan(t.Context(), p, "hiro", start()))
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func later(d time.Duration) time.Time { return start().Add(d) }

// sampleRendering is what a renderer would say of a one-page letter.
func sampleRendering(n int) letters.Rendering {
	return letters.Rendering{Renderer: "r1", TemplateVersion: "t1", ContentHash: sha(7000 + n), FileHash: sha(9000 + n),
		FileSize: 1234, PageHashes: []string{sha(n), sha(n + 1)}, Pages: 2, Envelope: "naga3", Barcode: true, Class: "naga3-b1-s2"}
}

// rendered renders every planned letter of the month.
func rendered(t testing.TB, s *Store, m letters.Month) {
	t.Helper()
	var results []letters.RenderResult
	err := s.Letters(t.Context(), m, []letters.State{letters.Planned}, func(l letters.Letter, d letters.Dispatch) error {
		results = append(results, letters.RenderResult{LetterID: l.ID, Generation: d.Generation, Token: d.Token,
			Rendering: sampleRendering(len(results))})
		return nil
	})
	must(t, err)
	must(t, s.SaveRenderings(t.Context(), results, "hiro", later(time.Hour)))
}
