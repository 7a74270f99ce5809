package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"oshirase/letters"
)

// words are the Words folded for look-up.
type words struct {
	raw       Words
	note      *regexp.Regexp // trailing ※n of a folded heading
	totals    *regexp.Regexp
	number    *regexp.Regexp
	split     *strings.Replacer // every separator becomes a line break
	company   *strings.Replacer // short legal forms become full ones, folded
	corporate []string
	flag      map[string]bool
	kind      map[string]letters.CustomerKind
	supply    map[string]letters.Supply
	channel   map[string]letters.Channel
	viewers   map[string]letters.Viewer
	handling  map[string]letters.Handling
	dates     dates
	folded    memo[string]
	cut       memo[[]string]
	named     memo[string]
}

func compileWords(w Words) (*words, error) {
	units := "(?:" + alternatives(w.TotalUnits) + ")?"
	c := &words{
		raw:       w,
		note:      regexp.MustCompile(`\(?` + regexp.QuoteMeta(key(w.NoteMark)) + `[0-9,]*\)?$`),
		totals:    regexp.MustCompile(`^\(?(?:` + alternatives(w.Totals) + `)\)?:?(?:[0-9,]+` + units + `)?$`),
		number:    regexp.MustCompile(`^[0-9,]+` + units + `$`),
		split:     splitter(w.Separators),
		company:   companyForms(w.CompanyForm),
		corporate: keys(w.Corporate),
		folded:    memo[string]{},
		cut:       memo[[]string]{},
		named:     memo[string]{},
	}
	if w.NoteMark == "" || len(w.Totals) == 0 || len(w.Yes) == 0 || len(w.No) == 0 || len(w.Corporate) == 0 {
		return nil, fmt.Errorf("words.toml: a list is empty: %w", ErrHeadings)
	}
	return c, c.compileMaps(w)
}

func (c *words) compileMaps(w Words) (err error) {
	flags := map[bool][]string{true: w.Yes, false: w.No}
	if c.flag, err = invert(flags, true, false); err != nil {
		return err
	}
	if c.kind, err = invert(w.Kind, letters.Individual, letters.Corporate); err != nil {
		return err
	}
	if c.supply, err = invert(w.Supply, letters.Low, letters.High, letters.ExtraHigh); err != nil {
		return err
	}
	if c.channel, err = invert(w.Channel, letters.Print, letters.Email); err != nil {
		return err
	}
	if c.viewers, err = invert(w.Viewers, letters.ByAffiliate, letters.ByContractor); err != nil {
		return err
	}
	handling := map[letters.Handling][]string{}
	for name, list := range w.Handling {
		handling[letters.Handling(strings.TrimPrefix(name, "none"))] = list
	}
	c.handling, err = invert(handling, letters.HandlingNone, letters.HandlingStop, letters.HandlingShelter,
		letters.HandlingDeceased, letters.HandlingGuardian, letters.HandlingMoved)
	if err != nil {
		return err
	}
	c.dates, err = compileDates(w.Date)
	return err
}

// invert turns meaning → words into folded word → meaning, and insists on
// exactly the meanings that the program knows.
func invert[T comparable](meanings map[T][]string, known ...T) (map[string]T, error) {
	out := map[string]T{}
	for meaning, list := range meanings {
		if !slices.Contains(known, meaning) {
			return nil, fmt.Errorf("words.toml: meaning %v: %w", meaning, ErrHeadings)
		}
		for _, word := range list {
			if old, twice := out[key(word)]; twice && old != meaning {
				return nil, fmt.Errorf("words.toml: %q has two meanings: %w", word, ErrHeadings)
			}
			out[key(word)] = meaning
		}
	}
	for _, meaning := range known {
		if len(meanings[meaning]) == 0 {
			return nil, fmt.Errorf("words.toml: no word for %v: %w", meaning, ErrHeadings)
		}
	}
	return out, nil
}

func keys(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = key(s)
	}
	return out
}

func alternatives(list []string) string {
	quoted := keys(list)
	for i, s := range quoted {
		quoted[i] = regexp.QuoteMeta(s)
	}
	return strings.Join(quoted, "|")
}

func splitter(separators []string) *strings.Replacer {
	pairs := []string{"\r\n", "\n", "\r", "\n"}
	for _, s := range separators {
		pairs = append(pairs, s, "\n")
	}
	return strings.NewReplacer(pairs...)
}

func companyForms(forms []CompanyForm) *strings.Replacer {
	var pairs []string
	for _, f := range forms {
		for _, short := range f.Short {
			pairs = append(pairs, key(short), key(f.Full))
		}
	}
	return strings.NewReplacer(pairs...)
}

// key is the function key, remembered.
func (c *words) key(text string) string { return c.folded.get(text, key) }

// parts splits a cell at the accepted separators and drops empty parts.
func (c *words) parts(cell string) []string {
	return c.cut.get(cell, func(s string) []string {
		return slices.DeleteFunc(strings.Split(c.split.Replace(strings.Clone(s)), "\n"), blank)
	})
}

// headingKey folds a heading and takes the trailing ※n off.
func (c *words) headingKey(heading string) string {
	k := key(heading)
	for {
		rest := c.note.ReplaceAllString(k, "")
		if rest == k || rest == "" {
			return k
		}
		k = rest
	}
}

// companyKey is the careful key under which two spellings of a company are
// the same: width, spaces, hyphen forms and ㈱/株式会社.
func (c *words) companyKey(name string) string {
	return c.named.get(name, func(s string) string { return c.company.Replace(key(s)) })
}

// isCorporate reports whether a name carries a clear token of an organisation.
func (c *words) isCorporate(name string) bool {
	k := key(name)
	return slices.ContainsFunc(c.corporate, func(token string) bool { return strings.Contains(k, token) })
}
