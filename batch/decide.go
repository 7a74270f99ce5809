package batch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"oshirase/letters"
)

// Why a proposal is refused before it reaches the ledger.
var (
	ErrReasonEmpty    = errors.New("no reason is given")
	ErrReasonPersonal = errors.New("the reason holds the recipient's own data")
	ErrNoLetters      = errors.New("no letters are named")
)

// DecideLedger is what a proposal needs of the ledger.
type DecideLedger interface {
	Letter(ctx context.Context, id letters.ID) (letters.Letter, []letters.Dispatch, error)
	Propose(ctx context.Context, p letters.Proposal, at time.Time) (int64, error)
}

// Propose records the first person's proposal and returns its number. The
// reason is kept for ever beside IDs, so it may not hold name, address,
// telephone number or mail address of a letter that it is about.
func Propose(ctx context.Context, l DecideLedger, p letters.Proposal, at time.Time) (int64, error) {
	p.Reason = strings.TrimSpace(p.Reason)
	if p.Reason == "" {
		return 0, ErrReasonEmpty
	}
	if len(p.Letters) == 0 && p.Action != letters.ActResume { // nothing left since the backup was taken
		return 0, ErrNoLetters
	}
	for _, one := range p.Letters {
		letter, _, err := l.Letter(ctx, one.ID)
		if err != nil {
			return 0, err
		}
		who := []letters.Recipient{letter.Recipient}
		if one.Recipient != nil {
			who = append(who, *one.Recipient)
		}
		for _, r := range who {
			if personal(p.Reason, r) {
				return 0, fmt.Errorf("letter %s: %w", one.ID, ErrReasonPersonal)
			}
		}
	}
	return l.Propose(ctx, p, at)
}

// personal reports whether a text holds a recipient's name or a part of it,
// address, telephone number or mail address, in whatever width and spacing.
func personal(text string, r letters.Recipient) bool {
	said := plain(text)
	tokens := []string{r.Name, r.Kana, r.Phone, r.PostalCode, r.Address, r.Building, r.Mail}
	tokens = append(tokens, strings.FieldsFunc(r.Name, unicode.IsSpace)...)
	for _, t := range tokens {
		if t = plain(t); len([]rune(t)) >= 2 && strings.Contains(said, t) {
			return true
		}
	}
	return false
}

// plain takes out what does not tell texts apart: width, spaces, hyphens, case.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || unicode.Is(unicode.Pd, c) || c == '−' {
			return -1
		}
		return unicode.ToLower(c)
	}, norm.NFKC.String(strings.ToValidUTF8(s, "")))
}
