package desk

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"oshirase/letters"
	"oshirase/templates"
)

// object tells what a record is about as a person would say it: a letter's
// number in groups of four, a month, a retailer's code and month, a proposal.
// What is none of these is told as it was written.
func (w words) object(set *templates.Set, s string) string {
	told := strings.Fields(s)
	if len(told) == 1 && len(s) < 16 && strings.Trim(s, "0123456789") == "" {
		told = []string{"decision", s}
	}
	for i, word := range told {
		if text, ok := w.Label["object"][word]; ok {
			told[i] = text
		} else if m, err := letters.ParseMonth(word); err == nil {
			told[i] = set.Month(m)
		} else {
			told[i] = letters.ID(word).Groups()
		}
	}
	return strings.Join(told, " ")
}

// objectTyped is what a record says for what an auditor types: the number of a
// letter with or without hyphens, or an object as object tells it.
func (w words) objectTyped(s string) string {
	if id, err := letters.ParseID(s); err == nil {
		return string(id)
	}
	typed := strings.Fields(norm.NFKC.String(s))
	for i, word := range typed {
		typed[i] = monthTyped(word)
		for code, text := range w.Label["object"] {
			if word == text {
				typed[i] = code
			}
		}
	}
	return strings.TrimPrefix(strings.Join(typed, " "), "decision ")
}

// monthTyped is 2026-10 of 2026年10月; anything else stays.
func monthTyped(s string) string {
	year, rest, ok := strings.Cut(s, "年")
	n, after, month := strings.Cut(rest, "月")
	if !ok || !month || after != "" {
		return s
	}
	if len(n) == 1 {
		n = "0" + n
	}
	return year + "-" + n
}

// reason tells a record's reason: words that are codes of a purpose, role,
// decision or retailer's field, and what people wrote themselves. Some actions
// have a sentence for theirs.
func (w words) reason(action, s string) string {
	told := strings.Fields(s)
	for i, word := range told {
		groups := reasonGroups()
		if action == "unmask" && i > 0 { // purpose, then field
			groups = append([]string{"field"}, groups...)
		}
		for _, group := range groups {
			if text, ok := w.Label[group][word]; ok {
				told[i] = text
				break
			}
		}
	}
	if action == "user_retailers" {
		return strings.ReplaceAll(s, ",", w.label("script", "comma"))
	}
	if action == "user_change" && len(told) == 2 && told[0] == told[1] {
		return told[0]
	}
	if form := w.Sentence["reason_"+action]; strings.Count(form, "{") == len(told) && len(told) > 0 {
		return fill(form, told)
	}
	return strings.Join(told, " ")
}

// reasonTyped is what records say for a whole word of reason.
func (w words) reasonTyped(s string) string {
	for _, group := range append(reasonGroups(), "field") {
		for code, text := range w.Label[group] {
			if s == text {
				return code
			}
		}
	}
	return s
}

func reasonGroups() []string {
	return []string{"purpose", "call_purpose", "search_purpose", "decision", "inquiry_outcome", "briefing_state", "wishes"}
}
