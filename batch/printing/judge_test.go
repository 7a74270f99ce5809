package printing

import (
	"slices"
	"testing"

	"oshirase/letters"
)

func printed(id letters.ID, state letters.State) []letters.Dispatch {
	d := letters.Dispatch{LetterID: id, Generation: 1, Token: 7, State: state, RunID: "run-1", Channel: letters.Print}
	d.Rendering.Pages = 2
	return []letters.Dispatch{d}
}

// What a receipt says, against where the letter stands.
func TestJudgeLines(t *testing.T) {
	t.Parallel()
	const none = letters.State("")
	for _, c := range []struct {
		stands letters.State
		said   []ReceiptState
		want   []letters.ReceiptResult
		ends   letters.State // none = no step
	}{
		{letters.HandedOver, []ReceiptState{Posted}, []letters.ReceiptResult{letters.LineApplied}, letters.Posted},
		{letters.HandedOver, []ReceiptState{Withdrawn}, []letters.ReceiptResult{letters.LineApplied}, letters.Withdrawn},
		{letters.HandedOver, []ReceiptState{Remade}, []letters.ReceiptResult{letters.LineApplied}, none},
		{letters.HandedOver, []ReceiptState{Posted, Remade}, []letters.ReceiptResult{letters.LineApplied, letters.LineApplied}, letters.Posted},
		{letters.HandedOver, []ReceiptState{Returned, Posted}, []letters.ReceiptResult{letters.LineApplied, letters.LineApplied}, letters.Returned},
		{letters.HandedOver, []ReceiptState{Posted, Withdrawn}, []letters.ReceiptResult{letters.LineContradiction, letters.LineContradiction}, none},
		{letters.Uncertain, []ReceiptState{Posted}, []letters.ReceiptResult{letters.LineApplied}, letters.Posted},
		{letters.Uncertain, []ReceiptState{Remade}, []letters.ReceiptResult{letters.LineApplied}, letters.HandedOver},
		{letters.Posted, []ReceiptState{Posted}, []letters.ReceiptResult{letters.LineKnown}, none},
		{letters.Posted, []ReceiptState{Withdrawn}, []letters.ReceiptResult{letters.LineContradiction}, none},
		{letters.Posted, []ReceiptState{Returned}, []letters.ReceiptResult{letters.LineApplied}, letters.Returned},
		{letters.Returned, []ReceiptState{Posted}, []letters.ReceiptResult{letters.LineKnown}, none},
		{letters.Withdrawn, []ReceiptState{Posted}, []letters.ReceiptResult{letters.LineContradiction}, none},
		{letters.Superseded, []ReceiptState{Posted}, []letters.ReceiptResult{letters.LineContradiction}, none},
		{letters.InPrintRun, []ReceiptState{Posted}, []letters.ReceiptResult{letters.LineContradiction}, none},
	} {
		id := testID(1)
		var entries []ReceiptEntry
		for i, s := range c.said {
			entries = append(entries, ReceiptEntry{Row: i + 2, LetterID: id, State: s})
		}
		judged, steps := Judge(entries, map[letters.ID][]letters.Dispatch{id: printed(id, c.stands)}, nil, "reader")
		var got []letters.ReceiptResult
		for _, j := range judged {
			got = append(got, j.Result)
		}
		ends, token := none, int64(7)
		for _, s := range steps {
			if err := letters.CheckTransition(s.From, s.To, s.Guard); err != nil || s.Token != token {
				t.Errorf("%s, %v: step %+v, %v", c.stands, c.said, s, err)
			}
			ends, token = s.To, token+1
		}
		if !slices.Equal(got, c.want) || ends != c.ends {
			t.Errorf("%s, said %v: %v ending %q, want %v ending %q", c.stands, c.said, got, ends, c.want, c.ends)
		}
	}
}

// Letters that the ledger does not know, that were mailed, or that have been
// sent again since are named, and nothing is changed.
func TestJudgeStrangers(t *testing.T) {
	t.Parallel()
	unknown, mailed, again := testID(1), testID(2), testID(3)
	ledger := map[letters.ID][]letters.Dispatch{
		mailed: {{LetterID: mailed, Generation: 1, State: letters.Accepted}},
		again:  append(printed(again, letters.Superseded), letters.Dispatch{LetterID: again, Generation: 2, State: letters.Planned}),
	}
	judged, steps := Judge([]ReceiptEntry{{Row: 2, LetterID: unknown, State: Posted}, {Row: 3, LetterID: mailed, State: Posted},
		{Row: 4, LetterID: again, State: Posted}}, ledger, nil, "reader")
	if len(steps) != 0 {
		t.Errorf("steps %+v", steps)
	}
	want := []letters.ReceiptResult{letters.LineUnknown, letters.LineUnexpected, letters.LineContradiction}
	for i, j := range judged {
		if j.Result != want[i] || (j.Generation == 0) != (want[i] == letters.LineUnknown) {
			t.Errorf("row %d: %s of generation %d, want %s", j.Row, j.Result, j.Generation, want[i])
		}
	}
}

// The reason of a return goes with the step; other sheets than approved are
// seen.
func TestJudgeReasonAndPages(t *testing.T) {
	t.Parallel()
	id := testID(1)
	judged, steps := Judge([]ReceiptEntry{{Row: 2, LetterID: id, State: Returned, Reason: "moved", Pages: 3}},
		map[letters.ID][]letters.Dispatch{id: printed(id, letters.Posted)}, nil, "reader")
	if len(steps) != 1 || steps[0].Why != "moved" {
		t.Errorf("steps %+v", steps)
	}
	if !judged[0].PagesDiffer() || judged[0].Approved != 2 {
		t.Errorf("judged %+v", judged[0])
	}
}

