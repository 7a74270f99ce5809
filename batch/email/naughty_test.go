package email

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"testing"
)

// naughty are strings that have broken headers, parsers and people's patience:
// each of the payloads alone and in each of the frames.
func naughty() []string {
	payloads := []string{"", " ", "\t", "\r\n", "\n", "\r", "\x00", "\x7f", "\u0085", "\u2028", "\u2029", "\ufeff", "\ufffd", "\xff\xfe", "\x1b[31m",
		"\r\nBcc: hanako@example.jp", "\nBcc: hanako@example.jp", "\r\n.\r\nMAIL FROM:<a@example.jp>", "\n.\n", "\r\n\r\nbody",
		"=?UTF-8?B?DQpCY2M6IGhhbmFrb0BleGFtcGxlLmpw?=", "=?utf-8?q?=0D=0ABcc:_hanako@example.jp?=", "%0d%0aBcc: x", "%s%n%d", "{{.Secret}}", "${jndi:x}",
		"<script>alert(1)</script>", "'; DROP TABLE letter; --", "\"", "\\", "<>", "(comment)", "a@b@c", "hanako@example.jp, taro@example.jp",
		"\"hanako@example.jp\"@example.jp", "電力 太郎", "𠮷野家", "葛\U000e0100", "👨‍👩‍👧", "\u202egnp", "Ａ＠ｅｘａｍｐｌｅ．ｊｐ", "ﾊﾝｶｸ", "㈱", "髙﨑①",
		strings.Repeat("長", 400), strings.Repeat("a", 2000)}
	frames := []string{"%s", "a%s", "%sb", "a%sb", " %s ", "電力%s太郎", "%[1]s%[1]s", "\"%s\"", "<%s>", "%s@example.jp", "taro@%s"}
	var out []string
	for _, f := range frames {
		for _, p := range payloads {
			out = append(out, fmt.Sprintf(f, p))
		}
	}
	return out
}

// TestNaughtyStrings puts each string into each field. Either the mail is
// refused, or what a server receives has our fields and no other, each once,
// one recipient, and the value a reader's program shows is the one we gave.
func TestNaughtyStrings(t *testing.T) {
	t.Parallel()
	server := startBad(t, nil)
	sender, err := NewSender(server.config())
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	list := naughty()
	if len(list) < 500 {
		t.Fatalf("only %d strings", len(list))
	}
	sent, refused := 0, 0
	for field, put := range map[string]func(*Settings, *Mail, string){
		"From":    func(s *Settings, _ *Mail, v string) { s.FromName = v },
		"from":    func(s *Settings, _ *Mail, v string) { s.From = v },
		"reply":   func(s *Settings, _ *Mail, v string) { s.ReplyTo = v },
		"domain":  func(s *Settings, _ *Mail, v string) { s.Domain = v },
		"to":      func(_ *Settings, m *Mail, v string) { m.To = v },
		"Subject": func(_ *Settings, m *Mail, v string) { m.Subject = v },
		"text":    func(_ *Settings, m *Mail, v string) { m.Text = v },
		"HTML":    func(_ *Settings, m *Mail, v string) { m.HTML = v },
	} {
		for _, v := range list {
			s, m := settings(), sampleMail(t)
			m.PDF = []byte("%PDF-1.7\n")
			put(&s, &m, v)
			envelope, err := s.Compose(m)
			if err != nil {
				refused++
				continue
			}
			before := len(server.received())
			if out := sender.Send(t.Context(), envelope, func() error { return nil }); out.Kind != Accepted {
				t.Fatalf("%s %q: %+v", field, v, out)
			}
			got := server.received()
			if len(got) != before+1 {
				t.Fatalf("%s %q: the server took %d messages", field, v, len(got)-before)
			}
			sent++
			checkReceived(t, field, v, got[before])
		}
	}
	if sent < 500 || refused < 500 {
		t.Errorf("%d sent and %d refused: one of them proves nothing", sent, refused)
	}
	rcpt := 0
	for _, line := range server.commands() {
		if strings.HasPrefix(line, "RCPT") {
			rcpt++
		}
	}
	if rcpt != sent {
		t.Errorf("%d recipients for %d mails", rcpt, sent)
	}
}

func checkReceived(t *testing.T, field, value, message string) {
	t.Helper()
	raw := strings.ReplaceAll(message, "\n", "\r\n")
	if err := checkHead([]byte(raw)); err != nil {
		t.Errorf("%s %q: %v", field, value, err)
	}
	msg, err := mail.ReadMessage(bytes.NewReader([]byte(raw)))
	if err != nil {
		t.Errorf("%s %q: %v", field, value, err)
		return
	}
	switch field {
	case "Subject":
		got, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get(field))
		if err != nil || strings.TrimSpace(got) != strings.TrimSpace(value) {
			t.Errorf("subject %q is shown as %q (%v)", value, got, err)
		}
	case "From":
		a, err := msg.Header.AddressList(field)
		if err != nil || len(a) != 1 || a[0].Address != "owabi@example.jp" || strings.TrimSpace(a[0].Name) != strings.TrimSpace(value) {
			t.Errorf("name %q is shown as %v (%v)", value, a, err)
		}
	}
}

// TestCheckHeadFindsPlantedFaults: a field too many, one twice, one missing.
func TestCheckHeadFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	envelope, err := settings().Compose(sampleMail(t))
	if err != nil {
		t.Fatal(err)
	}
	good := string(envelope.Message)
	for name, bad := range map[string]string{
		"another field":  "X-Mailer: x\r\n" + good,
		"a second To":    "To: <a@example.jp>\r\n" + good,
		"no Date":        strings.Replace(good, "Date:", "D:", 1),
		"no end of head": strings.ReplaceAll(good, "\r\n\r\n", "\r\n"),
	} {
		if checkHead([]byte(bad)) == nil {
			t.Errorf("%s was not found", name)
		}
	}
	if err := checkHead([]byte(good)); err != nil {
		t.Error(err)
	}
	if !slices.IsSorted(headerSet()) {
		t.Error("header set is not sorted")
	}
}
