package desk

import (
	"context"
	"errors"
	"net/http"

	"oshirase/letters"
)

// wishesPage is what wishes.html gets.
type wishesPage struct {
	Open  []openWish
	Typed map[int64]string
}

// openWish is a wish with where its letter stands.
type openWish struct {
	letters.Wish
	Month    letters.Month
	State    letters.State
	Proposes letters.Action // what accepting it proposes to a second person, "" = nothing
}

// wishes lists what callers wish. New addresses stand in it, so the look is
// recorded.
func (d *Desk) wishes(v *Visit) error { return d.showWishes(v, nil) }

func (d *Desk) showWishes(v *Visit, typed map[int64]string, faults ...Problem) error {
	if err := v.Record("wishes", "list", "decide", "shown"); err != nil {
		return err
	}
	list, err := d.o.Ledger.OpenWishes(v.Context())
	if err != nil {
		return err
	}
	page := wishesPage{Typed: typed}
	for _, w := range list {
		one, err := d.standing(v, w)
		if err != nil {
			return err
		}
		page.Open = append(page.Open, one)
	}
	if len(faults) > 0 {
		return v.Problems("wishes", page, faults...)
	}
	return v.Show("wishes", page)
}

func (d *Desk) standing(v *Visit, w letters.Wish) (openWish, error) {
	one := openWish{Wish: w}
	if w.LetterID == "" {
		return one, nil
	}
	l, dispatches, err := d.o.Ledger.Letter(v.Context(), w.LetterID)
	if err != nil {
		return one, err
	}
	last := dispatches[len(dispatches)-1]
	one.Month, one.State = l.Month, last.State
	if w.Kind == letters.WishResend || w.Kind == letters.WishAddress {
		if _, err := letters.ActResendPrint.Effect(last.State, last.Channel); err == nil {
			one.Proposes = letters.ActResendPrint
		}
	}
	return one, nil
}

// decideWish is 広報's word. An accepted wish for a letter that came back is
// proposed to a second person; nothing is sent by it.
func (d *Desk) decideWish(v *Visit) error {
	id, err := v.pathID()
	if err != nil {
		return err
	}
	answer, faults := v.answerOf("answer" + v.Path("id"))
	accept := v.Form("decision") == "accept"
	if !accept && v.Form("decision") != "decline" {
		faults = append(faults, v.problem("answer"+v.Path("id"), "decision_missing"))
	}
	if len(faults) > 0 {
		return d.showWishes(v, map[int64]string{id: answer}, faults...)
	}
	w, err := d.openWish(v, id)
	if err != nil {
		return err
	}
	if err := v.Record("wish", "wish "+v.Path("id"), v.Form("decision"), "done"); err != nil {
		return err
	}
	var decision int64
	if accept && w.Proposes != "" {
		if decision, err = d.propose(v, w, answer); err != nil {
			told, ok := d.o.Refusal(err)
			if !ok {
				return err
			}
			text := d.words.sentence(told.Key, told.Args...)
			return d.showWishes(v, map[int64]string{id: answer}, Problem{"answer" + v.Path("id"), text})
		}
	}
	if err := d.o.Ledger.DecideWish(v.Context(), id, accept, v.User.Name, answer, decision); err != nil {
		return d.takeBack(v, decision, err)
	}
	if decision != 0 {
		return v.Go("/wishes", "wish_proposed")
	}
	return v.Go("/wishes", "saved")
}

// takeBack withdraws the proposal of a wish that somebody else decided
// meanwhile.
func (d *Desk) takeBack(v *Visit, decision int64, cause error) error {
	if decision == 0 {
		return cause
	}
	return errors.Join(cause, d.o.Ledger.WithdrawDecision(context.WithoutCancel(v.Context()), decision, v.User.Name, d.o.Now()))
}

func (d *Desk) openWish(v *Visit, id int64) (openWish, error) {
	list, err := d.o.Ledger.OpenWishes(v.Context())
	if err != nil {
		return openWish{}, err
	}
	for _, w := range list {
		if w.ID == id {
			return d.standing(v, w)
		}
	}
	return openWish{}, &Refusal{Status: http.StatusConflict, Key: "conflict", Err: errors.New("wish is not open")}
}

func (d *Desk) propose(v *Visit, w openWish, why string) (int64, error) {
	one := letters.ProposedLetter{ID: w.LetterID}
	if w.Kind == letters.WishAddress {
		l, _, err := d.o.Ledger.Letter(v.Context(), w.LetterID)
		if err != nil {
			return 0, err
		}
		to := l.Recipient
		to.PostalCode, to.Address, to.Building = w.PostalCode, w.Address, w.Building
		one.Recipient = &to
	}
	return d.o.Steps.Propose(v.Context(), letters.Proposal{Action: w.Proposes, Reason: why, By: v.User.Name, Letters: []letters.ProposedLetter{one}})
}
