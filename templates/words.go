package templates

import (
	"fmt"
	"strings"

	"oshirase/letters"
)

// Words are the short words of screens and sheets, by group and key.
type Words map[string]map[string]string

// Get returns a word, or 【group.key】 when it is missing: a gap that is seen
// and searched for, in no place that a customer reads.
func (w Words) Get(group, key string) string {
	if word, ok := w[group][key]; ok {
		return word
	}
	return "【" + group + "." + key + "】"
}

// Words returns the short words.
func (s *Set) Words() Words { return s.words }

// Reading returns a number as it is read aloud, digit by digit, a wider space
// between groups: 12-3 gives イチ・ニ　サン.
func (s *Set) Reading(digits string) string {
	var b strings.Builder
	between := ""
	for _, r := range digits {
		if r < '0' || r > '9' {
			between = "　"
			continue
		}
		b.WriteString(between)
		b.WriteString(s.words.Get("digit", string(r)))
		between = "・"
	}
	return b.String()
}

// Honorifics are the words by which an honorific is chosen.
type Honorifics struct {
	Has           []string `toml:"has"`           // endings that already are one
	Titles        []string `toml:"titles"`        // a person's name follows these
	Plain         []string `toml:"plain"`         // titles even without a space
	Organisations []string `toml:"organisations"` // what follows is no person
}

func (s *Set) readWords() error {
	if err := s.files.decode("words.toml", &s.words); err != nil {
		return err
	}
	for _, key := range requiredWords() {
		group, word, _ := strings.Cut(key, ".")
		if s.words[group][word] == "" {
			return fmt.Errorf("template words.toml: %s is missing", key)
		}
	}
	return s.files.decode("letters/honorific.toml", &s.honor)
}

// requiredWords are the words without which a letter or a status line would
// show a gap.
func requiredWords() []string {
	var keys []string
	add := func(group string, words ...string) {
		for _, w := range words {
			keys = append(keys, group+"."+w)
		}
	}
	add("digit", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
	add("honorific", "person", "organisation")
	add("label", "letter_id", "page", "continue", "closing", "unfilled", "etc",
		"separator", "range", "period", "supply_point", "supply_point_full", "place",
		"system", "viewed_on", "viewed_between", "viewed_first_last", "confirmed",
		"rest", "possible", "contact_name", "contact_phone", "contact_hours",
		"contact_address", "measure", "measure_when", "postal_mark")
	for _, st := range letters.States() {
		add("state", string(st))
	}
	return keys
}
