package main

import (
	"strings"
	"testing"

	"oshirase/letters"
	"oshirase/letters/store"
)

// TestAgentAtTheTerminal holds an agent who types commands to the desk's
// rules: what is under 支援措置 does not exist, and looking up has an end.
func TestAgentAtTheTerminal(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.env["OSHIRASE_DESK_LOOKS_STOP"] = "4"
	o.ok("user", "add", "kana", "--role", "callcenter")
	o.ledger(func(s *store.Store) { shelteredLetter(t, s) })
	open, hidden := agentID(t, 1), agentID(t, 2)
	look := []string{"--as", "kana", "--reason", "問合せ"}
	if out, _ := o.ends(0, append([]string{"show", string(open)}, look...)...); !strings.Contains(out, "電力 太郎") {
		t.Errorf("show says %s", out)
	}
	_, unknown := o.ends(1, append([]string{"show", string(agentID(t, 9))}, look...)...)
	if _, errs := o.ends(1, append([]string{"show", string(hidden)}, look...)...); lastLine(errs) != lastLine(unknown) {
		t.Errorf("支援措置 is told as %q, not found as %q", lastLine(errs), lastLine(unknown))
	}
	o.ends(4, append([]string{"show", string(open)}, look...)...)
	if all := chainOf(t, o); all[len(all)-1].Actor+" "+all[len(all)-1].Outcome != "kana stopped" {
		t.Errorf("the chain ends with %+v, want kana stopped", all[len(all)-1])
	}
	if out, _ := o.ends(0, "show", string(hidden), "--as", "hana", "--reason", "判断"); !strings.Contains(out, "電力 次郎") {
		t.Errorf("広報 is told %s", out)
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func agentID(t *testing.T, n byte) letters.ID {
	t.Helper()
	id, err := letters.NewID(strings.NewReader(strings.Repeat(string('0'+n), 8)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// shelteredLetter plans two letters, the second under 支援措置.
func shelteredLetter(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, m := t.Context(), letters.Month("2023-02")
	p := letters.Plan{Month: m}
	var rows []letters.KeyedRow
	noFault(t, s.EnsureMonth(ctx, m))
	file, err := s.StageFile(ctx, letters.SourceFile{Month: m, SHA256: strings.Repeat("a", 64), Bytes: 1, Name: "list.csv", Format: "csv", Encoding: "cp932", ImportedBy: "hana"})
	noFault(t, err)
	for i, who := range []string{"電力 太郎", "電力 次郎"} {
		key, id, ref := who, agentID(t, byte(i+1)), letters.RowRef{FileID: file, No: i + 2}
		row := letters.Row{No: i + 2, SupplyPoint: "0900000000000000000000"[:21] + string(rune('1'+i)), Name: who, Kind: letters.Individual, PostalCode: "8100004",
			Address: "福岡市中央区見本1-2-3", Channel: letters.Print, RetailerCode: "A0001", Supply: letters.Low, System: "CC", First: "2022-10-03", Last: "2022-10-03"}
		if i == 1 {
			row.Handling = letters.HandlingShelter
		}
		rows = append(rows, letters.KeyedRow{Row: row, CaseKey: key, PersonKey: key, FoldKey: key})
		p.Letters = append(p.Letters, letters.PlannedLetter{ID: id, Lead: ref, PersonKey: key, FoldKey: key, Kind: letters.First, Channel: letters.Print, Facts: key})
		p.Rows = append(p.Rows, letters.PlannedRow{RowRef: ref, Outcome: letters.OutLetter, Case: i, Letter: id})
		p.Cases = append(p.Cases, letters.PlannedCase{Lead: ref, CaseKey: key, Version: 1, Unrecorded: true, First: row.First, Last: row.Last, Letter: id})
	}
	p.Activate = []int64{file}
	noFault(t, s.StageRows(ctx, file, rows))
	noFault(t, s.FinishStaging(ctx, file, len(rows)))
	noFault(t, s.ApplyPlan(ctx, p, "hana", letters.Date("2023-02-08").Time()))
}

func noFault(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
