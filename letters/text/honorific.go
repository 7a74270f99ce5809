package text

import (
	"slices"
	"strings"

	"oshirase/letters"
	"oshirase/templates"
)

// Honorific returns what stands behind a name: 様 for a person, 御中 for an
// organisation, 様 for a person named after a company or a title, and "" when
// the name already ends in an honorific.
func Honorific(set *templates.Set, name string, kind letters.CustomerKind) string {
	if HasHonorific(set, name) {
		return ""
	}
	if kind == letters.Corporate && !personNamed(set.Honorifics(), strings.TrimRight(name, " 　")) {
		return set.Words().Get("honorific", "organisation")
	}
	return set.Words().Get("honorific", "person")
}

// HasHonorific reports whether a name already carries one; such letters are
// listed (letters.NoteHonorific).
func HasHonorific(set *templates.Set, name string) bool {
	trimmed := strings.TrimRight(name, " 　")
	return slices.ContainsFunc(set.Honorifics().Has, func(has string) bool {
		return strings.HasSuffix(trimmed, has)
	})
}

// personNamed finds a title with a person's name behind it: 架空商事 代表取締役
// 電力太郎. A title alone at the end speaks to its holder and takes 様 too.
func personNamed(h templates.Honorifics, name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '　' })
	for i, word := range words {
		if i > 0 && slices.ContainsFunc(h.Titles, func(t string) bool { return strings.HasSuffix(word, t) }) {
			return person(h, strings.Join(words[i+1:], ""))
		}
	}
	for _, title := range h.Plain {
		if at := strings.LastIndex(name, title); at > 0 {
			return person(h, strings.Trim(name[at+len(title):], " 　"))
		}
	}
	return false
}

// person says that what follows a title is no organisation.
func person(h templates.Honorifics, rest string) bool {
	return !slices.ContainsFunc(h.Organisations, func(o string) bool {
		return strings.HasPrefix(rest, o) || strings.HasSuffix(rest, o)
	})
}
