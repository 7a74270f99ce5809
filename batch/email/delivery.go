package email

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
)

// ErrNotAReport says that a message is no delivery report (RFC 3464).
var ErrNotAReport = errors.New("not a delivery report")

// ReadDeliveryReport reads one delivery status notification (RFC 3464) as
// evidence: whoever reports on a mail, and encloses its headers, had it. A
// report of failure is evidence of no more than that; bounces are read
// elsewhere. The mail's own Message-ID must stand in the enclosed message.
func ReadDeliveryReport(raw []byte) (Sighting, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Sighting{}, ErrNotAReport
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" {
		return Sighting{}, ErrNotAReport
	}
	s := Sighting{}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Sighting{}, ErrNotAReport
		}
		s.enclosed(part)
	}
	if s.MessageID == "" || s.Status == "" {
		return Sighting{}, ErrNotAReport
	}
	s.Received = true
	return s, nil
}

// enclosed takes the original's Message-ID, or the action reported.
func (s *Sighting) enclosed(part *multipart.Part) {
	kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
	body, err := io.ReadAll(io.LimitReader(part, 1<<20))
	if err != nil {
		return
	}
	switch kind {
	case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers":
		if m, err := mail.ReadMessage(bytes.NewReader(append(body, "\r\n\r\n"...))); err == nil {
			s.MessageID = strings.TrimSpace(m.Header.Get("Message-Id"))
		}
	case "message/delivery-status":
		for block := range bytes.SplitSeq(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
			m, err := mail.ReadMessage(bytes.NewReader(append(block, "\n\n"...)))
			if err != nil {
				continue
			}
			h := textproto.MIMEHeader(m.Header)
			if action := strings.ToLower(strings.TrimSpace(h.Get("Action"))); action != "" {
				s.Status, s.DSN = reported(action), strings.TrimSpace(h.Get("Status"))
			}
		}
	}
}

// reported is the action of a report as a relay's log would say it. Failure is
// not taken here: what kind of bounce it is says the whole report.
func reported(action string) string {
	switch action {
	case "delivered", "relayed", "expanded":
		return "sent"
	case "delayed":
		return "deferred"
	case "failed":
		return "failed"
	}
	return ""
}
