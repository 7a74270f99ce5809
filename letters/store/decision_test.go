package store

import (
	"errors"
	"testing"
	"time"

	"oshirase/letters"
)

func proposal(action letters.Action, ids ...letters.ID) letters.Proposal {
	p := letters.Proposal{Action: action, Reason: "lost in the post", By: "hiro"}
	for _, id := range ids {
		p.Letters = append(p.Letters, letters.ProposedLetter{ID: id})
	}
	return p
}

// uncertainMails leaves every queued mail uncertain and returns them.
func uncertainMails(t testing.TB, s *Store) []letters.Dispatch {
	t.Helper()
	got, err := s.ClaimEmail(t.Context(), "w1", 100, time.Minute)
	must(t, err)
	for i := range got {
		d := &got[i]
		for _, edge := range []letters.Transition{{From: letters.Claimed, To: letters.HandingOver, Guard: letters.ByToken},
			{From: letters.HandingOver, To: letters.Uncertain}} {
			d.MessageID = string(d.LetterID) + ".g1@example.jp"
			stepTo(t, s, d, edge, "")
		}
	}
	return got
}

func stepTo(t testing.TB, s *Store, d *letters.Dispatch, e letters.Transition, why string) {
	t.Helper()
	token, err := s.Step(t.Context(), letters.Step{LetterID: d.LetterID, Generation: d.Generation, Token: d.Token, From: e.From,
		To: e.To, Guard: e.Guard, Actor: "w1", At: later(4 * time.Hour).UnixMicro(), MessageID: d.MessageID, Why: why})
	must(t, err)
	d.Token, d.State = token, e.To
}

func decide(t testing.TB, s *Store, action letters.Action, ids ...letters.ID) {
	t.Helper()
	id, err := s.Propose(t.Context(), proposal(action, ids...), later(5*time.Hour))
	must(t, err)
	_, err = s.Confirm(t.Context(), id, "kei", later(6*time.Hour))
	must(t, err)
}

func stateOf(t testing.TB, s *Store, id letters.ID) (letters.State, int) {
	t.Helper()
	_, all, err := s.Letter(t.Context(), id)
	must(t, err)
	return all[len(all)-1].State, len(all)
}

// Each action over an uncertain letter leads where it says, and the
// invariants hold after each.
func TestActionsOverUncertainLetters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		action      letters.Action
		print, mail letters.State
		generations int
	}{
		{letters.ActReceived, letters.HandedOver, letters.Accepted, 1},
		{letters.ActNotReceived, letters.QueuedPrint, letters.QueuedEmail, 1},
		{letters.ActUnreachable, letters.ClosedUnreachable, letters.ClosedUnreachable, 1},
		{letters.ActResendPrint, letters.Planned, letters.Planned, 2},
	} {
		t.Run(string(c.action), func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *Store) {
				released(t, s, 1, 4)
				mail := uncertainMails(t, s)[0].LetterID
				printed := uncertainPrint(t, s, "run-1")
				ids := []letters.ID{mail}
				for _, d := range printed {
					ids = append(ids, d.LetterID)
				}
				decide(t, s, c.action, ids...)
				for id, want := range map[letters.ID]letters.State{mail: c.mail, printed[0].LetterID: c.print} {
					if got, n := stateOf(t, s, id); got != want || n != c.generations {
						t.Errorf("letter %s is %s in generation %d, want %s in %d", id, got, n, want, c.generations)
					}
				}
				whole(t, s)
				if c.action == letters.ActNotReceived {
					queuedAgain(t, s)
				}
			})
		})
	}
}

// queuedAgain claims what a decision queued: a new run takes it, and the old
// one is empty.
func queuedAgain(t *testing.T, s *Store) {
	t.Helper()
	if again := uncertainPrint(t, s, "run-2"); len(again) != 3 || again[0].RunID != "run-2" {
		t.Errorf("claimed again %+v", again)
	}
	runs, err := s.Runs(t.Context(), feb)
	must(t, err)
	if runs[0].State != "given_back" {
		t.Errorf("a run with no letter left is %s", runs[0].State)
	}
	whole(t, s)
}

