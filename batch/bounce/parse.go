package bounce

import (
	"regexp"
	"strconv"
	"strings"
)

// Kind is what a message in a bounce mailbox is.
type Kind string

const (
	Bounce    Kind = "bounce"     // 不達: the mail did not get there and will not
	Delayed   Kind = "delayed"    // a warning: the server still tries
	Delivered Kind = "delivered"  // a report of success
	AutoReply Kind = "auto_reply" // 不在通知, acknowledgements
	Challenge Kind = "challenge"  // the recipient's filter asks for a confirmation
	Feedback  Kind = "feedback"   // a complaint report (ARF, RFC 5965)
	Receipt   Kind = "receipt"    // 開封通知 (MDN, RFC 8098)
	Ordinary  Kind = "ordinary"   // mail that people wrote
	Empty     Kind = "empty"      // nothing there
)

// Report is what one message says.
type Report struct {
	Kind   Kind
	Class  Class  // of a bounce; a warning's is soft
	Reason Reason // of a bounce or warning
	Status string // enhanced status code, "" when none was given
	Code   int    // SMTP reply code, 0 when none was given
	Refs   []Ref  // letters it names, the surest first
}

// Parse reads one message. It never fails: what cannot be understood is
// Ordinary. domain is the house's, of its Message-IDs and return addresses.
func (r *Reasons) Parse(raw []byte, domain string) Report {
	if len(strings.TrimSpace(string(raw[:min(len(raw), 4096)]))) == 0 {
		return Report{Kind: Empty}
	}
	m := takeApart(raw)
	out := Report{Kind: r.kind(m), Refs: refs(m, domain)}
	switch out.Kind {
	case Bounce:
		d := r.diagnose(m)
		out.Status, out.Code, out.Reason = d.status, d.code, d.reason
		out.Class = classOf(d.reason, d.class())
		if d.reason == Unknown && !r.saysAnything(m, d) {
			out.Class = Other
		}
	case Delayed:
		d := r.diagnose(m)
		out.Status, out.Code, out.Reason, out.Class = d.status, d.code, d.reason, Soft
	}
	return out
}

// saysAnything reports whether a bounce says that a delivery failed, and does
// not just look like one: a message cut off after its header says nothing.
func (r *Reasons) saysAnything(m *message, d diagnosis) bool {
	return d.class() != "" || len(m.reports) > 0 || r.failed.find(m.text())
}

// kind decides by what the machine says of itself, then by what stands there
// for people.
func (r *Reasons) kind(m *message) Kind {
	switch {
	case m.report == "feedback-report" || m.has("message/feedback-report") || complaint.MatchString(m.header.get("subject")):
		return Feedback
	case m.report == "disposition-notification" || m.has("message/disposition-notification"):
		if !rejecting.MatchString(m.notice.String()) {
			return Receipt
		}
		return Bounce // Dovecot's and others' way to say that it was refused
	}
	if k := m.byActions(); k != "" {
		return k
	}
	if k := m.sesKind(); k != "" {
		return k
	}
	text := m.text()
	subject := fold(m.header.decoded("subject"))
	switch {
	case r.listed(m, subject):
		return Ordinary
	case r.challenge.find(subject+" "+text) && !m.fromDaemon():
		return Challenge
	case surely.MatchString(m.header.decoded("from")) && r.delayed(text, subject):
		return Delayed // Exim's warnings call themselves auto-replied
	case r.autoReply(m, subject) && !m.dsn() && !(m.nobody() && r.about(m) == UserUnknown):
		return AutoReply
	case r.delayed(text, subject):
		return Delayed
	case m.fromDaemon() || r.saysBounced(subject) || m.header.get("x-failed-recipients") != "" || m.dsn():
		if m.bare() && r.about(m) == Unknown && !smtpWords.MatchString(text) && !r.failed.find(subject+" "+text) {
			return Ordinary
		}
		return Bounce
	case r.failed.find(text) && (smtpWords.MatchString(text) || r.about(m) != Unknown):
		return Bounce
	}
	return Ordinary
}

func (r *Reasons) delayed(text, subject string) bool {
	return r.delay.find(subject+" "+text) && !r.final.find(text)
}

// byActions is the kind by RFC 3464's Action fields, "" without any.
func (m *message) byActions() Kind {
	var k Kind
	for _, b := range m.reports {
		switch strings.ToLower(firstWord(b.get("action"))) {
		case "failed", "failure":
			return Bounce
		case "delayed":
			k = Delayed
		case "delivered", "relayed", "expanded":
			if k == "" {
				k = Delivered
			}
		}
	}
	if k == "" {
		for _, b := range m.reports {
			if s := statusCode.FindString(b.get("status")); s != "" && (b.get("final-recipient") != "" || b.get("original-recipient") != "") {
				return map[byte]Kind{'2': Delivered, '4': Bounce, '5': Bounce}[s[0]]
			}
		}
	}
	return k
}

var sesNotice = regexp.MustCompile(`"(?:notificationType|eventType)" *: *"([A-Za-z]+)"`)

// sesKind is the kind of a notification that Amazon SES sends as JSON, "" of
// any other message.
func (m *message) sesKind() Kind {
	found := sesNotice.FindStringSubmatch(m.words())
	if found == nil || !strings.Contains(m.header.get("from"), "amazonaws.com") {
		return ""
	}
	return map[string]Kind{"Bounce": Bounce, "Complaint": Feedback, "Delivery": Delivered, "DeliveryDelay": Delayed}[found[1]]
}

