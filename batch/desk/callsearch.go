package desk

import (
	"fmt"
	"slices"

	"oshirase/letters"
)

// foundMost is how many letters a search shows; with more it asks for more.
const foundMost = 5

// searchForm is a search by two attributes.
type searchForm struct{ By, Name, Postcode, LastFour, Purpose string }

// searchPage is what search.html gets.
type searchPage struct{ Form searchForm }

// Purposes are why somebody without a number is searched for.
func (searchPage) Purposes() []string { return searchPurposes() }

func searchPurposes() []string { return []string{"no_number", "no_letter", "lost", "other"} }

// foundPage is what found.html gets: masked, each with a call of its own.
type foundPage struct{ Found []foundLetter }

type foundLetter struct {
	Call, Name string
	Month      letters.Month
	Kind       letters.CustomerKind
}

func (d *Desk) search(v *Visit) error {
	return v.Show("search", searchPage{searchForm{By: "postcode"}})
}

// findLetters searches by name and postcode, or name and the last four digits
// of the contact number, slower on purpose, and shows masked what it found.
func (d *Desk) findLetters(v *Visit) error {
	f := searchForm{v.Form("by"), v.Form("name"), v.Form("postcode"), v.Form("last_four"), v.Form("purpose")}
	by, faults := v.readSearch(f)
	if len(faults) > 0 {
		return v.Problems("search", searchPage{f}, faults...)
	}
	if err := v.Record("search", string(by), f.Purpose, "asked"); err != nil {
		return err
	}
	if err := d.o.Ledger.CountSearch(v.Context(), v.User.Name, d.o.Looks); err != nil {
		return d.lookRefused(v, string(by), err)
	}
	if err := d.o.Pause(v.Context()); err != nil {
		return err
	}
	subjects, err := d.subjects(v, by, f)
	if err != nil {
		return err
	}
	if len(subjects) > foundMost {
		return v.Problems("search", searchPage{f}, v.problem("name", "search_many"))
	}
	if err := v.recordFound(by, f.Purpose, subjects); err != nil {
		return err
	}
	return d.showFound(v, by, subjects)
}

func (v *Visit) readSearch(f searchForm) (letters.Attribute, []Problem) {
	var faults []Problem
	by := letters.ByNamePostcode
	if f.Name == "" {
		faults = append(faults, v.problem("name", "name_missing"))
	}
	if f.By == "phone" {
		by = letters.ByNamePhone
		if four, ok := letters.Digits(f.LastFour); !ok || len(four) != 4 {
			faults = append(faults, v.problem("last_four", "last_four_form"))
		}
	} else if code, ok := letters.Digits(f.Postcode); !ok || len(code) != 7 {
		faults = append(faults, v.problem("postcode", "postcode_form"))
	}
	if !slices.Contains(searchPurposes(), f.Purpose) {
		faults = append(faults, v.problem("purpose", "purpose_missing"))
	}
	return by, faults
}

func (d *Desk) subjects(v *Visit, by letters.Attribute, f searchForm) ([]letters.Subject, error) {
	find, typed := d.o.Ledger.SubjectsAt, f.Postcode
	if by == letters.ByNamePhone {
		find, typed = d.o.Ledger.SubjectsOf, f.LastFour
	}
	digits, _ := letters.Digits(typed)
	all, err := find(v.Context(), digits)
	if err != nil {
		return nil, fmt.Errorf("search letters: %w", err)
	}
	return slices.DeleteFunc(all, func(s letters.Subject) bool { return !letters.SameName(f.Name, s) }), nil
}

// recordFound names each letter that the search found, what is not shown of it
// too. Nothing found is a record as well, so that the wait does not tell it from
// a letter under 支援措置.
func (v *Visit) recordFound(by letters.Attribute, purpose string, subjects []letters.Subject) error {
	if len(subjects) == 0 {
		return v.Record("found", string(by), purpose, "not_found")
	}
	for _, s := range subjects {
		if err := v.Record("found", string(s.LetterID), purpose, "asked"); err != nil {
			return err
		}
	}
	return nil
}

// showFound opens a call for each letter. What is under 支援措置 is shown to
// nobody: alone it is as nothing found, and the supervisor hears of it.
func (d *Desk) showFound(v *Visit, by letters.Attribute, subjects []letters.Subject) error {
	var page foundPage
	var calls []letters.Call
	for _, s := range subjects {
		call, err := d.newCall(v, s.LetterID, by)
		if err != nil {
			return err
		}
		calls = append(calls, call)
		if !s.Shelter {
			page.Found = append(page.Found, foundLetter{call.ID, letters.MaskedName(s.Name), s.Month, s.Kind})
		}
	}
	if len(calls) == 0 {
		call, err := d.newCall(v, "", by)
		if err != nil {
			return err
		}
		calls = append(calls, call)
	}
	if _, err := d.o.Ledger.OpenFound(v.Context(), calls); err != nil {
		return err
	}
	if len(page.Found) == 0 {
		return v.Go("/calls/"+calls[0].ID, "")
	}
	return v.Show("found", page)
}
