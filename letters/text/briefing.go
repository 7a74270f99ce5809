package text

import (
	"fmt"
	"strings"
	"unicode"

	"oshirase/letters"
)

// Brief is what a briefing, a packet's paper or an order sheet is made from.
// Values and Blocks are keyed by the English names of placeholders.toml; what
// they leave out comes from the incident.
type Brief struct {
	Name       string // of the wording: cover, faq, order
	Date       letters.Date
	DocumentNo string
	Address    Address // zero when it is not posted
	Conditions map[string]bool
	Values     map[string]string
	Blocks     map[string][]Block
}

// Brief composes a document that is no letter from briefing/NAME.md. It
// returns ErrEmpty when a value that the wording prints is missing, and
// ErrControl when one holds a control character.
func (c *Composer) Brief(b Brief) (Document, error) {
	doc, err := c.brief(b)
	if err != nil {
		return Document{}, fmt.Errorf("compose briefing %s: %w", b.Name, err)
	}
	return doc, nil
}

func (c *Composer) brief(b Brief) (Document, error) {
	for _, value := range b.Values {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return Document{}, ErrControl
		}
	}
	wording, err := c.compiled(b.Name, b.Conditions)
	if err != nil {
		return Document{}, err
	}
	doc := Document{Title: wording.title, Variant: b.Name, DocumentNo: b.DocumentNo,
		Date: c.set.Date(b.Date), Sender: c.sender(), Address: b.Address,
		Labels: Labels{Page: c.word("page"), Continue: c.word("continue")}}
	doc.Body, err = wording.fill(&briefValues{composer: c, brief: b})
	return doc, err
}

type briefValues struct {
	composer *Composer
	brief    Brief
}

func (v *briefValues) inline(key string) ([]Inline, error) {
	if value := v.brief.Values[key]; value != "" {
		return []Inline{{Text: value}}, nil
	}
	if value, ok := v.composer.fixedInline(key); ok {
		return value, nil
	}
	if key == "date" && v.brief.Date != "" {
		return []Inline{{Text: v.composer.set.Date(v.brief.Date), Keep: true}}, nil
	}
	return nil, ErrEmpty
}

func (v *briefValues) block(key string) ([]Block, error) {
	if blocks, ok := v.brief.Blocks[key]; ok {
		return blocks, nil
	}
	if key == "addressee" {
		return v.addressee()
	}
	return v.composer.fixedBlock(key)
}

// addressee is the retailer with 御中: a briefing speaks to the company.
func (v *briefValues) addressee() ([]Block, error) {
	name := v.brief.Values["retailer"]
	if name == "" {
		return nil, ErrEmpty
	}
	honorific := v.composer.set.Words().Get("honorific", "organisation")
	return []Block{Paragraph{Align: Left, Text: []Inline{{Text: name + "　" + honorific, Keep: true}}}, Gap{Lines: 0.5}}, nil
}

// RetailerAddress is how a retailer is addressed: with a named contact the
// company, the department and the person with 様; without one the company and
// the department with 御中.
func (c *Composer) RetailerAddress(r letters.Retailer) Address {
	words := c.set.Words()
	a := Address{Honorific: words.Get("honorific", "organisation"), Lines: []string{r.Address}}
	if len(r.PostalCode) == 7 {
		a.PostalCode = words.Get("label", "postal_mark") + r.PostalCode[:3] + "-" + r.PostalCode[3:]
	}
	for _, name := range []string{r.Name, r.Department, r.Contact} {
		if name != "" {
			a.Name = append(a.Name, name)
		}
	}
	if r.Contact != "" {
		a.Honorific = Honorific(c.set, r.Contact, letters.Individual)
	}
	if len(a.Name) > 2 { // the address block holds two lines of name
		a.Name = []string{a.Name[0] + "　" + a.Name[1], a.Name[2]}
	}
	return a
}

// WordingText returns the customer letter's wording as blocks, with the names
// of placeholders in brackets where a customer's values would stand: what a
// retailer's packet shows of it.
func (c *Composer) WordingText(conditions map[string]bool) ([]Block, error) {
	wording, err := c.compiled("letter", conditions)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	list := c.set.List("letter")
	for _, part := range []map[string]string{list.Inline, list.Block} {
		for japanese, key := range part {
			names[key] = japanese
		}
	}
	return wording.fill(&nameValues{composer: c, names: names})
}

// nameValues shows what belongs to one customer by its name alone.
type nameValues struct {
	composer *Composer
	names    map[string]string
}

func (v *nameValues) inline(key string) ([]Inline, error) {
	if value, ok := v.composer.fixedInline(key); ok {
		return value, nil
	}
	if key == "periods_told" {
		return v.composer.periodsTold(nil), nil
	}
	return []Inline{{Text: "［" + v.names[key] + "］", Keep: true}}, nil
}

func (v *nameValues) block(key string) ([]Block, error) {
	if key == "addressee" || key == "cases" {
		return []Block{Paragraph{Align: Left, Text: []Inline{{Text: "［" + v.names[key] + "］"}}}}, nil
	}
	return v.composer.fixedBlock(key)
}
