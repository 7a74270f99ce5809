package templates

import (
	"regexp"
	"slices"
	"strings"

	"oshirase/letters"
)

// LegalBlocks are the five things that a notice must tell (個人情報保護法施行
// 規則10条 with 8条1項 1, 2, 4, 5, 9号): 概要, 項目, 原因, 二次被害, その他.
func LegalBlocks() []string { return []string{"outline", "items", "cause", "harm", "other"} }

// Variant is one combination of conditions that a letter can have.
type Variant struct {
	Name       string
	Conditions map[string]bool
}

// Variants returns every combination of conditions that a letter can have,
// in a fixed order.
func Variants() []Variant {
	axes := [][][]string{
		{{}, {"supplementary"}, {"corrected"}},
		{{}, {"corporate"}},
		{{}, {"last_resort"}, {"last_resort", "last_resort_only"}},
		{{}, {"several"}},
		{{"confirmed"}, {"confirmed", "rest"}, {"unrecorded"}, {"confirmed", "unrecorded"}, {"confirmed", "rest", "unrecorded"}},
		{{}, {"mail"}},
		{{}, {"promise"}},
	}
	all := []Variant{{Conditions: map[string]bool{}}}
	for _, axis := range axes {
		var next []Variant
		for _, v := range all {
			for _, on := range axis {
				next = append(next, v.with(on))
			}
		}
		all = next
	}
	return slices.DeleteFunc(all, func(v Variant) bool {
		// Some last-resort contracts among others: there must be several.
		c := v.Conditions
		return c["last_resort"] && !c["last_resort_only"] && !c["several"]
	})
}

func (v Variant) with(on []string) Variant {
	out := Variant{Conditions: map[string]bool{}}
	for key := range v.Conditions {
		out.Conditions[key] = true
	}
	for _, key := range on {
		out.Conditions[key] = true
	}
	out.Name = strings.Join(append(slices.Clone(strings.Fields(v.Name)), on...), " ")
	return out
}

// Lint names what is wrong with the letter's wording itself, each fault once,
// with the first variant that shows it: a variant that lacks one of the five
// legal blocks (wording_missing_block: variant, block), a heading that names
// none of them (wording_unknown_block), no title (wording_no_title). Such
// wording cannot be approved. What is not filled yet is Unfilled's.
func (s *Set) Lint() []letters.Problem {
	var found []letters.Problem
	seen := map[string]bool{}
	w := s.wording["letter"]
	for _, v := range Variants() {
		markdown, err := w.Execute(v.Conditions)
		if err != nil {
			return append(found, fault("wording_syntax", "letters/letter.md", err.Error()))
		}
		for _, p := range lintVariant(s.variantWords(v), markdown) {
			key := p.Code + strings.Join(p.Args[1:], " ")
			if !seen[key] {
				seen[key] = true
				found = append(found, p)
			}
		}
	}
	return found
}

// SheetConfirmed is the key of the placeholder that is no text: release alone
// waits until somebody has held the window against a real envelope.
const SheetConfirmed = "sheet.confirmed"

// Unfilled names every text that approval and release wait for
// (wording_empty_placeholder: key, what).
func (s *Set) Unfilled() []letters.Problem {
	var found []letters.Problem
	for _, open := range s.incident.Open {
		if open.Key == SheetConfirmed {
			continue
		}
		found = append(found, fault("wording_empty_placeholder", settingsFile, open.Key, open.What))
	}
	return found
}

// variantWords names a variant by the conditions as the wording writes them.
func (s *Set) variantWords(v Variant) string {
	var names []string
	for japanese, key := range s.lists[ScopeLetter].Condition {
		if v.Conditions[key] {
			names = append(names, japanese)
		}
	}
	slices.Sort(names)
	return strings.Join(names, "・")
}

var (
	headingLine = regexp.MustCompile(`^(#{1,6})\s+(.*?)\s*(?:\{#([^}]*)\})?\s*$`)
	anyLetter   = regexp.MustCompile(`[^\s#]`)
)

// lintVariant reads one executed variant line by line: a block counts when
// something stands between its heading and the next of the same level.
func lintVariant(name, markdown string) []letters.Problem {
	count := map[string]int{}
	open, level, title := "", 0, false
	var found []letters.Problem
	for line := range strings.Lines(markdown) {
		m := headingLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		switch {
		case m == nil:
			if open != "" && anyLetter.MatchString(line) {
				count[open]++
				open = ""
			}
		case len(m[1]) == 1:
			title = m[2] != ""
		case m[3] != "" && !slices.Contains(LegalBlocks(), m[3]):
			found = append(found, fault("wording_unknown_block", "letters/letter.md", name, m[3]))
		case m[3] != "":
			open, level = m[3], len(m[1])
		case len(m[1]) <= level:
			open = ""
		}
	}
	if !title {
		found = append(found, fault("wording_no_title", "letters/letter.md", name))
	}
	for _, block := range LegalBlocks() {
		if count[block] != 1 {
			found = append(found, fault("wording_missing_block", "letters/letter.md", name, block))
		}
	}
	return found
}
