package email

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

func settings() Settings {
	return Settings{FromName: "電力送配電株式会社 お客さま窓口", From: "owabi@example.jp", ReplyTo: "toiawase@example.jp", Domain: "example.jp"}
}

func letterID(t *testing.T) letters.ID {
	t.Helper()
	id, err := letters.NewID(strings.NewReader("12345678"))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sampleMail(t *testing.T) Mail {
	return Mail{LetterID: letterID(t), Generation: 1, To: to,
		Subject: "お客さま情報の不適切な取扱いに関するお詫びとお知らせ(お客さまの情報が閲覧されていたことについて)",
		Date:    time.Date(2023, 2, 24, 15, 0, 0, 0, time.UTC),
		Text:    "電力 太郎 様\n𠮷野家 髙﨑 ①㈱\n.\n", HTML: "<!doctype html><p>電力 太郎 様</p>",
		PDF: append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0, 1, 2, 0xff, '\r', '\n', '.'}, 5000)...)}
}

func TestComposedMailReadsBack(t *testing.T) {
	t.Parallel()
	m := sampleMail(t)
	envelope, err := settings().Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(envelope.Message))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != m.Subject {
		t.Errorf("subject %q (%v), want %q", subject, err, m.Subject)
	}
	want := map[string]string{
		"Message-ID":     "<" + string(m.LetterID) + ".g1@example.jp>",
		"To":             "<" + to + ">",
		"Reply-To":       "<toiawase@example.jp>",
		"Date":           "Sat, 25 Feb 2023 00:00:00 +0900",
		"Auto-Submitted": "auto-generated",
		"Mime-Version":   "1.0",
		"User-Agent":     "", "X-Mailer": "", "Cc": "", "Bcc": "", "Return-Path": "",
	}
	for key, value := range want {
		if got := msg.Header.Get(key); got != value {
			t.Errorf("%s: %q, want %q", key, got, value)
		}
	}
	if a, err := msg.Header.AddressList("From"); err != nil || len(a) != 1 || a[0].Name != settings().FromName {
		t.Errorf("From %v (%v)", a, err)
	}
	if envelope.From != "bounces+"+string(m.LetterID)+".g1@example.jp" || envelope.To != to {
		t.Errorf("envelope %q to %q", envelope.From, envelope.To)
	}
	checkParts(t, msg, m)
}

