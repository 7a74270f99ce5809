package desk

import (
	"slices"
	"unicode/utf8"

	"oshirase/letters"
)

// inquiryForm is the form by which a call's outcome is recorded.
type inquiryForm struct {
	Call                      string
	Matched                   bool // the caller is who they say: wishes may be taken
	Outcomes                  []string
	Outcome, Note             string
	Caller, Proxy             string
	Harm                      bool
	Wishes                    map[string]bool
	Postcode, Place, Building string
}

// Wants reports whether a wish is marked.
func (f inquiryForm) Wants(wish string) bool { return f.Wishes[wish] }

// noteMost is how many characters a note may have.
const noteMost = 1000

func newInquiryForm(call letters.Call) inquiryForm {
	f := inquiryForm{Call: call.ID, Matched: call.MatchedBy != "", Wishes: map[string]bool{}, Caller: string(call.Caller), Proxy: call.Proxy}
	switch {
	case call.Answer != letters.CallFound:
		f.Outcomes, f.Outcome = []string{"not_found", "handed_on", "call_back"}, "not_found"
	case !f.Matched:
		f.Outcomes, f.Outcome = []string{"not_confirmed", "handed_on", "call_back"}, "not_confirmed"
	default:
		f.Outcomes = []string{"explained", "call_back", "handed_on"}
	}
	return f
}

// readInquiry takes what was typed into the form.
func (v *Visit) readInquiry(call letters.Call) inquiryForm {
	f := newInquiryForm(call)
	f.Outcome, f.Note, f.Harm = v.Form("outcome"), v.Form("note"), v.Form("harm") != ""
	if call.Purpose == "" {
		f.Caller, f.Proxy = v.Form("caller"), v.Form("proxy")
	}
	for _, w := range v.Forms("wish") {
		f.Wishes[w] = true
	}
	f.Postcode, f.Place, f.Building = v.Form("new_postcode"), v.Form("new_address"), v.Form("new_building")
	return f
}

func (v *Visit) inquiryFaults(call letters.Call, f inquiryForm) []Problem {
	var faults []Problem
	if !slices.Contains(f.Outcomes, f.Outcome) {
		faults = append(faults, v.problem("outcome", "outcome_missing"))
	}
	if utf8.RuneCountInString(f.Note) > noteMost {
		faults = append(faults, v.problem("note", "note_long"))
	}
	if call.Purpose == "" && f.Caller != "" {
		faults = append(faults, v.callerFaults(f.Caller, f.Proxy)...)
	}
	if code, ok := letters.Digits(f.Postcode); f.Wishes["address"] && (!ok || len(code) != 7) {
		faults = append(faults, v.problem("new_postcode", "postcode_form"))
	}
	if f.Wishes["address"] && f.Place == "" {
		faults = append(faults, v.problem("new_address", "address_missing"))
	}
	if !f.Wishes["address"] && f.Postcode+f.Place+f.Building != "" {
		faults = append(faults, v.problem("wish_address", "address_unmarked"))
	}
	return faults
}

// wishes are those of the form; what needs a matched caller is left out
// without one.
func (f inquiryForm) wishes() []letters.Wish {
	var out []letters.Wish
	for _, kind := range []letters.WishKind{letters.WishResend, letters.WishAddress, letters.WishNoContact, letters.WishAnswer} {
		if !f.Wishes[string(kind)] || !f.Matched && kind != letters.WishAnswer {
			continue
		}
		w := letters.Wish{Kind: kind}
		if kind == letters.WishAddress {
			w.PostalCode, _ = letters.Digits(f.Postcode)
			w.Address, w.Building = f.Place, f.Building
		}
		out = append(out, w)
	}
	return out
}

// recordInquiry records a call's outcome and ends it.
func (d *Desk) recordInquiry(v *Visit) error {
	call, err := d.ownCall(v)
	if err != nil {
		return err
	}
	f := v.readInquiry(call)
	if f.Outcome == "handed_on" {
		f.Wishes["answer"] = true // 広報 hears of it
	}
	if faults := v.inquiryFaults(call, f); len(faults) > 0 {
		return d.inquiryAgain(v, call, f, faults)
	}
	if err := v.Record("inquiry", d.objectOf(call), f.Outcome, "done"); err != nil {
		return err
	}
	in := letters.Inquiry{CallID: call.ID, User: v.User.Name, Outcome: f.Outcome, Harm: f.Harm, Note: f.Note}
	if call.Purpose == "" {
		in.Caller, in.Proxy = letters.CallerKind(f.Caller), f.Proxy
	}
	if _, err := d.o.Ledger.Inquire(v.Context(), in, f.wishes()); err != nil {
		return err
	}
	return v.Go("/calls", "inquiry_recorded")
}

// objectOf names the call's letter in the audit chain; a call without one is
// named by its own number.
func (d *Desk) objectOf(call letters.Call) string {
	if call.LetterID != "" {
		return string(call.LetterID)
	}
	return "call " + call.ID
}

// inquiryAgain shows the form as it was typed on the page it stood on.
func (d *Desk) inquiryAgain(v *Visit, call letters.Call, f inquiryForm, faults []Problem) error {
	switch {
	case call.Answer != letters.CallFound:
		return v.Problems("unknown", unknownPage{Call: call, Inquiry: f}, faults...)
	case call.Purpose != "":
		return d.showLetter(v, call, f, faults)
	case call.MatchedBy != "":
		return v.Problems("purpose", purposePage{Call: call}, faults...)
	}
	n, err := d.o.Ledger.Misses(v.Context(), call.LetterID)
	if err != nil {
		return err
	}
	return v.Problems("check", checkPage{Call: call, Ways: checksOf(call), Left: max(0, letters.MissLimit-n), Inquiry: f}, faults...)
}
