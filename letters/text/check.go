package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"oshirase/letters"
)

// checkLetter refuses a letter that could not be told truthfully.
func (c *Composer) checkLetter(l *letters.Letter) error {
	if _, err := letters.ParseID(string(l.ID)); err != nil {
		return err
	}
	if l.Recipient.Name == "" || l.Date == "" || len(l.Cases) == 0 {
		return fmt.Errorf("name, date or cases: %w", ErrEmpty)
	}
	if l.Kind != letters.First && len(l.Refers) == 0 {
		return fmt.Errorf("the letter that is referred to: %w", ErrEmpty)
	}
	if c.set.Subject(l.Kind) == "" {
		return fmt.Errorf("kind %q: %w", l.Kind, ErrEmpty)
	}
	r := l.Recipient
	for _, s := range []string{r.Name, r.Address, r.Building, l.DocumentNo} {
		if strings.ContainsFunc(s, unicode.IsControl) {
			return ErrControl
		}
	}
	for i := range l.Cases {
		if err := c.checkCase(&l.Cases[i]); err != nil {
			return fmt.Errorf("case %d: %w", i+1, err)
		}
	}
	return nil
}

// checkCase holds a case against the incident: a letter never claims an item
// that could not be seen, and never leaves open whether items are recorded.
func (c *Composer) checkCase(k *letters.Case) error {
	in := c.set.Incident()
	catalogue := in.Catalogue(k.System, k.Supply)
	switch {
	case len(catalogue) == 0:
		return fmt.Errorf("system %s holds nothing of supply %s: %w", k.System, k.Supply, ErrCase)
	case len(k.Confirmed) == 0 && !k.Unrecorded:
		return fmt.Errorf("no item is recorded and none is unrecorded: %w", ErrCase)
	case k.First == "" || k.Last != "" && k.Last < k.First:
		return fmt.Errorf("dates of viewing: %w", ErrCase)
	case strings.ContainsFunc(k.DemandPlace, unicode.IsControl):
		return ErrControl
	}
	for _, item := range k.Confirmed {
		if !slices.Contains(catalogue, item) {
			return fmt.Errorf("item %s of system %s: %w", item, k.System, ErrCase)
		}
	}
	return nil
}