// dsn reports whether it says by its form that it is a delivery report.
func (m *message) dsn() bool { return m.report == "delivery-status" || len(m.reports) > 0 }

func (m *message) has(kind string) bool {
	for _, k := range m.kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// bare reports whether nothing of an original came with it.
func (m *message) bare() bool { return len(m.original) == 0 && len(m.reports) == 0 }

var (
	daemon = regexp.MustCompile(`(?i)mailer[-_ ]?daemon|postmaster|mail delivery|mail administrator|mdaemon|delivery subsystem|` +
		`maildelivery|mail[-_]?deliver|mail system|mailsystem|system administrator|bounce|mailerdaemon|microsoft exchange|` +
		`mail router|mailer@|^<>$|smtp server|administrator@|intermail|majordomo|mail gateway|no-?reply@(?:.*\.)?(?:dion|auone-net)`)
	bounceSubject = regexp.MustCompile(`undeliver|non[- ]?deliver|delivery (?:status|fail|report|notif|problem|error|unsuc)|returned (?:mail|e-?mail|message|to sender)|` +
		`failure notice|failed (?:mail|delivery|to deliver)|mail (?:system error|delivery|error|could not|failure)|could not (?:be )?(?:deliver|send)|` +
		`delivery.*fail|unable to deliver|not deliver|message (?:status|you sent|delivery)|error sending|user unknown|unzustellbar|rejected|mail returned|` +
		`(?:e-?mail|message) (?:bounced|not sent|rejected)|bounce`)
	autoSubject = regexp.MustCompile(`^(?:auto(?:matic(?:ally)?)?[ :-]|out of (?:the )?office|ooo:|vacation|away from|autoreply|auto-?reply|automatic reply|` +
		`abwesenheit|réponse automatique|respuesta automática)|i am (?:away|out of)|on vacation|out of office|autoodpowied`)
	surely     = regexp.MustCompile(`(?i)mailer[-_ ]?daemon|postmaster|mail delivery|mail administrator`)
	answer     = regexp.MustCompile(`^(?:\[[^\]]*\] *)?(?:re|aw|sv|fwd?): `)
	complaint  = regexp.MustCompile(`(?i)^\s*complaint about message from`) // Microsoft's, in a form of its own
	rejecting  = regexp.MustCompile(`(?i)was automatically rejected|disposition:[^\n]*/(?:deleted|denied|failed)`)
	smtpWords  = regexp.MustCompile(`\b[45][0-9]{2}[ -]|\b[45]\.[0-9]\.[0-9]{1,3}\b`)
	statusCode = regexp.MustCompile(`\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)
)

// fromDaemon reports whether a mail server or a list's manager wrote it.
func (m *message) fromDaemon() bool {
	for _, name := range []string{"from", "sender"} {
		if daemon.MatchString(m.header.decoded(name)) {
			return true
		}
	}
	return strings.TrimSpace(m.header.get("return-path")) == "<>" || strings.Contains(m.header.get("message-id"), ".FML") // a list's manager
}

// listed reports whether people wrote it to a list: what a list passes on comes
// from an address named bounces, too, and may well speak of errors. A bounce
// that went over a list keeps its own subject and author.
func (r *Reasons) listed(m *message, subject string) bool {
	return m.header.get("list-id") != "" && !m.dsn() && !surely.MatchString(m.header.decoded("from")) &&
		(answer.MatchString(subject) || !r.saysBounced(subject))
}

// nobody reports whether the message names no author at all, as no person's
// reply does.
func (m *message) nobody() bool { return strings.TrimSpace(m.header.get("from")) == "<>" }

// saysBounced reports whether a subject is one that servers give to bounces.
func (r *Reasons) saysBounced(subject string) bool {
	return bounceSubject.MatchString(subject) || r.bounceSubject.find(subject)
}

// autoReply goes by RFC 3834 and what came before it. Servers that report
// failures say auto-generated at times, so that word alone is not enough.
func (r *Reasons) autoReply(m *message, subject string) bool {
	auto := strings.ToLower(m.header.get("auto-submitted"))
	switch {
	case strings.HasPrefix(auto, "auto-replied") && !r.saysBounced(subject):
		return true
	case r.saysBounced(subject) && m.fromDaemon():
		return false
	case autoSubject.MatchString(subject) || r.autoSubject.find(subject):
		return true
	case m.header.get("x-autoreply") != "" || m.header.get("x-autorespond") != "" || m.header.get("x-autoresponder") != "" ||
		m.header.get("x-auto-reply") != "":
		return true
	}
	precedence := strings.ToLower(m.header.get("precedence"))
	return precedence == "auto_reply" || strings.HasPrefix(auto, "auto-generated") && strings.HasPrefix(subject, "re:")
}

// text is the notice, folded for looking things up.
func (m *message) text() string { return folded(m.words()) }

func folded(notice string) string { return fold(notice[:min(len(notice), maxWords)]) }

// maxWords is how much of a notice is asked for its meaning.
const maxWords = 16 << 10

var space = regexp.MustCompile(`[\s\x{3000}]+`)

// fold makes one line of lower-case text, so that neither a server's line
// breaks nor its capitals matter.
func fold(s string) string { return strings.TrimSpace(space.ReplaceAllString(strings.ToLower(s), " ")) }

func firstWord(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " \t(;"); i >= 0 {
		return s[:i]
	}
	return s
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
