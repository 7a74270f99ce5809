package email

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Kind is what may be concluded about one mail.
type Kind string

const (
	// Accepted: the server answered 2xx to the final dot. Nothing that happens
	// afterwards on the connection changes it.
	Accepted Kind = "accepted"
	// Deferred: the server answered 4xx to MAIL, RCPT, DATA or the dot. It does
	// not have the mail; try again later.
	Deferred Kind = "deferred"
	// Refused: the server answered 5xx to MAIL, RCPT, DATA or the dot. It does
	// not have the mail and will not take it.
	Refused Kind = "refused"
	// Uncertain: the dot was sent, or may have been, and no answer that can be
	// understood came. Nobody knows whether the server has the mail.
	Uncertain Kind = "uncertain"
	// NotSent: the dot was certainly not sent and the server said nothing about
	// this mail. It can go back to the queue by itself.
	NotSent Kind = "not_sent"
)

// Stage is the step at which a mail ended.
type Stage string

const (
	StageCheck   Stage = "check"   // the envelope itself cannot be sent; no server was asked
	StageConnect Stage = "connect" // dial, greeting, EHLO, TLS, log-in
	StageMail    Stage = "mail"
	StageRcpt    Stage = "rcpt"
	StageData    Stage = "data"
	StageBody    Stage = "body"
	StageLedger  Stage = "ledger" // beforeDot refused: nothing was handed over
	StageDot     Stage = "dot"
	StageStop    Stage = "stop" // given back untouched: by a worker that stops, or for a domain that rests
)

// Outcome is what became of one mail. RetryIn and GiveUp are set by Worker
// for Deferred: when to come again, or that the back-off is exhausted.
type Outcome struct {
	Kind    Kind
	Code    int // the server's reply code, 0 when there was none
	Stage   Stage
	Reply   string // the server's words, without addresses; after acceptance they name the queue id
	RetryIn time.Duration
	GiveUp  bool
}

// conclude turns the error of a step before the dot into an outcome. An answer
// is about this mail only from MAIL on; before that the server speaks about
// us, and no letter may be called failed for it (554 at the greeting).
func conclude(stage Stage, err error, to string) Outcome {
	out := Outcome{Kind: NotSent, Stage: stage}
	reply, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return out
	}
	out.Code, out.Reply = reply.Code, clean(reply.Msg, to)
	if stage == StageConnect || stage == StageBody {
		return out
	}
	switch reply.Code / 100 {
	case 4:
		out.Kind = Deferred
	case 5:
		out.Kind = Refused
	}
	return out
}

// concludeDot turns the answer to the final dot into an outcome. Only a reply
// of class 2, 4 or 5 is an answer; all else is uncertain, whatever its text.
func concludeDot(code int, reply string, err error, to string) Outcome {
	if e, ok := errors.AsType[*textproto.Error](err); ok {
		code, reply, err = e.Code, e.Msg, nil
	}
	out := Outcome{Kind: Uncertain, Stage: StageDot}
	if err != nil {
		return out
	}
	out.Code, out.Reply = code, clean(reply, to)
	switch code / 100 {
	case 2:
		out.Kind = Accepted
	case 4:
		out.Kind = Deferred
	case 5:
		out.Kind = Refused
	}
	return out
}

const maxReply = 200

// phoneLike is a Japanese telephone number with its hyphens.
var phoneLike = regexp.MustCompile(`\b0\d{1,4}-\d{1,4}-\d{3,4}\b`)

// addressLike finds mailboxes in a server's words, quoted ones too.
var addressLike = regexp.MustCompile(`<?(?:"[^"]*"|[^\s"<>]+)@[^\s<>]*>?`)

// clean takes addresses, the recipient's local part, telephone numbers and what
// is no ASCII out of a server's words, and cuts them at 200 characters.
func clean(reply, to string) string {
	reply = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r > unicode.MaxASCII { // a reply is ASCII (RFC 5321, section 4.2); a name may stand in what is not
			return ' '
		}
		return r
	}, reply)
	reply = phoneLike.ReplaceAllString(reply, "(number)")
	reply = addressLike.ReplaceAllString(reply, "(address)")
	if local, _, ok := strings.Cut(to, "@"); ok && local != "" {
		word := regexp.MustCompile(`(?i)(^|[^0-9A-Za-z])` + regexp.QuoteMeta(local) + `($|[^0-9A-Za-z])`)
		reply = word.ReplaceAllString(reply, "${1}(address)${2}")
	}
	reply = strings.Join(strings.Fields(reply), " ")
	if rs := []rune(reply); len(rs) > maxReply {
		reply = string(rs[:maxReply])
	}
	return reply
}
