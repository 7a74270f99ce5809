package bounce

import (
	_ "embed" // phrases.txt
	"fmt"
	"regexp"
	"strings"
)

//go:embed phrases.txt
var phraseList string

// section is one meaning with all that is said for it.
type section struct {
	name string
	firm bool // its words go before a status code
	any  *regexp.Regexp
}

func (s section) find(folded string) bool { return s.any != nil && s.any.MatchString(folded) }

// Reasons knows what servers' words mean. It may be used by many goroutines.
type Reasons struct {
	ordered                         []section
	delay, final, challenge, failed section
}

// NewReasons reads the list of phrases that is part of the program.
func NewReasons() (*Reasons, error) { return readPhrases(phraseList) }

func readPhrases(list string) (*Reasons, error) {
	r := &Reasons{}
	var name string
	var phrases []string
	end := func() error {
		if name == "" {
			return nil
		}
		any, err := regexp.Compile(strings.Join(phrases, "|"))
		if err != nil || len(phrases) == 0 {
			return fmt.Errorf("bounce phrases, section %s: empty or broken: %w", name, err)
		}
		plain := strings.TrimSuffix(name, "!")
		r.add(section{plain, plain != name, any})
		return nil
	}
	for line := range strings.Lines(list) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			if err := end(); err != nil {
				return nil, err
			}
			name, phrases = line[1:len(line)-1], nil
		default:
			phrases = append(phrases, strings.ReplaceAll(regexp.QuoteMeta(line), `\*`, `.{0,60}?`))
		}
	}
	return r, end()
}

func (r *Reasons) add(s section) {
	switch s.name {
	case "delay":
		r.delay = s
	case "final":
		r.final = s
	case "challenge":
		r.challenge = s
	case "failed":
		r.failed = s
	default:
		r.ordered = append(r.ordered, s)
	}
}

// Of is the reason for a server's own answer: its words, enhanced status and
// reply code as far as they were given.
func (r *Reasons) Of(words string, code int) Reason {
	status, found := codes(words)
	if code == 0 {
		code = found
	}
	return r.of(fold(words), status, code, "")
}

// of weighs words against the status. Words that name a reason go first, but
// for those that many servers say whatever happened.
func (r *Reasons) of(said, status string, code int, stage string) Reason {
	reason, firm := r.byWords(said)
	given := byStatus(status)
	switch {
	case given != "" && (reason == Unknown || reason.loose() && !firm):
		reason = given
	case given == MailboxFull || given == Moved || given == Suspended:
		if reason == UserUnknown || reason == Filtered {
			reason = given
		}
	}
	if reason == UserUnknown {
		reason = unknownAt(stage, given)
	}
	if reason == Unknown && stage == "rcpt" && code/100 == 5 && status == "" {
		reason = UserUnknown
	}
	return reason
}

// unknownAt doubts "user unknown" where it comes after the whole message was
// given: then the server knew the mailbox and the recipient's own filter spoke.
// The Japanese carriers answer so for 受信拒否.
func unknownAt(stage string, given Reason) Reason {
	if stage == "data" || given == Filtered {
		return Filtered
	}
	return UserUnknown
}

// loose are reasons whose words say little.
func (r Reason) loose() bool {
	switch r {
	case Policy, Security, System, Expired, Network, Content:
		return true
	}
	return false
}

func (r *Reasons) byWords(said string) (reason Reason, firm bool) {
	for _, s := range r.ordered {
		if s.find(said) {
			return Reason(s.name), s.firm
		}
	}
	return Unknown, false
}
