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
	name    string
	firm    bool // its words go before a status code
	phrases []phrase
}

func (s section) find(folded string) bool {
	for _, p := range s.phrases {
		if p.in(folded) {
			return true
		}
	}
	return false
}

// phrase is words in their order, with up to gap characters between them.
type phrase []string

const gap = 60

func (p phrase) in(folded string) bool {
	for at := 0; ; {
		i := strings.Index(folded[at:], p[0])
		if i < 0 {
			return false
		}
		at += i + len(p[0])
		if p[1:].follows(folded[at:]) {
			return true
		}
	}
}

func (p phrase) follows(rest string) bool {
	for _, word := range p {
		near := rest[:min(len(rest), gap+len(word))]
		i := strings.Index(near, word)
		if i < 0 {
			return false
		}
		rest = rest[i+len(word):]
	}
	return true
}

// Reasons knows what servers' words mean. It may be used by many goroutines.
type Reasons struct {
	notice, ordered                 []section
	delay, final, challenge, failed section
	bounceSubject, autoSubject, own section
}

// NewReasons reads the list of phrases that is part of the program.
func NewReasons() (*Reasons, error) { return readPhrases(phraseList) }

func readPhrases(list string) (*Reasons, error) {
	r := &Reasons{}
	var at section
	end := func() error {
		switch {
		case at.name == "":
			return nil
		case len(at.phrases) == 0:
			return fmt.Errorf("bounce phrases: section %s is empty", at.name)
		}
		r.add(at)
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
			name := strings.TrimSuffix(line[1:len(line)-1], "!")
			at = section{name: name, firm: name != line[1:len(line)-1]}
		case at.name == "" || strings.HasPrefix(line, "*") || strings.HasSuffix(line, "*"):
			return nil, fmt.Errorf("bounce phrases: %q stands in no section or begins or ends with *", line)
		default:
			at.phrases = append(at.phrases, strings.Split(line, "*"))
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
	case "subject of a bounce":
		r.bounceSubject = s
	case "own user":
		r.own = s
	case "subject of an auto-reply":
		r.autoSubject = s
	default:
		if name, ok := strings.CutPrefix(s.name, "notice "); ok {
			s.name = name
			r.notice = append(r.notice, s)
			return
		}
		r.ordered = append(r.ordered, s)
	}
}

// Of is the reason for a server's own answer: its words with the enhanced
// status in them, the reply code, and the SMTP command it answered ("mail",
// "rcpt", "data" or "").
func (r *Reasons) Of(words string, code int, stage string) Reason {
	status, found := codes(words)
	if code == 0 {
		code = found
	}
	return r.of(fold(words), status, code, stage)
}

// of weighs words against the status. Words that name a reason go first, but
// for those that many servers say whatever happened.
func (r *Reasons) of(said, status string, code int, stage string) Reason {
	if ourDomain.MatchString(said) || oursMissing.MatchString(toSender.Replace(said)) {
		return Sender
	}
	reason, firm := r.byWords(said)
	given := byStatus(status)
	switch {
	case given != "" && (reason == Unknown || reason.loose() && !firm):
		reason = given
	case given == HostUnknown && reason == UserUnknown:
		reason = given
	case given == Sender && (reason == UserUnknown || reason == HostUnknown):
		reason = given
	case given == MailboxFull || given == Moved || given == Suspended:
		if reason == UserUnknown || reason == Filtered {
			reason = given
		}
	}
	if reason == Unknown {
		reason = byCode(code)
	}
	if stage == "mail" && (reason == UserUnknown || reason == HostUnknown) {
		return Sender // the answer to MAIL FROM is about our own address
	}
	if reason == UserUnknown && afterData(said, status, code, stage) {
		reason = Filtered
	}
	return reason
}

// afterData reports whether "user unknown" was the answer to the whole
// message. Then the server knew the mailbox, and the recipient's own filter
// spoke: so the Japanese carriers answer for 受信拒否 (5.2.0). 5.1.1 is about the
// mailbox, whenever it comes, and so are the words of Yahoo and Mail.ru, whose
// servers look the mailbox up only then.
func afterData(said, status string, code int, stage string) bool {
	if noAccount.MatchString(said) {
		return false
	}
	return stage == "data" && byStatus(status) != UserUnknown || status == "5.2.0" || stage == "" && status == "" && code == 554
}

// ourDomain is SoftBank's answer when the domain of our own return address has
// no records, whatever it then answers.
var ourDomain = regexp.MustCompile(`\b553 (?:5\.[0-9]\.[0-9]+ )?[a-z0-9-]+(?:\.[a-z0-9-]+)+ does not exist`)

// oursMissing is something of our own, not of the recipient's, that a server
// looked for in vain, all within one clause: a return address, a HELO name, a
// record for SPF, a key for DKIM.
var oursMissing = regexp.MustCompile(`(?:\bfrom:|\b(?:sender|mail from|return[- ](?:address|path)|reply-to|helo|ehlo|spf|dkim|arc|tlsa|ptr|certificate)\b)[^.;<>@]{0,40}` +
	`\b(?:not (?:be )?found|not exist|doesn't exist|not resolve|unknown)\b`)

// toSender takes out "returned to sender", which is no word about a sender.
var toSender = strings.NewReplacer("to sender", "", "to the sender", "", "to its sender", "")

var noAccount = regexp.MustCompile(`this user doesn't have a .{1,60} account|requested mail action aborted, mailbox not found|invalid mailbox\. local mailbox`)

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
