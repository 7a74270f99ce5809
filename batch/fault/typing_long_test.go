//go:build long

package fault

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
)

// typed is a command that people type, at its place in a month. It is made
// anew for each house, since its files lie there.
type typed struct {
	name string
	line func(h *house) []string
	half bool // killed, it leaves what is no house yet
}

// typedMonth is a month from its lists to what comes back, but for `work`.
func typedMonth(from string) []typed {
	fixed := func(line ...string) typed {
		return typed{name: line[0], line: func(*house) []string { return line }}
	}
	return []typed{
		fixed("user", "add", "kei", "--role", "audit"),
		{name: "import", line: func(h *house) []string {
			return []string{"import", "2023-02", "--as", "hana", "--retailers", h.path("lists/retailers.csv"), h.path("lists/list.csv")}
		}},
		fixed("render", "2023-02", "--as", "hana", "--date", "2023-02-08", "--keep"),
		fixed("approve", "2023-02", "--as", "jiro"),
		fixed("packets", "2023-02"),
		{name: "release", line: func(h *house) []string {
			return []string{"release", "2023-02", "--as", "jiro", "--expect", h.approved()}
		}},
		{}, // work
		{name: "evidence", line: func(h *house) []string {
			return []string{"evidence", h.path("relay.log"), "--as", "hana", "--complete-from", from, "--complete-to", h.logged}
		}},
		{name: "print receipt", line: func(h *house) []string { return []string{"print", "receipt", h.path("receipt.csv")} }},
		{name: "returned", line: func(h *house) []string { return []string{"returned", h.path("returned.csv")} }},
		{name: "bounce", line: func(h *house) []string { return []string{"bounce", h.path("bounce.eml")} }},
		fixed("decide", "--propose", "resend_print", "--reason", "came back", "--waiting", "bounced", "--month", "2023-02", "--as", "hana"),
		fixed("decide", "--decision", "1", "--confirm", "--as", "jiro"),
		fixed("mail", "pause", "--as", "hana"),
		fixed("mail", "resume", "--as", "jiro"),
	}
}

// backups are the last two: of the whole house, and into an empty one.
func (h *house) backups() []typed {
	h.t.Helper()
	key, err := age.GenerateX25519Identity()
	h.must(err)
	h.write("key.txt", key.String()+"\n")
	h.write("recipients.txt", key.Recipient().String()+"\n")
	h.vars["OSHIRASE_BACKUP_RECIPIENTS_FILE"] = h.path("recipients.txt")
	file, keys := h.path("house.age"), h.path("key.txt")
	return []typed{
		{name: "backup", line: func(at *house) []string { return []string{"backup", at.path(filepath.Base(file))} }},
		{name: "restore", line: func(*house) []string { return []string{"restore", file, "--identity", keys} }, half: true},
	}
}

// approved counts the letters that release can queue.
func (h *house) approved() string {
	h.t.Helper()
	n := 0
	for _, l := range h.ledger() {
		if l.state == "approved" || l.state == "queued_print" || l.state == "queued_email" {
			n++
		}
	}
	return fmt.Sprint(n)
}

// killTyped types a command that is killed at a failpoint and returns the
// failpoints it came by; without one it is typed undisturbed.
func (h *house) killTyped(point string, line []string) (killed bool, code int, reached []string, out string) {
	h.t.Helper()
	h.must(os.WriteFile(h.path("reached"), nil, 0o600))
	var said bytes.Buffer
	c := h.command(map[string]string{"OSHIRASE_REACHED": h.path("reached"), "OSHIRASE_FAILPOINT": point}, line...)
	c.Stdout, c.Stderr = &said, &said
	_ = c.Run()
	if c.ProcessState == nil {
		h.t.Fatal("the program does not start")
	}
	raw, err := os.ReadFile(h.path("reached"))
	h.must(err)
	status := c.ProcessState.Sys().(syscall.WaitStatus)
	return status.Signaled(), c.ProcessState.ExitCode(), strings.FieldsFunc(string(raw), func(r rune) bool { return r == '\n' }), said.String()
}

// picture is what must be the same whether or not a command was killed before.
func (h *house) picture() string {
	h.t.Helper()
	return told(states(h.ledger())) + "\n" + h.ok("user", "list", "--json")
}

