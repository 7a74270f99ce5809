package bounce

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
)

// hopeless are forms whose mildest words come last, as they do below a 5.1.1:
// cut off before them they say something else, and nobody could know.
var hopeless = []string{"au, disabled", "google, au, refused by the subscriber"}

// TestCutOffBouncesCondemnNobody: a form cut off after any of its lines is read,
// and is hard only if the whole is.
func TestCutOffBouncesCondemnNobody(t *testing.T) {
	t.Parallel()
	r := newReasons(t)
	for name, f := range forms(t) {
		whole := r.Parse([]byte(f.message), "example.jp")
		if whole.Class == Hard || whole.Status == "5.1.1" || slices.Contains(hopeless, name) {
			continue
		}
		lines := strings.SplitAfter(f.message, "\n")
		for n := range lines {
			if got := r.Parse([]byte(strings.Join(lines[:n], "")), "example.jp"); got.Class == Hard {
				t.Errorf("%s: %s; its first %d lines: %s %s", name, line(whole), n, got.Class, got.Reason)
				break
			}
		}
	}
}

// japaneseNotice is a mail server's notice for people; its words alone say that
// there is no such address.
const japaneseNotice = "次のあて先へのメッセージは送信できませんでした。\n\n宛先メールアドレスが見つかりませんでした。\n\n<taro@example.jp>\n"

// TestNoticesInWrongCharsets: each charset of Japan under each name, and none.
func TestNoticesInWrongCharsets(t *testing.T) {
	t.Parallel()
	r := newReasons(t)
	charsets := map[string]encoding.Encoding{"UTF-8": encoding.Nop, "ISO-2022-JP": japanese.ISO2022JP, "Shift_JIS": japanese.ShiftJIS, "EUC-JP": japanese.EUCJP}
	for written, e := range charsets {
		body, err := e.NewEncoder().String(japaneseNotice)
		if err != nil {
			t.Fatal(err)
		}
		for _, named := range []string{"", "utf-8", "us-ascii", "iso-2022-jp", "shift_jis", "euc-jp", "iso-8859-1", "x-unknown"} {
			raw := "From: MAILER-DAEMON@example.jp\nSubject: failure notice\n"
			if named != "" {
				raw += "Content-Type: text/plain; charset=" + named + "\n"
			}
			if got := r.Parse([]byte(raw+"\n"+body), "example.jp"); got.Class != Hard || got.Reason != UserUnknown {
				t.Errorf("%s named %q: %s", written, named, line(got))
			}
		}
		if got := r.Parse([]byte("From: MAILER-DAEMON@example.jp\nSubject: failure notice\n\n"+body[:len(body)*3/4]), "example.jp"); got.Kind != Bounce {
			t.Errorf("%s, cut off: %s", written, line(got))
		}
	}
}

// TestEncodedReports: the parts of a report in base64 and quoted-printable.
func TestEncodedReports(t *testing.T) {
	t.Parallel()
	r := newReasons(t)
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	const report = "Reporting-MTA: dns; relay.example.jp\n\nFinal-Recipient: rfc822; taro@example.jp\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n"
	const original = "Message-ID: <1000000000000053.g1@example.jp>\nFrom: owabi@example.jp\n"
	raw := func(enc string, code func(string) string) string {
		out := "From: MAILER-DAEMON@example.jp\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n"
		for _, part := range [][2]string{{"text/plain; charset=utf-8", japaneseNotice}, {"message/delivery-status", report}, {"text/rfc822-headers", original}} {
			out += fmt.Sprintf("\n--b\nContent-Type: %s\nContent-Transfer-Encoding: %s\n\n%s\n", part[0], enc, code(part[1]))
		}
		return out + "\n--b--\n"
	}
	for name, m := range map[string]string{
		"base64":           raw("base64", b64),
		"quoted-printable": raw("quoted-printable", func(s string) string { return strings.ReplaceAll(s, "=", "=3D") }),
		"no last boundary": strings.TrimSuffix(raw("base64", b64), "\n--b--\n"),
	} {
		got := r.Parse([]byte(m), "example.jp")
		if want := "bounce hard user_unknown 5.1.1"; line(got) != want || len(got.Refs) != 1 || got.Refs[0].How != ByMessageID {
			t.Errorf("%s: %s, names %v; want %s", name, line(got), got.Refs, want)
		}
	}
}

// TestForwardedBounces: a system passes a bounce on as an attachment of its own
// bounce, or a person attaches it to a mail. Reports are opened, wherever they are.
func TestForwardedBounces(t *testing.T) {
	t.Parallel()
	r := newReasons(t)
	all := forms(t)
	for _, name := range []string{"postfix, no such user", "postfix, mailbox full", "sendmail 8, no such user", "amazon ses", "exim, after RCPT", "qmail, no such user", "au, full"} {
		f := all[name]
		wrapped := "From: hanako@example.jp\nTo: owabi@example.jp\nSubject: Fwd: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n" +
			"Content-Type: multipart/mixed; boundary=outer\n\n--outer\nContent-Type: text/plain\n\nSee below.\n\n--outer\nContent-Type: message/rfc822\n\n" +
			f.message + "\n--outer--\n"
		got := r.Parse([]byte(wrapped), "example.jp")
		if line(got) != f.want || f.ours != (len(got.Refs) > 0) {
			t.Errorf("%s, forwarded: %s, names %v; want %s", name, line(got), got.Refs, f.want)
		}
	}
}

// TestMailboxesOfOldMachines: CR alone, a byte order mark, empty lines first.
func TestMailboxesOfOldMachines(t *testing.T) {
	t.Parallel()
	const mbox = "From a Tue Feb 28 09:00:00 2023\nSubject: a\n\none\n\nFrom b Tue Feb 28 09:00:00 2023\nSubject: b\n\ntwo\n"
	want := []string{"Subject: a\n\none\n\n", "Subject: b\n\ntwo\n"}
	for name, content := range map[string]string{
		"CR":                strings.ReplaceAll(mbox, "\n", "\r"),
		"byte order mark":   "\ufeff" + mbox,
		"empty lines first": "\n \r\n\n" + mbox,
	} {
		if got := split(t, content); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
