package store

import (
	"context"

	"oshirase/letters"
)

// The plan's temporary tables live inside its transaction.
const (
	sqlMakePlanRow = `CREATE TEMP TABLE plan_row (file_id BIGINT NOT NULL, row_no BIGINT NOT NULL,
		outcome TEXT NOT NULL, reason TEXT NOT NULL, case_no BIGINT NOT NULL, letter_id TEXT,
		PRIMARY KEY (file_id, row_no))`
	sqlMakePlanCase = `CREATE TEMP TABLE plan_case (case_no BIGINT PRIMARY KEY, file_id BIGINT NOT NULL,
		row_no BIGINT NOT NULL, case_key TEXT NOT NULL, version BIGINT NOT NULL, confirmed TEXT NOT NULL,
		unrecorded BIGINT NOT NULL, first_on TEXT NOT NULL, last_on TEXT NOT NULL, letter_id TEXT NOT NULL,
		case_id BIGINT, UNIQUE (case_key, version))`
	sqlMakePlanLetter = `CREATE TEMP TABLE plan_letter (letter_id TEXT PRIMARY KEY, file_id BIGINT NOT NULL,
		row_no BIGINT NOT NULL, person_key TEXT NOT NULL, fold_key TEXT NOT NULL, kind TEXT NOT NULL,
		channel TEXT NOT NULL, facts TEXT NOT NULL, hold_reason TEXT NOT NULL, keep BIGINT NOT NULL,
		fate TEXT NOT NULL)`
	sqlMakePlanRef    = `CREATE TEMP TABLE plan_ref (letter_id TEXT NOT NULL, refers_to TEXT NOT NULL)`
	sqlMakePlanNote   = `CREATE TEMP TABLE plan_note (letter_id TEXT NOT NULL, kind TEXT NOT NULL, note TEXT NOT NULL)`
	sqlMakePlanCancel = `CREATE TEMP TABLE plan_cancel (letter_id TEXT PRIMARY KEY)`
	sqlDropPlanRow    = `DROP TABLE plan_row`
	sqlDropPlanCase   = `DROP TABLE plan_case`
	sqlDropPlanLetter = `DROP TABLE plan_letter`
	sqlDropPlanRef    = `DROP TABLE plan_ref`
	sqlDropPlanNote   = `DROP TABLE plan_note`
	sqlDropPlanCancel = `DROP TABLE plan_cancel`
	sqlIndexPlanCase  = `CREATE INDEX plan_case_id ON plan_case (case_id)`

	sqlAnalyzePlanRowPostgres    = `ANALYZE plan_row`
	sqlAnalyzePlanCasePostgres   = `ANALYZE plan_case`
	sqlAnalyzePlanLetterPostgres = `ANALYZE plan_letter`

	bulkPlanRows  bulk = `plan_row (file_id, row_no, outcome, reason, case_no, letter_id)`
	bulkPlanCases bulk = `plan_case (case_no, file_id, row_no, case_key, version, confirmed, unrecorded,
		first_on, last_on, letter_id)`
	bulkPlanLetters bulk = `plan_letter (letter_id, file_id, row_no, person_key, fold_key, kind, channel,
		facts, hold_reason, keep, fate)`
	bulkPlanRefs   bulk = `plan_ref (letter_id, refers_to)`
	bulkPlanNotes  bulk = `plan_note (letter_id, kind, note)`
	bulkPlanCancel bulk = `plan_cancel (letter_id)`
)

func (c conn) run(ctx context.Context, statements ...string) error {
	for _, q := range statements {
		if _, err := c.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (w planWriter) load(ctx context.Context) error {
	err := w.run(ctx, sqlMakePlanRow, sqlMakePlanCase, sqlMakePlanLetter, sqlMakePlanRef, sqlMakePlanNote,
		sqlMakePlanCancel, sqlIndexPlanCase)
	if err != nil {
		return err
	}
	for _, load := range []func(context.Context) error{w.loadRows, w.loadCases, w.loadLetters, w.loadRefs,
		w.loadNotes, w.loadCancel} {
		if err := load(ctx); err != nil {
			return err
		}
	}
	if !w.postgres {
		return nil
	}
	return w.run(ctx, sqlAnalyzePlanRowPostgres, sqlAnalyzePlanCasePostgres, sqlAnalyzePlanLetterPostgres)
}

// clean drops the temporary tables; a transaction that fails takes them along.
func (w planWriter) clean(ctx context.Context) error {
	return w.run(ctx, sqlDropPlanRow, sqlDropPlanCase, sqlDropPlanLetter, sqlDropPlanRef, sqlDropPlanNote,
		sqlDropPlanCancel)
}

func (w planWriter) loadRows(ctx context.Context) error {
	rows := w.plan.Rows
	return w.conn.load(ctx, bulkPlanRows, len(rows), func(i int) []any {
		r := &rows[i]
		var letter any
		if r.Letter != "" {
			letter = string(r.Letter)
		}
		return []any{r.FileID, r.No, r.Outcome, r.Reason, r.Case, letter}
	})
}

func (w planWriter) loadCases(ctx context.Context) error {
	cases := w.plan.Cases
	return w.conn.load(ctx, bulkPlanCases, len(cases), func(i int) []any {
		k := &cases[i]
		return []any{i, k.Lead.FileID, k.Lead.No, k.CaseKey, k.Version, joined(k.Confirmed), flag(k.Unrecorded),
			k.First, k.Last, k.Letter}
	})
}

func (w planWriter) loadLetters(ctx context.Context) error {
	list := w.plan.Letters
	return w.conn.load(ctx, bulkPlanLetters, len(list), func(i int) []any {
		l := &list[i]
		return []any{l.ID, l.Lead.FileID, l.Lead.No, l.PersonKey, l.FoldKey, l.Kind, l.Channel,
			l.Facts, firstReason(l.Held), flag(l.Keep), "new"}
	})
}

func firstReason(held []letters.Reason) letters.Reason {
	if len(held) == 0 {
		return ""
	}
	return held[0]
}

func (w planWriter) loadRefs(ctx context.Context) error {
	var refs [][]any
	for _, l := range w.plan.Letters {
		for _, to := range l.Refers {
			refs = append(refs, []any{l.ID, to})
		}
	}
	return w.conn.load(ctx, bulkPlanRefs, len(refs), func(i int) []any { return refs[i] })
}

func (w planWriter) loadNotes(ctx context.Context) error {
	var notes [][]any
	for _, l := range w.plan.Letters {
		for _, r := range l.Held {
			notes = append(notes, []any{l.ID, "held", r})
		}
		for _, r := range l.Notes {
			notes = append(notes, []any{l.ID, "note", r})
		}
	}
	return w.conn.load(ctx, bulkPlanNotes, len(notes), func(i int) []any { return notes[i] })
}

func (w planWriter) loadCancel(ctx context.Context) error {
	ids := w.plan.Cancel
	return w.conn.load(ctx, bulkPlanCancel, len(ids), func(i int) []any { return []any{ids[i]} })
}
