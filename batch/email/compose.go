package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"oshirase/letters"
)

// Settings is what all mails of a house have in common.
type Settings struct {
	FromName string // shown name of the sender, may be Japanese
	From     string // the one transactional sender
	ReplyTo  string // "" = From
	Domain   string // of Message-ID and of the bounce address
	Sign     Sign   // DKIM; nil leaves it to the relay
}

// Mail is one generation of one letter as it is mailed. Date is the Date
// header: it is the letter's planned date, not the clock, so that the same
// letter gives the same bytes.
type Mail struct {
	LetterID   letters.ID
	Generation int
	To         string // exactly one bare mailbox
	Subject    string // fixed text of the wording
	Date       time.Time
	Text, HTML string // both hold the same blocks (letters/text)
	PDF        []byte // the mail variant
}

// Sign prepends a signature to a whole message.
type Sign func(message []byte, at time.Time) ([]byte, error)

// ErrIncomplete says that a mail lacks one of its parts.
var ErrIncomplete = errors.New("mail lacks a part")

// MessageID returns <letterID.gN@domain>, the same at every attempt: it is
// the handle by which bounces and relay logs are matched.
func MessageID(id letters.ID, generation int, domain string) string {
	return fmt.Sprintf("<%s.g%d@%s>", id, generation, domain)
}

// ReturnPath returns the envelope's sender, bounces+letterID.gN@domain (VERP):
// a bounce that lost its headers is still matched.
func ReturnPath(id letters.ID, generation int, domain string) string {
	return fmt.Sprintf("bounces+%s.g%d@%s", id, generation, domain)
}

// Compose builds a mail and its envelope. It returns ErrAddress, ErrHeader or
// ErrIncomplete, wrapped with the letter ID, when something cannot go out.
func (s Settings) Compose(m Mail) (Envelope, error) {
	message, err := s.message(m)
	if err != nil {
		return Envelope{}, fmt.Errorf("compose mail of letter %s: %w", m.LetterID, err)
	}
	return Envelope{
		From:    ReturnPath(m.LetterID, m.Generation, s.Domain),
		To:      m.To,
		Message: message,
	}, nil
}

func (s Settings) message(m Mail) ([]byte, error) {
	if err := s.check(m); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	if err := s.headers(msg, m); err != nil {
		return nil, err
	}
	if err := bodies(msg, m); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if _, err := msg.WriteTo(&buf); err != nil {
		return nil, errors.New("write message") // go-mail's own text may hold the address
	}
	whole, err := fixBoundaries(buf.Bytes(), MessageID(m.LetterID, m.Generation, s.Domain))
	if err == nil {
		err = checkHead(whole)
	}
	if err != nil || s.Sign == nil {
		return whole, err
	}
	return s.Sign(whole, m.Date)
}

// headerSet is every field that a mail of ours has, each once. The signature
// is put before them.
func headerSet() []string {
	return []string{"Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Reply-To", "Subject", "To",
		"X-Auto-Response-Suppress"}
}

// checkHead reads the head of a finished message as a server does and returns
// ErrHeader when it has any field but ours, one of them twice, or lacks one: a
// library's next version may have its own ideas.
func checkHead(message []byte) error {
	head, _, ok := bytes.Cut(message, []byte("\r\n\r\n"))
	if !ok {
		return ErrHeader
	}
	var names []string
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) > 0 && line[0] != ' ' && line[0] != '\t' {
			name, _, _ := bytes.Cut(line, []byte{':'})
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, headerSet()) {
		return fmt.Errorf("message has the fields %v: %w", names, ErrHeader)
	}
	return nil
}

func (s Settings) check(m Mail) error {
	for _, a := range []string{s.From, s.replyTo(), m.To, ReturnPath(m.LetterID, m.Generation, s.Domain)} {
		if err := CheckAddress(a); err != nil {
			return err
		}
	}
	if _, err := letters.ParseID(string(m.LetterID)); err != nil || m.Generation < 1 {
		return letters.ErrBadID
	}
	if m.Subject == "" || m.Text == "" || m.HTML == "" || len(m.PDF) == 0 || m.Date.IsZero() {
		return ErrIncomplete
	}
	if strings.Contains(s.FromName, `\`) { // readers' programs disagree about it within an encoded name
		return ErrHeader
	}
	return checkHeader(m.Subject, s.FromName)
}

func (s Settings) replyTo() string {
	if s.ReplyTo == "" {
		return s.From
	}
	return s.ReplyTo
}

// headers writes no host name, no program name and nothing that tracks.
func (s Settings) headers(msg *gomail.Msg, m Mail) error {
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, &netmail.Address{Name: s.FromName, Address: s.From})
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderReplyTo, &netmail.Address{Address: s.replyTo()})
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderTo, &netmail.Address{Address: m.To})
	if len(msg.GetTo()) != 1 || len(msg.GetFrom()) != 1 {
		return ErrAddress
	}
	msg.Subject(m.Subject)
	id := MessageID(m.LetterID, m.Generation, s.Domain)
	msg.SetMessageIDWithValue(id[1 : len(id)-1])
	msg.SetDateWithValue(m.Date.In(letters.Tokyo()))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 section 5
	msg.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	return nil
}

// bodies attaches the PDF from bytes under an ASCII name: go-mail reads files
// only while sending, and writes other names in a form that mail programs
// show differently.
func bodies(msg *gomail.Msg, m Mail) error {
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg.AttachReader(fmt.Sprintf("owabi-%s.pdf", m.LetterID), bytes.NewReader(m.PDF),
		gomail.WithFileContentType("application/pdf"))
}

// boundaryParam stands before each boundary that mime/multipart drew at random.
const (
	boundaryParam  = "boundary="
	boundaryLength = 60
)

// fixBoundaries puts names made from the Message-ID in place of the random
// boundaries, each of the same length. go-mail's WithBoundary cannot be used:
// it gives the outer and the inner multipart the same name. Bodies are base64,
// so that the word stands in headers only.
func fixBoundaries(message []byte, id string) ([]byte, error) {
	found := 0
	for at := 0; ; found++ {
		i := bytes.Index(message[at:], []byte(boundaryParam))
		if i < 0 {
			break
		}
		at += i + len(boundaryParam)
		if at+boundaryLength+2 > len(message) || message[at+boundaryLength] != '\r' {
			return nil, errors.New("message has a boundary of another length")
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%s part %d", id, found))
		replaceAll(message, bytes.Clone(message[at:at+boundaryLength]), []byte(hex.EncodeToString(sum[:])[:boundaryLength]))
	}
	if found != 2 {
		return nil, fmt.Errorf("message has %d multiparts, want 2", found)
	}
	return message, nil
}

// replaceAll writes to, of the same length, over every from.
func replaceAll(b, from, to []byte) {
	for {
		i := bytes.Index(b, from)
		if i < 0 {
			return
		}
		copy(b[i:], to)
		b = b[i+len(to):]
	}
}
