package text

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oshirase/letters"
	"oshirase/templates"
)

// letterValues are what the placeholders of a letter stand for.
type letterValues struct {
	composer *Composer
	letter   *letters.Letter
}

// fixedValues are the inline values that the incident's settings hold. One
// that is not filled yet shows a mark which nobody can overlook.
func fixedValues(set *templates.Set) map[string]string {
	in := set.Incident()
	out := map[string]string{
		"log_from": set.Date(in.LogFrom),
		"log_to":   set.Date(in.LogTo),
		"promise":  set.Optional("promise"),
		"opening":  set.Words().Get("label", "opening"),
	}
	for _, key := range []string{"company", "affiliate", "not_held", "secondary_harm",
		"customer_advice", "website", "contact_name", "contact_phone"} {
		out[key] = set.Filled(key)
	}
	out["secondary_harm_date"] = set.Filled("secondary_harm_date")
	if d, err := letters.ParseDate(in.Texts["secondary_harm_date"]); err == nil {
		out["secondary_harm_date"] = set.Date(d)
	}
	return out
}

// fixed returns a fixed value as inlines; dates and numbers are kept whole.
func (c *Composer) fixedInline(key string) ([]Inline, bool) {
	value, ok := c.fixed[key]
	if !ok || value == "" {
		return nil, false
	}
	switch key {
	case "log_from", "log_to", "secondary_harm_date", "contact_phone":
		return []Inline{{Text: value, Keep: true}}, true
	}
	return []Inline{{Text: value}}, true
}

func (v *letterValues) inline(key string) ([]Inline, error) {
	if value, ok := v.composer.fixedInline(key); ok {
		return value, nil
	}
	l := v.letter
	switch key {
	case "letter_id":
		return []Inline{{Text: l.ID.Groups(), Keep: true}}, nil
	case "reading":
		return keptWords(v.composer.set.Reading(l.ID.Groups())), nil
	case "refers":
		return v.refers(), nil
	case "periods_told":
		return v.composer.periodsTold(usedSystems(l.Cases)), nil
	case "date":
		return []Inline{{Text: v.composer.set.Date(l.Date), Keep: true}}, nil
	case "contracts":
		return []Inline{{Text: v.composer.set.Digits(strconv.Itoa(l.Contracts())), Keep: true}}, nil
	}
	return nil, fmt.Errorf("%q: %w", key, ErrEmpty)
}

// keptWords keeps each word of a text whole: the groups of a number as it is
// read aloud.
func keptWords(s string) []Inline {
	var out []Inline
	for i, word := range strings.Split(s, "　") {
		if i > 0 {
			out = append(out, Inline{Text: "　"})
		}
		out = append(out, Inline{Text: word, Keep: true})
	}
	return out
}

// refers lists the earlier letters by their printed numbers.
func (v *letterValues) refers() []Inline {
	var out []Inline
	for i, id := range v.letter.Refers {
		if i > 0 {
			out = append(out, Inline{Text: v.composer.word("separator")})
		}
		out = append(out, Inline{Text: id.Groups(), Keep: true})
	}
	return out
}

func (v *letterValues) block(key string) ([]Block, error) {
	c := v.composer
	switch key {
	case "addressee":
		return []Block{Paragraph{Align: Left, Text: c.addressee(v.letter)}, Gap{Lines: 0.5}}, nil
	case "cases":
		return c.cases(v.letter), nil
	case "items", "systems", "periods", "cause":
		return v.ofSystems(key), nil
	}
	return c.fixedBlock(key)
}

// ofSystems are the blocks that depend only on which systems and items the
// letter speaks of.
func (v *letterValues) ofSystems(key string) []Block {
	c := v.composer
	var kinds []string
	for i := range v.letter.Cases {
		k := &v.letter.Cases[i]
		if kind := string(k.System) + "." + string(k.Supply); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds) // few keys, however many contracts
	return c.shared(key, strings.Join(kinds, " "), func() []Block {
		switch used := usedSystems(v.letter.Cases); key {
		case "systems":
			return c.systems(used)
		case "periods":
			return c.periods(used)
		case "cause":
			return c.cause(used)
		}
		return c.items(usedItems(c.set.Incident(), v.letter.Cases), true)
	})
}

// addressee is the name with its honorific, which never part.
func (c *Composer) addressee(l *letters.Letter) []Inline {
	honorific := Honorific(c.set, l.Recipient.Name, l.Recipient.Kind)
	if honorific == "" {
		return []Inline{{Text: l.Recipient.Name}}
	}
	return []Inline{{Text: l.Recipient.Name + "　" + honorific, Keep: true}}
}

func (c *Composer) word(key string) string { return c.set.Words().Get("label", key) }

func usedSystems(cases []letters.Case) map[letters.SystemCode]bool {
	used := map[letters.SystemCode]bool{}
	for _, k := range cases {
		used[k.System] = true
	}
	return used
}

// usedItems are the items that any case prints.
func usedItems(in *letters.Incident, cases []letters.Case) map[letters.ItemCode]bool {
	used := map[letters.ItemCode]bool{}
	for _, k := range cases {
		for _, item := range in.Catalogue(k.System, k.Supply) {
			used[item] = true
		}
	}
	return used
}