// TestKilledWhileTyping kills every command of a month at every failpoint it
// comes by, each in a copy of the house: the invariants hold, and typed again
// it leads where it would have led.
func TestKilledWhileTyping(t *testing.T) {
	t.Parallel()
	s := seed(t)
	r := rand.New(rand.NewPCG(s, 7))
	base := newHouse(t, program(t), "")
	w := startWitness(t, base, "ok=8,lost-reply=1,drop-dot=1", s)
	base.ok("user", "add", "hana", "--role", "prepare")
	base.ok("user", "add", "jiro", "--role", "approve")
	base.ok("sample", "--contracts", "40", "--out", base.path("lists"))
	from := open([]*house{base}, w)
	kills, commands := 0, make(map[string]int)
	for _, c := range typedMonth(from) {
		if c.name == "" {
			base.finish()
			base.prepareReturns(w)
			continue
		}
		n := base.killAtEach(t, r, c)
		kills, commands[c.name] = kills+n, commands[c.name]+n
		base.ok(c.line(base)...)
	}
	for i, c := range base.backups() {
		h := base
		if i > 0 {
			h = newHouse(t, base.bin, "") // a backup is restored into an empty home
		}
		n := h.killAtEach(t, r, c)
		kills, commands[c.name] = kills+n, commands[c.name]+n
		h.ok(c.line(h)...)
	}
	t.Logf("%d kills in typed commands: %v", kills, commands)
}

// killAtEach kills a command at each of its failpoints, or at FAULT_TYPED of
// them.
func (h *house) killAtEach(t *testing.T, r *rand.Rand, c typed) (kills int) {
	t.Helper()
	whole := h.copy(t)
	_, _, points, _ := whole.killTyped("", c.line(whole))
	want := whole.picture()
	if len(points) == 0 {
		t.Errorf("%s comes by no failpoint", c.name)
	}
	slices.Sort(points)
	r.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	for _, point := range points[:min(len(points), size("TYPED", len(points)))] {
		again := h.copy(t)
		killed, code, _, out := again.killTyped(point+"@1", c.line(again))
		if !killed {
			t.Errorf("%s was not killed at %q: %d\n%s", c.name, point, code, out)
			continue
		}
		kills++
		if !c.half {
			for _, b := range again.reconcile() {
				t.Errorf("%s killed at %q: %s", c.name, point, b)
			}
		}
		code, said := again.run(c.line(again)...)
		if got := again.picture(); got != want || code == 1 {
			t.Errorf("%s killed at %q and typed again (%d): got %s\nwant %s\n%s", c.name, point, code, got, want, said)
		}
		if c.half {
			again.ok("packets", "2023-02") // a backup does not hold them
		}
		for _, b := range again.reconcile() {
			t.Errorf("%s killed at %q and typed again: %s", c.name, point, b)
		}
	}
	return kills
}

// prepareReturns writes what comes back after the letters have left.
func (h *house) prepareReturns(w *witness) {
	h.t.Helper()
	h.turnClock(2 * time.Hour)
	w.knock(h)
	h.logged = h.now().Format(statement) // the log reaches no further, however long the kills take
	receipt, returned := "お問合せ番号,状態,投函日\r\n", "お問合せ番号,状態,理由\r\n"
	mails := ""
	for _, l := range h.ledger() {
		switch l.state {
		case "handed_over":
			receipt += l.id + ",投函済,2023/2/8\r\n"
			returned = "お問合せ番号,状態,理由\r\n" + l.id + ",返戻,あて所に尋ねあたりません\r\n"
		case "accepted":
			mails = l.messageID
		}
	}
	h.write("receipt.csv", receipt)
	h.write("returned.csv", returned)
	h.write("bounce.eml", bounceOf(mails))
}

// bounceOf is what a mail server says of a mailbox that is not there.
func bounceOf(messageID string) string {
	return strings.ReplaceAll(`From: MAILER-DAEMON@relay.example.jp (Mail Delivery System)
To: bounce@bounce.example.jp
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<taro@example.jp>: host mx.example.jp said: 550 5.1.1 User unknown

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.jp

Final-Recipient: rfc822; taro@example.jp
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: message/rfc822

From: oshirase@example.jp
Message-ID: `, "\n", "\r\n") + messageID + "\r\nSubject: x\r\n\r\nx\r\n\r\n--b--\r\n"
}
