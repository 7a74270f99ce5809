package store

import (
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

// doubtedRun is a run whose folder is whole and whose drop nobody answered.
func doubtedRun(t testing.TB, s *Store) []letters.Dispatch {
	t.Helper()
	classes, err := s.QueuedClasses(t.Context())
	must(t, err)
	run := letters.PrintRun{ID: "run-1", Month: feb, Class: classes[0].Class, PostOn: classes[0].PostOn}
	got, err := s.ClaimPrint(t.Context(), "w1", run, 1000, 1)
	must(t, err)
	run.Sheets, run.Manifest = 2*len(got), strings.Repeat("a", 64)
	var items []letters.PrintItem
	for i, d := range got {
		items = append(items, letters.PrintItem{LetterID: d.LetterID, Generation: d.Generation, File: "run-1-001.pdf",
			FirstPage: 2*i + 1, Pages: 2, FileHash: strings.Repeat("b", 64)})
	}
	must(t, s.DoubtRun(t.Context(), run, items))
	return got
}

func runState(t testing.TB, s *Store) string {
	t.Helper()
	runs, err := s.Runs(t.Context(), feb)
	must(t, err)
	return runs[0].State
}

// A run is uncertain as long as one of its letters is; then it is what they
// say, whoever settled them.
func TestDoubtfulRunFollowsItsLetters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		first, rest letters.Action // "" = by the printer's receipt
		want        string
	}{
		{"all received", letters.ActReceived, letters.ActReceived, "handed_over"},
		{"one received, the rest queued again", letters.ActReceived, letters.ActNotReceived, "handed_over"},
		{"none received", letters.ActNotReceived, letters.ActNotReceived, "given_back"},
		{"none received, some sent anew", letters.ActNotReceived, letters.ActResendPrint, "given_back"},
		{"the receipt names one, the rest sent anew", "", letters.ActResendPrint, "handed_over"},
		{"all by receipt", "", "", "handed_over"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *Store) {
				released(t, s, 1, 6)
				got := doubtedRun(t, s)
				if items, err := s.RunItems(t.Context(), "run-1"); err != nil || len(items) != len(got) {
					t.Errorf("%d of %d items known, %v", len(items), len(got), err)
				}
				settle(t, s, c.first, got[:1])
				if state := runState(t, s); state != "uncertain" || isSettled(t, s, "run-1") {
					t.Errorf("after one of %d letters the run is %s", len(got), state)
				}
				settle(t, s, c.rest, got[1:])
				if state := runState(t, s); state != c.want || !isSettled(t, s, "run-1") || isSettled(t, s, "run-2") {
					t.Errorf("the run is %s, want %s, settled; and no other", state, c.want)
				}
				whole(t, s)
			})
		})
	}
}

func isSettled(t testing.TB, s *Store, runID string) bool {
	t.Helper()
	yes, err := s.RunSettled(t.Context(), runID)
	must(t, err)
	return yes
}

// settle settles uncertain letters by an action, or by the printer's receipt.
func settle(t testing.TB, s *Store, action letters.Action, list []letters.Dispatch) {
	t.Helper()
	var ids []letters.ID
	var lines []letters.ReceiptLine
	var steps []letters.Step
	for i, d := range list {
		ids = append(ids, d.LetterID)
		lines = append(lines, letters.ReceiptLine{Row: i + 2, LetterID: d.LetterID, Generation: d.Generation, State: "posted", Result: letters.LineApplied})
		steps = append(steps, letters.Step{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token + 1, From: letters.Uncertain,
			To: letters.HandedOver, Guard: letters.ByEvidence, Actor: "reader"})
	}
	if action != "" {
		decide(t, s, action, ids...)
		return
	}
	f := letters.ReceiptFile{Kind: letters.PrinterReceipt, SHA256: strings.Repeat(string(list[0].LetterID[15]), 64), Name: "r.csv", Lines: len(lines)}
	_, err := s.TakeReceipt(t.Context(), f, lines, steps, later(5*time.Hour), nil)
	must(t, err)
}

// A run whose folder is damaged stays uncertain: what it held nobody can say.
func TestDamagedRunStaysUncertain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 4)
		settle(t, s, letters.ActReceived, uncertainPrint(t, s, "run-1"))
		if state := runState(t, s); state != "uncertain" {
			t.Errorf("the run is %s", state)
		}
		whole(t, s)
	})
}
