package store

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

// comeBack leads uncertain letters to their return, step after step, as a list
// of returned mail of letters that no receipt named does.
func comeBack(list []letters.Dispatch) (lines []letters.ReceiptLine, steps []letters.Step) {
	for i, d := range list {
		lines = append(lines, letters.ReceiptLine{Row: i + 2, LetterID: d.LetterID, Generation: d.Generation, State: "returned", Result: letters.LineApplied})
		token := d.Token
		for _, e := range []letters.Transition{{From: letters.Uncertain, To: letters.HandedOver, Guard: letters.ByEvidence},
			{From: letters.HandedOver, To: letters.Posted, Guard: letters.ByReceipt}, {From: letters.Posted, To: letters.Returned, Guard: letters.ByReceipt}} {
			steps = append(steps, letters.Step{LetterID: d.LetterID, Generation: d.Generation, Token: token, From: e.From, To: e.To,
				Guard: e.Guard, Actor: "reader", At: later(5 * time.Hour).UnixMicro(), Ref: "receipt 1", Why: "moved"})
			token++
		}
	}
	return lines, steps
}

func receiptFile(lines int) letters.ReceiptFile {
	return letters.ReceiptFile{Kind: letters.ReturnedMail, SHA256: strings.Repeat("c", 64), Name: "r.csv", Lines: lines}
}

// What many letters' steps leave behind is what each step alone leaves.
func TestStepsOfManyAreStepsOfEach(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 20)
		doubtedRun(t, s)
		list, err := s.RunDispatches(t.Context(), "run-1")
		must(t, err)
		half := len(list) / 2
		lines, steps := comeBack(list[:half])
		told := 0
		_, err = s.TakeReceipt(t.Context(), receiptFile(half), lines, steps, later(5*time.Hour), func(done int) { told = done })
		must(t, err)
		if told != len(lines)+len(steps) {
			t.Errorf("%d of %d lines and steps were told", told, len(lines)+len(steps))
		}
		_, alone := comeBack(list[half:])
		must(t, s.Steps(t.Context(), alone))
		many, one := storyOf(t, s, list[0].LetterID), storyOf(t, s, list[half].LetterID)
		if !slices.Equal(many, one) || len(many) < 6 {
			t.Errorf("many at once:\n%s\neach alone:\n%s", strings.Join(many, "\n"), strings.Join(one, "\n"))
		}
		suggested, err := s.Suggestions(t.Context())
		must(t, err)
		if len(suggested) != len(list) {
			t.Errorf("%d of %d letters are suggested", len(suggested), len(list))
		}
		for _, g := range suggested {
			if g.Action != letters.ActResendPrint || g.Why != "moved" || g.MadeAt != later(5*time.Hour).UnixMicro() {
				t.Errorf("suggested %+v", g)
			}
		}
		whole(t, s)
	})
}

// storyOf is a letter's dispatch and events without its own IDs.
func storyOf(t testing.TB, s *Store, id letters.ID) []string {
	t.Helper()
	var out []string
	must(t, s.reader().list(t.Context(), &out, `SELECT e.from_state || '>' || e.to_state || ' ' || e.guard || ' ' || e.actor || ' ' || e.ref || ' '
		|| CAST(e.seq AS TEXT) || ' ' || CAST(e.at AS TEXT) || ' ' || d.state || ' ' || CAST(d.token AS TEXT) || d.lease_owner || CAST(d.leased_until AS TEXT)
		FROM letter_event e JOIN dispatch d ON d.letter_id = e.letter_id AND d.generation = e.generation WHERE e.letter_id = ? ORDER BY e.seq`, id))
	return out
}

// One letter that has changed stops the whole receipt, by its name; what is no
// step of a receipt is refused.
func TestStepsOfManyAreAllOrNone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 10)
		doubtedRun(t, s)
		list, err := s.RunDispatches(t.Context(), "run-1")
		must(t, err)
		lines, steps := comeBack(list)
		decide(t, s, letters.ActReceived, list[3].LetterID)
		_, err = s.TakeReceipt(t.Context(), receiptFile(len(lines)), lines, steps, later(7*time.Hour), nil)
		if !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), string(list[3].LetterID)) {
			t.Errorf("%v, want ErrConflict of letter %s", err, list[3].LetterID)
		}
		if state, _ := stateOf(t, s, list[0].LetterID); state != letters.Uncertain {
			t.Errorf("the first letter is %s", state)
		}
		if _, known, err := s.Receipt(t.Context(), receiptFile(0).SHA256); err != nil || known {
			t.Errorf("the receipt is kept: %v, %v", known, err)
		}
		back := []letters.Step{{LetterID: list[0].LetterID, Generation: 1, Token: list[0].Token, From: letters.Uncertain,
			To: letters.QueuedPrint, Guard: letters.ByEvidence, Actor: "reader"}}
		if _, err := s.TakeReceipt(t.Context(), receiptFile(0), nil, back, later(7*time.Hour), nil); !errors.Is(err, letters.ErrTransition) {
			t.Errorf("back to the queue by receipt: %v, want ErrTransition", err)
		}
		whole(t, s)
	})
}

// BenchmarkReceipt books a receipt of a month, and a tenth of it step by step
// for comparison; both per 1,000 letters.
//
//	bash .ci/postgres.sh go test -run '^$' -bench Receipt -benchtime 1x ./letters/store
func BenchmarkReceipt(b *testing.B) {
	const n = 10_000
	for _, db := range backends() {
		b.Run(db.name, func(b *testing.B) {
			for b.Loop() {
				s := openAt(b, db.target(b))
				released(b, s, 1, n)
				classes, err := s.QueuedClasses(b.Context())
				must(b, err)
				run := letters.PrintRun{ID: "run-1", Month: feb, Class: classes[0].Class, PostOn: classes[0].PostOn}
				_, err = s.ClaimPrint(b.Context(), "w1", run, n, 1)
				must(b, err)
				must(b, s.DoubtRun(b.Context(), run, nil))
				list, err := s.RunDispatches(b.Context(), "run-1")
				must(b, err)
				few := len(list) / 10
				_, alone := comeBack(list[:few])
				lines, steps := comeBack(list[few:])
				begun := time.Now()
				must(b, s.Steps(b.Context(), alone))
				each := time.Since(begun).Seconds() * 1000 / float64(few)
				begun = time.Now()
				_, err = s.TakeReceipt(b.Context(), receiptFile(len(lines)), lines, steps, later(5*time.Hour), nil)
				must(b, err)
				many := time.Since(begun).Seconds() * 1000 / float64(len(lines))
				b.ReportMetric(each, "alone-s/1000")
				b.ReportMetric(many, "receipt-s/1000")
				b.ReportMetric(each/many, "ratio")
			}
		})
	}
}
