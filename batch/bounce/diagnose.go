package bounce

import (
	"regexp"
	"strings"
)

// diagnosis is what a bounce says of its first recipient that failed.
type diagnosis struct {
	status string
	code   int
	reason Reason
}

// class is what stands in for a status: the status itself, or the first digit
// of the reply code.
func (d diagnosis) class() string {
	if d.status != "" || d.code == 0 {
		return d.status
	}
	return string(rune('0' + d.code/100))
}

// diagnose looks into what the server said, from the surest words to the
// vaguest: the report's fields, the lines with codes, the whole notice.
func (r *Reasons) diagnose(m *message) diagnosis {
	var d diagnosis
	words, stage := m.said()
	words = farAnswer(words)
	d.status, d.code = codes(words)
	notice := sumUp.ReplaceAllString(firstRecipient(farAnswer(m.words())), "$1\n")
	text := folded(notice)
	if stage == "" {
		stage = stageOf(text)
	}
	lines := codeLines(notice)
	if d.code == 0 && (d.status == "" || strings.HasSuffix(d.status, ".0.0")) {
		d = d.orOf(strings.Join(lines, "\n"))
	}
	for _, s := range r.notice {
		if s.find(text) {
			d.reason = Reason(s.name)
			return d
		}
	}
	if strings.EqualFold(m.header.get("x-spasign"), "NG") { // au: the subscriber's filter
		d.reason = Filtered
		return d
	}
	all := fold(words + "\n" + strings.Join(lines, "\n") + "\n" + text)
	if len(lines) > 1 && words == "" {
		d.reason = r.ofAny(d, stage, all, fold(lines[0]))
		if d.reason != Unknown && !d.reason.loose() {
			return d // what the server said first; what it said later answers our next command
		}
	}
	d.reason = r.ofAny(d, stage, all, fold(words), fold(strings.Join(lines, "\n")), text)
	return d
}

// orOf is the diagnosis with the codes of the lines below, where they have any.
func (d diagnosis) orOf(lines string) diagnosis {
	status, code := codes(lines)
	if code != 0 {
		d.code = code
	}
	if status != "" {
		d.status = status
	}
	return d
}

// ofAny is the reason by the first words that name one: each time those that
// are less sure are added. all is everything that was said.
func (r *Reasons) ofAny(d diagnosis, stage, all string, words ...string) Reason {
	said := ""
	for _, more := range words {
		if more == "" {
			continue
		}
		said = strings.TrimSpace(said + " " + more)
		switch reason := r.of(said, d.status, d.code, stage); {
		case reason == UserUnknown && r.undirected(all, d.status, stage):
			return Filtered
		case reason != Unknown:
			return reason
		}
	}
	return Unknown
}

// about is the reason by the notice alone.
func (r *Reasons) about(m *message) Reason {
	words, _ := m.said()
	text := fold(words + " " + m.words())
	status, code := codes(words)
	return r.of(text, status, code, stageOf(text))
}

// said is what the machine's report says of the first recipient that failed,
// with the SMTP command it is about.
func (m *message) said() (words, stage string) {
	for _, b := range m.reports {
		action := strings.ToLower(firstWord(b.get("action")))
		if b.get("final-recipient") == "" && b.get("original-recipient") == "" && b.get("status") == "" && b.get("diagnostic-code") == "" {
			continue
		}
		if action == "delivered" || action == "relayed" || action == "expanded" || action == "delayed" && m.anyFailed() {
			continue
		}
		words = unquote(b.get("diagnostic-code")) + " " + b.get("x-supplementary-info") + " " +
			b.get("x-actual-recipient-error") + " " + b.get("x-notes-error") + powerMTA(b)
		status, gloss, _ := strings.Cut(b.get("status"), "(")
		if strings.TrimSpace(words) == "" {
			words = gloss // it explains the code; it is no answer where there is one
		}
		words = strings.TrimSpace(status + " " + words)
		return words, stageOf(fold(words))
	}
	return m.header.get("x-failure-reason"), ""
}

// glossed is how a gateway of Cisco's, and who uses its sender, wraps the far
// server's answer: a status of its own with its gloss, the code, the words.
var glossed = regexp.MustCompile(`([45]\.[0-9]\.[0-9]) - [A-Za-z][^'\n]{2,60}\s([45][0-9]{2})-\s?'([^\n]*(?:\n[^\n]+)*?)'`)

// sumUp is Sendmail's own line below a far server's answer; read together they
// say what neither did ("mailbox … unavailable").
var sumUp = regexp.MustCompile(`(?m)^(<<< [45][0-9]{2}.*)\n554 5\.0\.0 Service unavailable$`)

// farAnswer is the text with such an answer unwrapped. The gateway's status
// stands only where the far server gave none.
func farAnswer(text string) string {
	return glossed.ReplaceAllStringFunc(text, func(all string) string {
		f := glossed.FindStringSubmatch(all)
		if statusCode.MatchString(f[3]) {
			return f[2] + " " + f[3]
		}
		return f[2] + " " + f[1] + " " + f[3]
	})
}

