package email

import (
	"errors"
	"net/mail"
	"strings"
)

// ErrAddress says that an address cannot be written to: it is not ASCII, is
// no RFC 5321 mailbox, or is one of the old docomo and au forms ("..", ".@")
// that many servers refuse. The address itself is never in the text.
var ErrAddress = errors.New("address cannot be used for mail")

// ErrHeader says that a header value holds a control character. go-mail would
// encode it, and a reader's program would decode it into a line of its own.
var ErrHeader = errors.New("header value holds a control character")

// RFC 5321 section 4.5.3.1: lengths of local part, domain and path.
const (
	maxLocal  = 64
	maxDomain = 255
	maxPath   = 254
)

// CheckAddress returns ErrAddress unless s is a bare ASCII mailbox
// (local@domain, dot-atom, RFC 5321 section 4.1.2) with a domain of at least
// two labels. Quoted local parts are refused: they are how a recipient is
// smuggled past a parser (CVE-2025-59937).
func CheckAddress(s string) error {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > maxPath || len(local) > maxLocal || len(domain) > maxDomain {
		return ErrAddress
	}
	if !dotAtom(local) || !hostName(domain) {
		return ErrAddress
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		return ErrAddress
	}
	return nil
}

// Domain returns the domain of an address in lower case, "" without one.
func Domain(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return strings.ToLower(domain)
}

// dotAtom is RFC 5322 section 3.2.3: atoms with single dots between them.
func dotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.IndexFunc(atom, notAtext) >= 0 {
			return false
		}
	}
	return true
}

func notAtext(r rune) bool {
	return !isAlnum(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func hostName(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		if strings.IndexFunc(l, func(r rune) bool { return !isAlnum(r) && r != '-' }) >= 0 {
			return false
		}
	}
	return len(labels) > 1
}

func isAlnum(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// checkHeader returns ErrHeader when a header value holds a control
// character, U+0085, U+2028 or U+2029 included: all of them end a line
// somewhere. So does what a reader's program would take for an encoded word
// (RFC 2047), whatever it hides.
func checkHeader(values ...string) error {
	for _, v := range values {
		if strings.Contains(v, "=?") {
			return ErrHeader
		}
		for _, r := range v {
			if r < 0x20 || r >= 0x7f && r <= 0x9f || r == 0x2028 || r == 0x2029 || r == 0xfffd {
				return ErrHeader
			}
		}
	}
	return nil
}
