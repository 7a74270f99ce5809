package templates

import (
	"fmt"

	"oshirase/letters"
)

// check refuses an incident that contradicts itself.
func (d *incidentDoc) check() error {
	if d.ID == "" || len(d.AreaPrefix) != 2 || len(d.Systems) == 0 {
		return fmt.Errorf("id, area_prefix or [[system]] is missing")
	}
	if err := d.Logs.check(); err != nil {
		return fmt.Errorf("[logs]: %w", err)
	}
	items := map[string]bool{}
	for _, it := range d.Items {
		if it.Code == "" || it.Name == "" || it.Explanation == "" || items[it.Code] {
			return fmt.Errorf("[[item]] %q: empty or given twice", it.Code)
		}
		items[it.Code] = true
	}
	systems := map[string]bool{}
	for _, sys := range d.Systems {
		if systems[sys.Code] {
			return fmt.Errorf("[[system]] %q is given twice", sys.Code)
		}
		systems[sys.Code] = true
		if err := sys.check(items); err != nil {
			return fmt.Errorf("[[system]] %q: %w", sys.Code, err)
		}
	}
	return nil
}

func (p span) check() error {
	for _, d := range []string{p.From, p.To} {
		if _, err := letters.ParseDate(d); err != nil {
			return err
		}
	}
	if p.To < p.From {
		return fmt.Errorf("the period ends before it begins")
	}
	return nil
}

func (sys *systemDoc) check(items map[string]bool) error {
	if sys.Code == "" || sys.Name == "" || sys.Purpose == "" || len(sys.Cause) == 0 {
		return fmt.Errorf("code, name, purpose or cause is missing")
	}
	if err := (span{sys.From, sys.To}).check(); err != nil {
		return err
	}
	if len(sys.Items) == 0 {
		return fmt.Errorf("no items")
	}
	for supply, codes := range sys.Items {
		if !knownSupply(supply) {
			return fmt.Errorf("unknown supply %q", supply)
		}
		for _, code := range codes {
			if !items[code] {
				return fmt.Errorf("unknown item %q", code)
			}
		}
	}
	for _, supply := range sys.Etc {
		if len(sys.Items[supply]) == 0 {
			return fmt.Errorf("etc names %q, which has no items", supply)
		}
	}
	return nil
}

func knownSupply(s string) bool {
	switch letters.Supply(s) {
	case letters.Low, letters.High, letters.ExtraHigh:
		return true
	}
	return false
}
