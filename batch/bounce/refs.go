package bounce

import (
	"regexp"
	"strings"

	"oshirase/letters"
)

// How says by what a letter was recognised.
type How string

const (
	ByMessageID How = "message_id" // of the returned original
	ByVERP      How = "verp"       // the return address
	ByLetterID  How = "letter_id"  // a number in the text
)

// Ref is a letter that a message names. Generation is 0 when only the number
// was found.
type Ref struct {
	LetterID   letters.ID
	Generation int
	How        How
}

// A number counts only where it stands alone, or names our attachment: within
// a Message-ID of another house it is that house's.
//
// The local part of a Message-ID and of a return address (batch/email) is the
// letter's ID and generation.
var (
	messageRef = regexp.MustCompile(`([0-9]{16})\.g([0-9]{1,4})@([A-Za-z0-9.-]+)`)
	verpRef    = regexp.MustCompile(`(?i)bounces(?:\+|=2b)([0-9]{16})\.g([0-9]{1,4})(?:@|=40)([A-Za-z0-9.-]+)`)
	numberRef  = regexp.MustCompile(`(?:^|[^0-9A-Za-z.+<@_-]|owabi-)([0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4})(?:[^0-9A-Za-z.@_-]|\.(?:pdf|\s)|$)`)
)

// refs finds the letters that a message names, the surest handle first.
func refs(m *message, domain string) []Ref {
	var out []Ref
	add := func(id, generation string, how How) {
		parsed, err := letters.ParseID(id)
		if err != nil {
			return
		}
		for _, r := range out {
			if r.LetterID == parsed {
				return
			}
		}
		out = append(out, Ref{parsed, atoi(generation), how})
	}
	original := string(m.original)
	where := []string{headerOf(original), strings.Join(append(m.header.all("references"), m.header.all("in-reply-to")...), " "), m.notice.String()}
	for _, text := range where {
		for _, f := range messageRef.FindAllStringSubmatchIndex(text, 20) {
			before := strings.ToLower(text[max(0, f[0]-8):f[0]])
			if strings.HasSuffix(before, "bounces+") || !strings.EqualFold(strings.Trim(text[f[6]:f[7]], "."), domain) {
				continue
			}
			add(text[f[2]:f[3]], text[f[4]:f[5]], ByMessageID)
		}
	}
	var to []string
	for _, name := range []string{"to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to", "return-path"} {
		to = append(to, m.header.all(name)...)
	}
	for _, text := range append(to, headerOf(original), m.notice.String()) {
		for _, f := range verpRef.FindAllStringSubmatch(text, 20) {
			if strings.EqualFold(strings.Trim(f[3], "."), domain) {
				add(f[1], f[2], ByVERP)
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, text := range []string{original[:min(len(original), maxNotice)], m.notice.String()} {
		for _, f := range numberRef.FindAllStringSubmatch(text, 50) {
			add(f[1], "0", ByLetterID)
		}
	}
	return out
}

// headerOf is the head of a returned message, folded lines joined.
func headerOf(original string) string {
	h, _ := splitHeader([]byte(original))
	var b strings.Builder
	for _, f := range h {
		b.WriteString(f.name + ": " + f.value + "\n")
	}
	if b.Len() == 0 {
		return original[:min(len(original), 16<<10)]
	}
	return b.String()
}
