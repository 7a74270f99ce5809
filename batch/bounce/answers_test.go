package bounce

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serverAnswer is one line of testdata/answers.txt.
type serverAnswer struct{ class, command, words string }

// TestAnswers: what a server answered has the same class from the server itself
// and in the bounces that Postfix, Exim and Sendmail make of it.
func TestAnswers(t *testing.T) {
	t.Parallel()
	r := newReasons(t)
	classes := map[string]int{}
	for _, a := range answers(t) {
		classes[a.class]++
		status, code := codes(a.words)
		d := diagnosis{status: status, code: code}
		if got := classOf(r.Of(a.words, 0, a.command), d.class()); string(got) != a.class {
			t.Errorf("%q answered to %q: got %s, want %s", a.words, a.command, got, a.class)
		}
		for maker, mail := range map[string]string{"postfix": a.postfix(), "exim": a.exim(), "sendmail": a.sendmail()} {
			got := r.Parse([]byte(mail), "example.jp")
			if got.Kind != Bounce || string(got.Class) != a.class || len(got.Refs) == 0 {
				t.Errorf("%s bounces %q: got %s %s %s of %v, want %s of our letter", maker, a.words, got.Kind, got.Class, got.Reason, got.Refs, a.class)
			}
		}
	}
	if classes["hard"] < 50 || classes["soft"] < 50 {
		t.Errorf("answers: %v, want 50 of each class", classes)
	}
}

func answers(t *testing.T) []serverAnswer {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "answers.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []serverAnswer
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.SplitN(line, " ", 3)
		if len(f) < 3 {
			t.Fatalf("answers.txt: %q is no class, command and words", line)
		}
		out = append(out, serverAnswer{class: f[0], command: strings.Trim(f[1], "-"), words: f[2]})
	}
	return out
}

const answerOriginal = `Received: from relay.example.jp (relay.example.jp [192.0.2.1])
Message-ID: <1000000000000053.g1@example.jp>
From: owabi@example.jp
To: <taro@example.jp>
Subject: Notice
`

// status is the answer's enhanced status, or what its maker puts in its place.
func (a serverAnswer) status() string {
	status, code := codes(a.words)
	switch {
	case status != "":
		return status
	case code/100 == 4:
		return "4.0.0"
	}
	return "5.0.0"
}

func (a serverAnswer) report() string {
	return fmt.Sprintf("Reporting-MTA: dns; relay.example.jp\n\nFinal-Recipient: rfc822; taro@example.jp\nAction: failed\nStatus: %s\nDiagnostic-Code: smtp; %s\n", a.status(), a.words)
}

func multipartReport(from, subject, notice, report string) string {
	return "Return-Path: <>\nFrom: " + from + "\nTo: owabi@example.jp\nSubject: " + subject +
		"\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\n\n" +
		"--b1\nContent-Type: text/plain; charset=utf-8\n\n" + notice +
		"\n--b1\nContent-Type: message/delivery-status\n\n" + report +
		"\n--b1\nContent-Type: message/rfc822\n\n" + answerOriginal + "\n--b1--\n"
}

func (a serverAnswer) postfix() string {
	to := map[string]string{"rcpt": " (in reply to\n    RCPT TO command)", "data": " (in reply to end\n    of DATA command)"}[a.command]
	return multipartReport("MAILER-DAEMON@relay.example.jp (Mail Delivery System)", "Undelivered Mail Returned to Sender",
		"This is the mail system at host relay.example.jp.\n\n<taro@example.jp>: host mx.example.jp[192.0.2.9] said: "+a.words+to+"\n", a.report())
}

func (a serverAnswer) exim() string {
	after := map[string]string{
		"rcpt": "SMTP error from remote mail server after RCPT TO:<taro@example.jp>:\n    ",
		"data": "SMTP error from remote mail server after end of data:\n    ",
	}[a.command]
	return "Return-Path: <>\nFrom: Mail Delivery System <Mailer-Daemon@relay.example.jp>\nTo: owabi@example.jp\n" +
		"Subject: Mail delivery failed: returning message to sender\nX-Failed-Recipients: taro@example.jp\nAuto-Submitted: auto-replied\n" +
		"Content-Type: text/plain; charset=utf-8\n\n" +
		"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n" +
		"  taro@example.jp\n    " + after + "host mx.example.jp [192.0.2.9]: " + a.words +
		"\n\n------ This is a copy of the message, including all the headers. ------\n\n" + answerOriginal
}

func (a serverAnswer) sendmail() string {
	command, below := "RCPT To:<taro@example.jp>", "554 5.0.0 Service unavailable"
	if a.command == "data" {
		command = "DATA"
	}
	return multipartReport("Mail Delivery Subsystem <MAILER-DAEMON@relay.example.jp>", "Returned mail: see transcript for details",
		"   ----- The following addresses had permanent fatal errors -----\n<taro@example.jp>\n    (reason: "+a.words+
			")\n\n   ----- Transcript of session follows -----\n... while talking to mx.example.jp.:\n>>> "+command+"\n<<< "+a.words+"\n"+below+"\n", a.report())
}