// A letter that came back is suggested for paper once, whoever says so how
// often; the suggestion goes when people take it up.
func TestEachBounceIsSuggestedOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 4)
		d := uncertainMails(t, s)[0]
		stepTo(t, s, &d, letters.Transition{From: letters.Uncertain, To: letters.Accepted, Guard: letters.ByEvidence}, "")
		stepTo(t, s, &d, letters.Transition{From: letters.Accepted, To: letters.Bounced, Guard: letters.ByReceipt}, "hard 5.1.1")
		list, err := s.Suggestions(t.Context())
		must(t, err)
		if len(list) != 1 || list[0].LetterID != d.LetterID || list[0].Action != letters.ActResendPrint || list[0].Why != "hard 5.1.1" {
			t.Fatalf("suggestions %+v", list)
		}
		id, err := s.Propose(t.Context(), proposal(letters.ActResendPrint, d.LetterID), start())
		must(t, err)
		if list, err = s.Suggestions(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("a suggestion that was taken up is still open: %+v, %v", list, err)
		}
		if _, err := s.Propose(t.Context(), proposal(letters.ActUnreachable, d.LetterID), start()); !errors.Is(err, ErrPending) {
			t.Errorf("a second proposal: %v, want ErrPending", err)
		}
		must(t, s.WithdrawDecision(t.Context(), id, "hiro", start()))
		if _, err := s.Confirm(t.Context(), id, "kei", start()); !errors.Is(err, ErrDecided) {
			t.Errorf("confirming what was withdrawn: %v, want ErrDecided", err)
		}
		decide(t, s, letters.ActResendPrint, d.LetterID)
		if state, n := stateOf(t, s, d.LetterID); state != letters.Planned || n != 2 {
			t.Errorf("letter is %s in generation %d", state, n)
		}
		if list, err = s.Suggestions(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("decided, yet suggested: %+v, %v", list, err)
		}
		whole(t, s)
	})
}

// What changed between the two persons' words is not decided over, and one
// letter that cannot be stops the whole list.
func TestDecisionsAreOverWhatWasSeen(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 4)
		d := uncertainMails(t, s)[0]
		if _, err := s.Propose(t.Context(), proposal(letters.ActReceived, d.LetterID, sampleID(1)), start()); !errors.Is(err, letters.ErrTransition) {
			t.Errorf("a queued letter was received: %v, want ErrTransition", err)
		}
		if open, err := s.OpenDecisions(t.Context()); err != nil || len(open) != 0 {
			t.Errorf("a refused proposal is kept: %+v, %v", open, err)
		}
		id, err := s.Propose(t.Context(), proposal(letters.ActNotReceived, d.LetterID), start())
		must(t, err)
		stepTo(t, s, &d, letters.Transition{From: letters.Uncertain, To: letters.Accepted, Guard: letters.ByEvidence}, "")
		_, err = s.Confirm(t.Context(), id, "kei", start())
		refused, ok := errors.AsType[*LetterError](err)
		if !ok || !errors.Is(err, ErrMoved) || refused.ID != d.LetterID {
			t.Errorf("evidence came first: %v, want ErrMoved with the letter", err)
		}
		if state, _ := stateOf(t, s, d.LetterID); state != letters.Accepted {
			t.Errorf("letter is %s", state)
		}
		if open, err := s.OpenDecisions(t.Context()); err != nil || len(open) != 1 {
			t.Errorf("the proposal waits to be withdrawn: %+v, %v", open, err)
		}
		whole(t, s)
	})
}

// Cancelling an approved letter leaves its rows held; a corrected recipient
// goes with the new generation alone.
func TestCancelAndCorrectedRecipient(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 4)
		decide(t, s, letters.ActCancel, sampleID(1))
		n, err := s.Outcomes(t.Context(), feb)
		must(t, err)
		if n.HeldRows != 1 || n.LetterRows != 3 || n.Letters != 3 || !n.Balanced() {
			t.Errorf("after cancelling one of four: %+v", n)
		}
		whole(t, s)
		id := uncertainPrint(t, s, "run-1")[0].LetterID
		p := proposal(letters.ActResendPrint, id)
		p.Letters[0].Recipient = &letters.Recipient{Name: "電力 花子", Kind: letters.Individual, PostalCode: "8100001", Address: "福岡市中央区天神9-9"}
		number, err := s.Propose(t.Context(), p, start())
		must(t, err)
		before, _, err := s.Letter(t.Context(), id)
		must(t, err)
		_, err = s.Confirm(t.Context(), number, "kei", start())
		must(t, err)
		after, _, err := s.Letter(t.Context(), id)
		must(t, err)
		if before.Recipient.PostalCode != "8100004" || after.Recipient.PostalCode != "8100001" || after.Generation != 2 {
			t.Errorf("recipient before %+v, after %+v", before.Recipient, after.Recipient)
		}
		whole(t, s)
	})
}

// The schema itself refuses a second open proposal over one letter.
func TestTwoOpenProposalsAreNonsense(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 4)
		for range 2 {
			_, err := s.Propose(t.Context(), letters.Proposal{Action: letters.ActCancel, Reason: "x", By: "hiro"}, start())
			must(t, err)
		}
		insert := `INSERT INTO decision_letter (decision_id, letter_id, generation, pending) SELECT 1, MIN(letter_id), 1, 1 FROM letter`
		if _, err := s.db.Exec(insert); err != nil {
			t.Fatal(err)
		}
		if _, err := s.db.Exec(`INSERT INTO decision_letter (decision_id, letter_id, generation, pending) SELECT 2, MIN(letter_id), 1, 1 FROM letter`); err == nil {
			t.Error("a second open proposal over the letter was stored")
		}
	})
}