// powerMTA is the category that PowerMTA gives a bounce when it is that of the
// address; its others say less than the server's words.
func powerMTA(report header) string {
	if strings.EqualFold(strings.TrimSpace(report.get("x-powermta-bouncecategory")), "bad-mailbox") {
		return " x-powermta bad-mailbox"
	}
	return ""
}

// undirected reports whether "user unknown" was said without anything that
// shows that it is about the mailbox: no command, no status of the address, no
// word about the server's own users. Then it may be the recipient's filter that
// answered the whole message so, and the address is not condemned.
func (r *Reasons) undirected(all, status, stage string) bool {
	return stage == "" && !strings.HasPrefix(status, "5.1.") && !strings.HasPrefix(status, "4.1.") && status != "5.5.0" &&
		!noAccount.MatchString(all) && !r.own.find(all)
}

func (m *message) anyFailed() bool {
	for _, b := range m.reports {
		if strings.EqualFold(firstWord(b.get("action")), "failed") {
			return true
		}
	}
	return false
}

// unquote takes "smtp;" and its like off a diagnostic code.
func unquote(s string) string {
	if kind, rest, ok := strings.Cut(s, ";"); ok && len(kind) < 20 && !strings.ContainsAny(kind, " ") {
		return rest
	}
	return s
}

var (
	replyCode   = regexp.MustCompile(`(?:^|[^0-9.#:])([245][0-9]{2})(?:[- ]|$)`)
	codeLine    = regexp.MustCompile(`(?m)^.*(?:(?:^|[^0-9.#:])[45][0-9]{2}[- #]|\b[45]\.[0-9]{1,2}\.[0-9]{1,3}\b).*$(?:\n[ \t].*$)?`)
	notStatus   = regexp.MustCompile(`[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+`)
	stageDATA   = regexp.MustCompile(`in reply to (?:the )?(?:end of )?data|after (?:end of )?data|>>> \.|after pipelined data|\(state 1[5-9]\)|after sending message|after i sent the message|failed on data command|did not like our (?:final )?data|smtp command:? data|command: data`)
	refusedData = regexp.MustCompile(`>>> data <<< [45][0-9]{2}`)
	noRecipient = regexp.MustCompile(`<<< 503|<<< 554 .{0,40}no valid recipients|need rcpt|no recipients`) // then it was RCPT that failed
	stageRCPT   = regexp.MustCompile(`in reply to (?:the )?rcpt|after (?:pipelined )?rcpt|>>> rcpt|rcpt to:? ?<|\(state 1[34]\)|smtp command:? rcpt|command: rcpt|does not like recipient|smtp:rcpt|did not like our rcpt|in rcpt to|\[rcpt_to\]|after rcpt command|rcpt to generated following response|` +
		`deliver your message to the following address(?:es)?\. <[^>]+>: .{0,40}<[^ >]+@[^ >]+>`) // Yahoo names the mailbox only then
	stageMAIL   = regexp.MustCompile(`in reply to (?:the )?mail|after (?:pipelined )?mail from|>>> mail|\(state 1[012]\)|command: mail`)
	stageGreets = regexp.MustCompile(`refused to talk to me|after initial connection|in reply to (?:the )?(?:helo|ehlo)|>>> (?:helo|ehlo)|while talking .{0,40}: *<<< [45]`)
)

// codes finds the enhanced status and the reply code in a server's words. A
// specific status beats the x.0.0 that a report's own field often has.
func codes(words string) (status string, code int) {
	for _, s := range statusCode.FindAllString(notStatus.ReplaceAllString(words, " "), 6) {
		if s[0] == '2' {
			continue
		}
		if status == "" || strings.HasSuffix(status, ".0.0") && !strings.HasSuffix(s, ".0.0") {
			status = s
		}
	}
	for _, c := range replyCode.FindAllStringSubmatch(words, 6) {
		if c[1][0] != '2' {
			return status, atoi(c[1])
		}
	}
	return status, 0
}

// codeLines are the lines of a notice in which codes stand.
func codeLines(notice string) []string { return codeLine.FindAllString(notice, 10) }

// recipientLine opens what a notice says of one recipient, as qmail, Exim and
// GMX write it.
var recipientLine = regexp.MustCompile(`(?m)^(?:<[^<>\s@]+@[^<>\s]+>:|"[^"\s@]+@[^"\s]+":|  [^\s@<>"]+@[^\s@<>":]+)[ \t]*$`)

// firstRecipient cuts a notice about several recipients after what it says of
// the first. A list of addresses, or a transcript below one, stays whole.
func firstRecipient(notice string) string {
	at := recipientLine.FindAllStringIndex(notice, 2)
	if len(at) < 2 || strings.TrimSpace(notice[at[0][1]:at[1][0]]) == "" || strings.Contains(notice, "Transcript of session") {
		return notice
	}
	return notice[:at[1][0]]
}

// stageOf is the SMTP command that a server's words are about, "" when they do
// not say.
func stageOf(folded string) string {
	switch {
	case stageDATA.MatchString(folded), refusedData.MatchString(folded) && !noRecipient.MatchString(folded):
		return "data"
	case stageRCPT.MatchString(folded), refusedData.MatchString(folded):
		return "rcpt"
	case stageMAIL.MatchString(folded):
		return "mail"
	case stageGreets.MatchString(folded):
		return "greeting"
	}
	return ""
}
