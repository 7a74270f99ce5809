package desk

import (
	"net/http"

	"oshirase/letters"
)

// checkPage is what check.html gets. It says nothing of the letter.
type checkPage struct {
	Call    letters.Call
	Form    checkForm
	Ways    []letters.Attribute // what the caller may be asked for
	Left    int                 // answers left before the supervisor takes over
	Inquiry inquiryForm
}

// checkForm is what the agent typed of what the caller says.
type checkForm struct{ By, LastFour, Name, Postcode string }

// checksOf are what a caller may be checked by: never by what the letter was
// searched with. Not having a telephone number is not told either.
func checksOf(call letters.Call) []letters.Attribute {
	switch call.FoundBy {
	case letters.ByNamePhone:
		return []letters.Attribute{letters.CheckedName}
	case letters.ByNamePostcode:
		return []letters.Attribute{letters.CheckedPhone}
	}
	return []letters.Attribute{letters.CheckedPhone, letters.CheckedName}
}

func (d *Desk) showCheck(v *Visit, call letters.Call, form checkForm, faults ...Problem) error {
	n, err := d.o.Ledger.Misses(v.Context(), call.LetterID)
	if err != nil {
		return err
	}
	form.LastFour, form.Postcode = "", ""
	page := checkPage{Call: call, Form: form, Ways: checksOf(call), Left: max(0, letters.MissLimit-n), Inquiry: newInquiryForm(call)}
	if len(faults) > 0 {
		return v.Problems("check", page, faults...)
	}
	return v.Show("check", page)
}

// checkCaller answers 一致 or 不一致 and nothing else, and neither before the
// chain holds which.
func (d *Desk) checkCaller(v *Visit) error {
	call, err := d.ownCall(v)
	if err != nil {
		return err
	}
	if call.Answer != letters.CallFound || call.MatchedBy != "" {
		return v.Go("/calls/"+call.ID, "")
	}
	form := checkForm{v.Form("by"), v.Form("last_four"), v.Form("name"), v.Form("postcode")}
	by, faults := v.readCheck(call, form)
	if len(faults) > 0 {
		return d.showCheck(v, call, form, faults...)
	}
	leave, err := d.turns.take(v.Context(), call.LetterID)
	if err != nil {
		return err
	}
	defer leave()
	letGo := v.holdOut()
	defer letGo()
	return d.compareAnswer(v, call, by, form)
}

// compareAnswer tells whether the answer agrees. Whoever hangs up meanwhile has
// used an answer all the same.
func (d *Desk) compareAnswer(v *Visit, call letters.Call, by letters.Attribute, form checkForm) error {
	agrees, err := d.agrees(v, call, by, form)
	if err != nil {
		return err
	}
	if !agrees {
		return d.mismatch(v, call, by, form)
	}
	if err := v.Record("caller", string(call.LetterID), string(by), "match"); err != nil {
		return err
	}
	if err := d.o.Ledger.Match(v.Context(), call, by); err != nil {
		return d.checkClosed(err)
	}
	return v.Go("/calls/"+call.ID, "matched")
}

// readCheck finds by what the caller is checked, and what is not filled in.
func (v *Visit) readCheck(call letters.Call, f checkForm) (letters.Attribute, []Problem) {
	four, ok := letters.Digits(f.LastFour)
	for _, way := range checksOf(call) {
		switch {
		case way == letters.CheckedPhone && f.LastFour != "":
			if !ok || len(four) != 4 {
				return "", []Problem{v.problem("last_four", "last_four_form")}
			}
			return way, nil
		case way == letters.CheckedName && f.Name+f.Postcode != "":
			code, ok := letters.Digits(f.Postcode)
			if f.Name == "" {
				return "", []Problem{v.problem("name", "name_missing")}
			}
			if !ok || len(code) != 7 {
				return "", []Problem{v.problem("postcode", "postcode_form")}
			}
			return way, nil
		}
	}
	if checksOf(call)[0] == letters.CheckedPhone {
		return "", []Problem{v.problem("last_four", "check_missing")}
	}
	return "", []Problem{v.problem("name", "check_missing")}
}

// agrees compares what was said with the letter; while wrong answers stand
// against the letter it compares nothing.
func (d *Desk) agrees(v *Visit, call letters.Call, by letters.Attribute, f checkForm) (bool, error) {
	n, err := d.o.Ledger.Misses(v.Context(), call.LetterID)
	if err != nil {
		return false, err
	}
	if n >= letters.MissLimit {
		if err := v.Record("caller", string(call.LetterID), string(by), "stopped"); err != nil {
			return false, err
		}
		return false, refuse(http.StatusTooManyRequests, "check_closed")
	}
	s, err := d.o.Ledger.Subject(v.Context(), call.LetterID)
	if err != nil {
		return false, err
	}
	claim := letters.Claim{LastFour: f.LastFour, Name: f.Name, Postcode: f.Postcode}
	if by == letters.CheckedPhone {
		return claim.ByPhone(s), nil
	}
	return claim.ByName(s), nil
}

func (d *Desk) mismatch(v *Visit, call letters.Call, by letters.Attribute, form checkForm) error {
	if err := v.Record("caller", string(call.LetterID), string(by), "mismatch"); err != nil {
		return err
	}
	n, err := d.o.Ledger.Miss(v.Context(), call)
	if err != nil {
		return err
	}
	switch {
	case n > letters.MissLimit: // other processes were faster: told as if not compared
		return refuse(http.StatusTooManyRequests, "check_closed")
	case n == letters.MissLimit:
		return v.Go("/calls/"+call.ID, "")
	}
	field := "last_four"
	if by == letters.CheckedName {
		field = "name"
	}
	return d.showCheck(v, call, form, v.problem(field, "mismatch"))
}

// checkClosed says that the supervisor must look first.
func (d *Desk) checkClosed(err error) error {
	if told, ok := d.o.Refusal(err); ok && told.Status == http.StatusTooManyRequests {
		return &Refusal{Status: http.StatusTooManyRequests, Key: "check_closed", Err: err}
	}
	return err
}