// A letter that was printed twice: the reported day tells which of the two is
// meant; without one nothing is certain.
func TestJudgeTellsGenerationsApart(t *testing.T) {
	t.Parallel()
	id := testID(1)
	for _, c := range []struct {
		what   string
		date   letters.Date
		said   ReceiptState
		result letters.ReceiptResult
		of     int
		steps  int
	}{
		{"a late line of the first", "2023-02-08", Posted, letters.LineContradiction, 1, 0},
		{"the second", "2023-02-28", Posted, letters.LineApplied, 2, 1},
		{"the second came back", "2023-03-10", Returned, letters.LineApplied, 2, 1},
		{"no day", "", Posted, letters.LineContradiction, 2, 0},
	} {
		all := printed(id, letters.Superseded)
		all[0].PostOn = "2023-02-08"
		all = append(all, printed(id, letters.HandedOver)...)
		all[1].Generation, all[1].PostOn, all[1].RunID = 2, "2023-02-28", "run-2"
		judged, steps := Judge([]ReceiptEntry{{Row: 2, LetterID: id, State: c.said, Date: c.date}}, map[letters.ID][]letters.Dispatch{id: all}, nil, "reader")
		if j := judged[0]; j.Result != c.result || j.Generation != c.of || len(steps) != c.steps {
			t.Errorf("%s: %s of generation %d, %d steps; want %s of %d, %d", c.what, j.Result, j.Generation, len(steps), c.result, c.of, c.steps)
		}
	}
}

// A cumulative receipt names the first sending again and again after the
// letter was sent a second time: what was booked of it is known.
func TestJudgeKnowsWhatWasBooked(t *testing.T) {
	t.Parallel()
	id := testID(1)
	line := func(s ReceiptState, day letters.Date) letters.ReceiptLine {
		return letters.ReceiptLine{LetterID: id, Generation: 1, State: string(s), Reported: day}
	}
	dated := []letters.ReceiptLine{line(Posted, "2023-02-08"), line(Returned, "2023-02-20")}
	undated := []letters.ReceiptLine{line(Posted, ""), line(Returned, "")}
	for _, c := range []struct {
		what   string
		second letters.State
		booked []letters.ReceiptLine
		said   ReceiptState
		date   letters.Date
		result letters.ReceiptResult
		of     int
	}{
		{"posted, as before", letters.HandedOver, dated, Posted, "2023-02-08", letters.LineKnown, 1},
		{"returned, as before", letters.HandedOver, dated, Returned, "2023-02-20", letters.LineKnown, 1},
		{"returned on the day on which the second was due", letters.HandedOver, []letters.ReceiptLine{line(Returned, "2023-03-01")}, Returned, "2023-03-01", letters.LineKnown, 1},
		{"posted without a day, as before", letters.HandedOver, undated, Posted, "", letters.LineKnown, 1},
		{"without a day, the second not printed yet", letters.Planned, undated, Returned, "", letters.LineKnown, 1},
		{"posted, where only the return was booked", letters.Planned, undated[1:], Posted, "", letters.LineKnown, 1},
		{"what nobody reported of the first", letters.HandedOver, dated, Withdrawn, "2023-02-08", letters.LineContradiction, 1},
		{"a return without a day, which may be the second's", letters.Posted, undated, Returned, "", letters.LineContradiction, 2},
		{"the second", letters.HandedOver, dated, Posted, "2023-02-28", letters.LineApplied, 2},
	} {
		all := printed(id, letters.Superseded)
		all[0].PostOn = "2023-02-08"
		all = append(all, printed(id, c.second)...)
		all[1].Generation, all[1].PostOn, all[1].RunID = 2, "2023-02-28", "run-2"
		if c.second == letters.Planned {
			all[1].RunID = ""
		}
		judged, steps := Judge([]ReceiptEntry{{Row: 2, LetterID: id, State: c.said, Date: c.date}},
			map[letters.ID][]letters.Dispatch{id: all}, map[letters.ID][]letters.ReceiptLine{id: c.booked}, "reader")
		if j := judged[0]; j.Result != c.result || j.Generation != c.of || (len(steps) > 0) != (c.result == letters.LineApplied) {
			t.Errorf("%s: %s of generation %d, %d steps; want %s of %d", c.what, j.Result, j.Generation, len(steps), c.result, c.of)
		}
	}
}

// One receipt may name both sendings by their days; of one sending two days
// cannot both be right.
func TestJudgeTwoDays(t *testing.T) {
	t.Parallel()
	id := testID(1)
	both := []ReceiptEntry{{Row: 2, LetterID: id, State: Posted, Date: "2023-02-08"}, {Row: 3, LetterID: id, State: Posted, Date: "2023-02-28"}}
	all := append(printed(id, letters.Superseded), printed(id, letters.HandedOver)...)
	all[0].PostOn, all[1].Generation, all[1].PostOn = "2023-02-08", 2, "2023-02-28"
	booked := map[letters.ID][]letters.ReceiptLine{id: {{LetterID: id, Generation: 1, State: "posted", Reported: "2023-02-08"}}}
	judged, steps := Judge(both, map[letters.ID][]letters.Dispatch{id: all}, booked, "reader")
	if judged[0].Result != letters.LineKnown || judged[1].Result != letters.LineApplied || len(steps) != 1 {
		t.Errorf("both sendings: %s, %s, %d steps", judged[0].Result, judged[1].Result, len(steps))
	}
	judged, steps = Judge(both, map[letters.ID][]letters.Dispatch{id: printed(id, letters.HandedOver)}, nil, "reader")
	if judged[0].Result != letters.LineApplied || judged[1].Result != letters.LineContradiction || len(steps) != 1 {
		t.Errorf("one sending: %s, %s, %d steps", judged[0].Result, judged[1].Result, len(steps))
	}
}
