package text

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"oshirase/letters"
	"oshirase/templates"
)

// Faults of a letter or a wording. They carry no personal data.
var (
	// ErrEmpty says that a value which the wording prints is missing.
	ErrEmpty = errors.New("a value that the wording prints is empty")
	// ErrMissingBlock says that wording lacks one of the five legal blocks
	// (施行規則10条).
	ErrMissingBlock = errors.New("the wording lacks a block that the law asks for")
	// ErrCase says that a case tells what the incident does not hold.
	ErrCase = errors.New("the case does not fit the incident")
	// ErrControl says that a value holds a control character.
	ErrControl = errors.New("a value holds a control character")
)

// Composer turns letters into documents with one set of templates. The
// wording is read as Markdown once for each combination of conditions; a
// letter then only fills in its values, so no name or address ever passes
// through the template or the Markdown reader. Safe for many goroutines.
type Composer struct {
	set    *templates.Set
	fixed  map[string]string // inline values that are the same in every letter
	mu     sync.RWMutex
	parsed map[string]*compiled
	blocks map[string][]Block // of the incident, shared by all letters
}

// NewComposer returns a Composer for one set of templates.
func NewComposer(set *templates.Set) *Composer {
	return &Composer{set: set, fixed: fixedValues(set), parsed: map[string]*compiled{},
		blocks: map[string][]Block{}}
}

// Compose returns the letter's document for its channel: with the address
// block for paper, without it for mail. Documents share what is the same in
// all of them, so a caller must not change their blocks. Errors name the
// letter by its ID.
func (c *Composer) Compose(l *letters.Letter) (Document, error) {
	doc, err := c.compose(l)
	if err != nil {
		return Document{}, fmt.Errorf("compose letter %s: %w", l.ID, err)
	}
	return doc, nil
}

func (c *Composer) compose(l *letters.Letter) (Document, error) {
	if err := c.checkLetter(l); err != nil {
		return Document{}, err
	}
	wording, err := c.compiled("letter", conditions(c.set, l))
	if err != nil {
		return Document{}, err
	}
	v := &letterValues{composer: c, letter: l}
	doc := Document{
		Title: wording.title, Variant: wording.variant, Subject: c.set.Subject(l.Kind),
		LetterID: l.ID.Groups(), DocumentNo: l.DocumentNo, Date: c.set.Date(l.Date),
		Sender: c.sender(), Labels: c.labels(l.ID),
	}
	if l.Channel != letters.Email {
		doc.Address = c.address(l)
	}
	doc.Body, err = wording.fill(v)
	return doc, err
}

// compiled returns the wording read for a set of conditions.
func (c *Composer) compiled(name string, cond map[string]bool) (*compiled, error) {
	variant := variantName(cond)
	key := name + ":" + variant
	c.mu.RLock()
	got := c.parsed[key]
	c.mu.RUnlock()
	if got != nil {
		return got, nil
	}
	wording, err := c.set.Wording(name)
	if err != nil {
		return nil, err
	}
	got, err = compile(wording, cond, variant)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.parsed[key] = got
	c.mu.Unlock()
	return got, nil
}

// shared returns blocks that depend on nothing but key and set.
func (c *Composer) shared(key, set string, build func() []Block) []Block {
	key += ":" + set
	c.mu.RLock()
	got, ok := c.blocks[key]
	c.mu.RUnlock()
	if ok {
		return got
	}
	got = build()
	c.mu.Lock()
	c.blocks[key] = got
	c.mu.Unlock()
	return got
}

// sender is address, company and signatory, in the order of a business letter.
func (c *Composer) sender() []string {
	return []string{c.set.Filled("sender_address"), c.set.Filled("sender_name"),
		c.set.Filled("signatory")}
}

func (c *Composer) labels(id letters.ID) Labels {
	words := c.set.Words()
	return Labels{
		LetterID: words.Get("label", "letter_id"),
		Reading:  c.set.Reading(id.Groups()),
		Page:     words.Get("label", "page"),
		Continue: words.Get("label", "continue"),
	}
}

func (c *Composer) address(l *letters.Letter) Address {
	r := l.Recipient
	a := Address{LetterID: l.ID.Groups(), Name: []string{r.Name},
		Honorific: Honorific(c.set, r.Name, r.Kind)}
	if len(r.PostalCode) == 7 {
		a.PostalCode = c.set.Words().Get("label", "postal_mark") +
			r.PostalCode[:3] + "-" + r.PostalCode[3:]
	}
	for _, line := range []string{r.Address, r.Building} {
		if line != "" {
			a.Lines = append(a.Lines, line)
		}
	}
	return a
}

// conditions are the facts of a letter that the wording asks for.
func conditions(set *templates.Set, l *letters.Letter) map[string]bool {
	cond := map[string]bool{
		"corporate":        l.Recipient.Kind == letters.Corporate,
		"last_resort_only": l.LastResortOnly(),
		"several":          l.Contracts() > 1,
		"supplementary":    l.Kind == letters.Supplementary,
		"corrected":        l.Kind == letters.Corrected,
		"mail":             l.Channel == letters.Email,
		"promise":          set.Optional("promise") != "",
	}
	for _, c := range l.Cases {
		cond["last_resort"] = cond["last_resort"] || c.LastResort
		cond["confirmed"] = cond["confirmed"] || len(c.Confirmed) > 0
		possible, rest := openItems(set.Incident(), &c)
		cond["unrecorded"] = cond["unrecorded"] || possible
		cond["rest"] = cond["rest"] || rest
	}
	return cond
}

// variantKeys are the conditions in the order of a variant's name.
func variantKeys() []string {
	return []string{"corporate", "last_resort_only", "last_resort", "several",
		"supplementary", "corrected", "mail", "confirmed", "rest", "unrecorded", "promise", "changed"}
}

func variantName(cond map[string]bool) string {
	var on []string
	for _, key := range variantKeys() {
		if cond[key] {
			on = append(on, key)
		}
	}
	if len(on) == 0 {
		return "plain"
	}
	return strings.Join(on, "+")
}