// checkParts reads the message as a mail program does: mixed holds
// alternative (text, HTML) and the PDF.
func checkParts(t *testing.T, msg *mail.Message, m Mail) {
	t.Helper()
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	mixed := multipart.NewReader(msg.Body, params["boundary"])
	inner, err := mixed.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	_, params, err = mime.ParseMediaType(inner.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	alternative := multipart.NewReader(inner, params["boundary"])
	for _, want := range []struct{ kind, body string }{
		{"text/plain; charset=UTF-8", strings.ReplaceAll(m.Text, "\n", "\n")}, {"text/html; charset=UTF-8", m.HTML}} {
		part, err := alternative.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if kind, body := part.Header.Get("Content-Type"), decoded(t, part); kind != want.kind || body != want.body {
			t.Errorf("part %s %q, want %s %q", kind, body, want.kind, want.body)
		}
	}
	pdf, err := mixed.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if pdf.FileName() != "owabi-"+string(m.LetterID)+".pdf" || !strings.HasPrefix(pdf.Header.Get("Content-Type"), "application/pdf") {
		t.Errorf("attachment %q of %q", pdf.FileName(), pdf.Header.Get("Content-Type"))
	}
	if decoded(t, pdf) != string(m.PDF) {
		t.Error("PDF is not what was attached")
	}
	if _, err := mixed.NextPart(); err != io.EOF {
		t.Errorf("after the PDF: %v, want the end", err)
	}
}

func decoded(t *testing.T, part *multipart.Part) string {
	t.Helper()
	if got := part.Header.Get("Content-Transfer-Encoding"); got != "base64" {
		t.Errorf("encoding %q, want base64", got)
	}
	b, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSameLetterSameBytes(t *testing.T) {
	t.Parallel()
	first, err := settings().Compose(sampleMail(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := settings().Compose(sampleMail(t))
		if err != nil || !bytes.Equal(first.Message, again.Message) {
			t.Fatalf("second composing differs (%v)", err)
		}
	}
	next := sampleMail(t)
	next.Generation = 2
	other, _ := settings().Compose(next)
	if bytes.Equal(first.Message, other.Message) || other.From == first.From {
		t.Error("generation 2 has the bytes or the bounce address of generation 1")
	}
}

func TestLinesKeepToTheStandard(t *testing.T) {
	t.Parallel()
	envelope, err := settings().Compose(sampleMail(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(envelope.Message, []byte("\r\n")) {
		t.Error("message does not end with a line break")
	}
	for line := range strings.SplitSeq(string(envelope.Message), "\r\n") {
		if len(line) > 78 && !strings.HasPrefix(line, "Content-Disposition") {
			t.Errorf("line of %d characters: %.60q", len(line), line)
		}
		if strings.ContainsAny(line, "\r\n") || strings.IndexFunc(line, func(r rune) bool { return r > '~' }) >= 0 {
			t.Errorf("bare line break or non-ASCII in %q", line)
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*Settings, *Mail)
		want   error
	}{
		"no recipient":           {func(_ *Settings, m *Mail) { m.To = "" }, ErrAddress},
		"two recipients":         {func(_ *Settings, m *Mail) { m.To = "a@example.jp, b@example.jp" }, ErrAddress},
		"old docomo address":     {func(_ *Settings, m *Mail) { m.To = "abc..def.@docomo.ne.jp" }, ErrAddress},
		"non-ASCII address":      {func(_ *Settings, m *Mail) { m.To = "太郎@example.jp" }, ErrAddress},
		"line break in address":  {func(_ *Settings, m *Mail) { m.To = "a@example.jp\r\nBcc: b@example.jp" }, ErrAddress},
		"line break in subject":  {func(_ *Settings, m *Mail) { m.Subject = "お詫び\r\nBcc: b@example.jp" }, ErrHeader},
		"U+2028 in subject":      {func(_ *Settings, m *Mail) { m.Subject = "お詫び\u2028" }, ErrHeader},
		"line break in own name": {func(s *Settings, _ *Mail) { s.FromName = "電力\n送配電" }, ErrHeader},
		"bad own address":        {func(s *Settings, _ *Mail) { s.From = "owabi" }, ErrAddress},
		"bad domain":             {func(s *Settings, _ *Mail) { s.Domain = "example jp" }, ErrAddress},
		"no text":                {func(_ *Settings, m *Mail) { m.Text = "" }, ErrIncomplete},
		"no HTML":                {func(_ *Settings, m *Mail) { m.HTML = "" }, ErrIncomplete},
		"no PDF":                 {func(_ *Settings, m *Mail) { m.PDF = nil }, ErrIncomplete},
		"no date":                {func(_ *Settings, m *Mail) { m.Date = time.Time{} }, ErrIncomplete},
		"bad letter ID":          {func(_ *Settings, m *Mail) { m.LetterID = "123" }, letters.ErrBadID},
		"generation 0":           {func(_ *Settings, m *Mail) { m.Generation = 0 }, letters.ErrBadID},
	}
	for name, c := range cases {
		s, m := settings(), sampleMail(t)
		c.change(&s, &m)
		_, err := s.Compose(m)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "@") {
			t.Errorf("%s: error holds an address: %v", name, err)
		}
	}
}

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	good := []string{"a@example.jp", "denryoku.taro+x@mail.example.co.jp", "o'neil@example.jp", "a_b-c@x-y.example.jp"}
	bad := []string{"", "a", "@example.jp", "a@", "a@b", "a.@docomo.ne.jp", ".a@docomo.ne.jp", "a..b@ezweb.ne.jp",
		`"a..b"@docomo.ne.jp`, `"a@evil.example"@example.jp`, "a b@example.jp", "a@exa mple.jp", "a@[192.0.2.1]", "<a@example.jp>",
		"Taro <a@example.jp>", "a@example..jp", "a@-example.jp", "a@b@example.jp", "a\x00@example.jp", "ａ@example.jp", "a@例え.jp",
		"a@example.jp.", "a@example.jp\n", strings.Repeat("a", 65) + "@example.jp", "a@" + strings.Repeat("a.", 130) + "jp"}
	for _, s := range good {
		if err := CheckAddress(s); err != nil {
			t.Errorf("%q refused", s)
		}
	}
	for _, s := range bad {
		if !errors.Is(CheckAddress(s), ErrAddress) {
			t.Errorf("%q accepted", s)
		}
	}
}
